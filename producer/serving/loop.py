"""The loop of a worker process: takes connections, reads whole requests, sends what is left of answers.

It never waits for a client. A connection is watched for one event at a time (EPOLLONESHOT), so between the
request and its answer it is the thread's that answers, which hands it back by having it watched again.
"""

import select
import socket
import ssl
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import structlog

from producer.listening import close_without_loss
from producer.serving import answers
from producer.serving.answers import Application
from producer.serving.connection import Connection, State
from producer.serving.connections import Connections
from producer.serving.exchange import PEER_CERTIFICATE, REFUSED, Exchange, Observe
from producer.serving.requests import Environ, Reader
from producer.serving.waiting import Threads
from producer.settings import ServerSettings
from producer.tls import Certificates

log = structlog.get_logger(__name__)

_IN, _OUT = select.EPOLLIN | select.EPOLLONESHOT, select.EPOLLOUT | select.EPOLLONESHOT
_LOOK_SECONDS = 0.25
_QUEUE_LOOK_SECONDS = 0.05
_LEAVE_SECONDS = 5.0
_CERTIFICATE_SECONDS = 5.0
_COLD_SECONDS = 10.0
"""A process that has just begun is slow at its first calls, and they are worth waiting for."""

_STOP_IDLE_SECONDS = 1.0
_STOP_BODY_SECONDS = 4.0
_HELLOS_AT_ONCE = 4
"""A hello costs some milliseconds of processor: calls that have come are read between a few and the next."""


class Loop:
    """Connections of a process, and what each waits for.

    Args:
        listeners: Where connections come in.
        application: Answers requests.
        settings: How long and how much.
        base: What is the same in the environment of all requests.
        observe: Counts what becomes of connections and calls.

    Attributes:
        stopping: Whether connections end after their answer, and none are taken.
    """

    def __init__(
        self,
        listeners: Sequence[socket.socket],
        application: Application,
        settings: ServerSettings,
        base: Environ,
        observe: Observe,
    ) -> None:
        self.stopping = False
        self._application, self._settings, self._base, self._observe = application, settings, base, observe
        self._certificates = Certificates(settings.tls) if settings.tls is not None else None
        self._poll = select.epoll()
        self._listeners = {one.fileno(): one for one in listeners}
        for number in self._listeners:
            self._poll.register(number, select.EPOLLIN)
        self._connections = Connections(settings, observe)
        self._hellos: deque[Connection] = deque()
        self._queue: deque[Exchange] = deque()
        self._threads: Threads[Exchange] = Threads(settings.threads, settings.waiting, self._take)
        self._next_look = self._next_certificate = 0.0
        self._cold_until = time.monotonic() + _COLD_SECONDS

    @property
    def idle(self) -> bool:
        """Whether there is no connection left."""
        return not self._connections

    def wake_by(self, number: int) -> None:
        """Have `turn` return when something can be read from a file, given by its number; nobody reads it."""
        self._poll.register(number, select.EPOLLIN | select.EPOLLET)

    def turn(self) -> None:
        """Do what there is to do, after waiting a moment for it."""
        seconds = _QUEUE_LOOK_SECONDS if self._queue else _LOOK_SECONDS
        for number, _ in self._poll.poll(0 if self._hellos else seconds):
            connection = self._connections.get(number)
            if connection is not None:
                self._on(connection)
            elif number in self._listeners:
                self._accept(self._listeners[number])
        for _ in range(min(_HELLOS_AT_ONCE, len(self._hellos))):
            self._hello(self._hellos.popleft())
        now = time.monotonic()
        self._refuse_late(now)
        if now >= self._next_look:
            self._next_look = now + _LOOK_SECONDS
            self._look(now)

    def stop(self) -> None:
        """Take what has already come to the listeners and nothing more, and give nobody long."""
        self.stopping = True
        for number, listener in self._listeners.items():
            self._poll.unregister(number)
            close_without_loss(listener, partial(self._accept, listener))
        self._listeners = {}
        now = time.monotonic()
        left = {State.BODY: _STOP_BODY_SECONDS, State.SENDING: _STOP_BODY_SECONDS}
        for one in self._connections:
            if one.state is not State.ANSWERING:
                one.deadline = min(one.deadline, now + left.get(one.state, _STOP_IDLE_SECONDS))

    def _on(self, connection: Connection) -> None:
        match connection.state:
            case State.HELLO:
                self._hellos.append(connection)
            case State.SENDING:
                self._send(connection)
            case State.LEAVING:
                self._leave_on(connection)
            case State.ANSWERING:
                pass
            case _:
                self._read(connection)

    def _accept(self, listener: socket.socket) -> bool:
        """Take a connection; return whether there was one."""
        try:
            taken, address = listener.accept()
        except BlockingIOError:
            return False
        except OSError:  # the client is gone again, or there are too many open files
            return self._connections.cut_slowest("files", None)
        taken.setblocking(False)
        peer, port = str(address[0]).removeprefix("::ffff:"), address[1]
        settings, now = self._settings, time.monotonic()
        self._connections.make_room(peer)
        state, seconds = State.HEAD, settings.head_seconds
        if self._certificates is not None and settings.tls is not None:
            state, seconds = State.HELLO, settings.tls.hello_seconds
            try:
                context = self._certificates.context
                taken = context.wrap_socket(taken, server_side=True, do_handshake_on_connect=False)
            except OSError:  # gone
                taken.close()
                return True
        base = self._base | {"REMOTE_ADDR": peer, "REMOTE_PORT": str(port), PEER_CERTIFICATE: None}
        reader = Reader(settings.max_head_bytes, settings.max_body_bytes)
        until = now + self._within(seconds)
        self._connections.add(Connection(taken, peer, base, reader, state, now, until))
        self._poll.register(taken.fileno(), _IN)
        return True

    def _hello(self, connection: Connection) -> None:
        tls = connection.socket
        if connection.state is not State.HELLO or not isinstance(tls, ssl.SSLSocket):
            return  # cut meanwhile
        try:
            tls.do_handshake()
            connection.base[PEER_CERTIFICATE] = tls.getpeercert(binary_form=True)
        except ssl.SSLWantReadError:
            self._watch(connection, _IN)
        except ssl.SSLWantWriteError:
            self._watch(connection, _OUT)
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or type(error).__name__
            log.warning("tls_failed", peer=connection.peer, reason=reason)
            self._observe("tls_failed", str(reason))
            self._connections.close(connection)
        else:
            connection.begin(State.HEAD, time.monotonic(), self._settings.head_seconds)
            self._read(connection)

    def _read(self, connection: Connection) -> None:
        if not connection.read():
            self._connections.close(connection)
            return
        self._go_on(connection)
        if connection.state is State.BODY:
            self._connections.cut_heaviest()

    def _go_on(self, connection: Connection) -> None:
        """Answer the next request that is whole, or wait for more of it."""
        reader, now = connection.reader, time.monotonic()
        if reader.whole:
            connection.request, connection.used = reader.whole.popleft(), True
            connection.begin(State.ANSWERING, now, 0)
            exchange = Exchange(connection, connection.request, now)
            self._queue.append(exchange)
            self._threads.put(exchange)
            return
        if connection.problem is not None:
            log.warning("http_failed", error=connection.problem.status, peer=connection.peer)
            self._respond(connection, answers.plain(connection.problem.status), keep=False)
            return
        if reader.in_body:
            if connection.state is not State.BODY:
                seconds = self._within(self._settings.body_seconds, _STOP_BODY_SECONDS)
                connection.begin(State.BODY, now, seconds)
                if reader.expects and not reader.buffered:
                    connection.say(answers.CONTINUE)
        elif reader.begun or not connection.used:
            if connection.state is not State.HEAD:
                connection.begin(State.HEAD, now, self._within(self._settings.head_seconds))
        elif connection.state is not State.IDLE:
            connection.begin(State.IDLE, now, self._within(self._settings.keep_alive_seconds))
        self._watch(connection, _IN)

    def _take(self, exchange: Exchange) -> None:
        """Answer a request, in a thread."""
        if exchange.take():
            self._answer(exchange)

    def _answer(self, exchange: Exchange, *, refused: bool = False) -> None:
        request, connection = exchange.request, exchange.connection
        keep = request.keep_alive and not self.stopping
        environ = request.environ(connection.base)
        if refused:
            environ[REFUSED] = True
        try:
            data = answers.of_application(self._application, environ, keep)
        except Exception as error:  # the boundary: a thread and a connection go on, and nothing of it is told
            log.error("application_failed", error=type(error).__name__)
            data, keep = answers.plain("500 Internal Server Error"), False
        self._respond(connection, data, keep)

    def _respond(self, connection: Connection, data: bytes, keep: bool) -> None:
        connection.outgoing, connection.keep, connection.request = memoryview(data), keep, None
        self._send(connection)

    def _send(self, connection: Connection) -> None:
        try:
            if not connection.send():
                if connection.state is not State.SENDING:
                    connection.begin(State.SENDING, time.monotonic(), self._settings.body_seconds)
                self._watch(connection, _OUT)
            elif connection.keep:
                self._go_on(connection)
            else:
                connection.begin(State.LEAVING, time.monotonic(), self._within(_LEAVE_SECONDS))
                connection.end()
                self._watch(connection, _IN)
        except OSError:  # the client is gone; the loop closes it at its next look
            connection.begin(State.LEAVING, 0.0, 0.0)

    def _leave_on(self, connection: Connection) -> None:
        """Read what an ended connection still sends: closed over it, it would take the answer with it."""
        data = connection.receive()
        if data == b"":
            self._connections.close(connection)
        else:
            self._watch(connection, _IN)

    def _refuse_late(self, now: float) -> None:
        """Refuse what has waited too long for a thread that has been used."""
        if now < self._cold_until and self._threads.used < self._settings.threads:
            return
        while self._queue:
            first = self._queue[0]
            if not first.taken:
                if now - first.came < self._settings.queue_seconds:
                    return
                if first.take():
                    self._refuse(first)
            self._queue.popleft()

    def _refuse(self, exchange: Exchange) -> None:
        self._observe("call_refused", "overload")
        if exchange.request.method == "POST":
            self._answer(exchange, refused=True)
        else:
            self._respond(exchange.connection, answers.plain("503 Service Unavailable"), keep=False)

    def _look(self, now: float) -> None:
        self._connections.cut_overdue(now, stopping=self.stopping)
        self._connections.cut_heaviest()
        self._connections.tell()
        if self._certificates is not None and now >= self._next_certificate:
            self._next_certificate = now + _CERTIFICATE_SECONDS
            self._certificates.renew()

    def _within(self, seconds: float, when_stopping: float = _STOP_IDLE_SECONDS) -> float:
        return min(seconds, when_stopping) if self.stopping else seconds

    def _watch(self, connection: Connection, event: int) -> None:
        # One that the loop has cut at this very moment is watched no more.
        with suppress(OSError, ValueError):
            self._poll.modify(connection.socket.fileno(), event)
