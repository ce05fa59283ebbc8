"""Serving over HTTP: gunicorn keeps worker processes, each with a loop and threads of our own."""

import gc
import logging
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import structlog
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from producer.gate import check_parser
from producer.listening import base_address, listen
from producer.serving.exchange import Observe, unobserved
from producer.serving.loop import Loop
from producer.serving.requests import Environ
from producer.settings import ServerSettings
from producer.wsgi import StartResponse

log = structlog.get_logger(__name__)


class Application(Protocol):
    """What is served: a WSGI application that can be told that the process is to stop."""

    def __call__(self, environ: Environ, start_response: StartResponse, /) -> Iterable[bytes]:
        """Answer one HTTP request."""

    def stop(self) -> None:
        """Let nobody wait for what may not come any more."""


_NOTIFY_SECONDS = 1.0
_SPARE_FILES = 256
"""Files that a process has open beside its connections: databases, connections to others."""


class _Logger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Hands gunicorn's messages to the application's logging instead of formatting them itself."""

    def setup(self, cfg: Any) -> None:
        self.error_log = logging.getLogger("gunicorn.error")
        self.error_log.propagate = True  # gunicorn has just set it to False
        self.access_log = logging.getLogger("gunicorn.access")


_STOPPING = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}


class _Arbiter(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """Lets no worker miss that it is told to stop.

    A forked worker has the arbiter's signal handlers until it has set its own, and they only note the signal
    for the arbiter. A stop that came then was lost, and the service took the whole graceful timeout to end.
    """

    def handle_hup(self) -> None:
        """Go on: what a reload would read again is read when it changes, or at the next start.

        gunicorn would open its listener anew, which is ours, and end.
        """
        log.info("hangup_ignored")

    def handle_usr2(self) -> None:
        """Go on: a second service is started by whoever keeps services, on an address of its own."""
        log.info("hangup_ignored")

    def spawn_worker(self) -> Any:
        """Fork a worker that gets the signals to stop when it can act on them."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
        try:
            return super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)


class _Worker(Worker):  # type: ignore[misc]  # gunicorn has no types
    """A worker process: our loop in gunicorn's frame."""

    _next_notify = 0.0

    def init_signals(self) -> None:
        """Set the worker's handlers, then let the signals in that were held back during the fork."""
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)

    def handle_exit(self, sig: Any, frame: Any) -> None:
        """Take no more connections, and let nobody wait for what may not come: the stop waits for them."""
        super().handle_exit(sig, frame)
        application: Application | None = getattr(self, "wsgi", None)  # none before the worker has made it
        if application is not None:
            application.stop()

    def run(self) -> None:
        """Serve until told to stop, and then until what has been begun is answered."""
        settings: ServerSettings = self.app.settings
        loop = Loop(self.sockets, self.wsgi, _with_files(settings), self._base(settings), self.app.observe)
        loop.wake_by(self.PIPE[0])
        while self.alive and self.ppid == os.getppid():
            self._turn(loop)
        loop.stop()
        until = time.monotonic() + settings.stop_seconds
        while not loop.idle and time.monotonic() < until:
            self._turn(loop)

    def _turn(self, loop: Loop) -> None:
        now = time.monotonic()
        if now >= self._next_notify:
            self._next_notify = now + _NOTIFY_SECONDS
            self.notify()
        loop.turn()

    def _base(self, settings: ServerSettings) -> Environ:
        """Return what is the same in the WSGI environment of all requests (PEP 3333)."""
        host, port = self.sockets[0].getsockname()[:2]
        return {
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_SOFTWARE": "fastkontakt",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http" if settings.tls is None else "https",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": settings.workers > 1,
            "wsgi.run_once": False,
        }


def _with_files(settings: ServerSettings) -> ServerSettings:
    """Let the process open a file for each connection, or settle for as many connections as it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = settings.connections + _SPARE_FILES
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed == wanted:
        return settings
    connections = max(10, allowed - _SPARE_FILES)
    log.warning("few_files", allowed=allowed, connections=connections)
    return settings.model_copy(update={"connections": connections})


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(
        self,
        settings: ServerSettings,
        make: Callable[[], Application],
        ready: Callable[[], None],
        listener: socket.socket,
        observe: Observe,
    ) -> None:
        self.settings, self.observe = settings, observe
        self._make, self._ready, self._listener = make, ready, listener
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": f"fd://{self._listener.detach()}",
            "worker_class": _Worker,
            "workers": self.settings.workers,
            "graceful_timeout": self.settings.stop_seconds + 1,
            "logger_class": _Logger,
            "control_socket_disable": True,  # by it anybody with the user's rights could stop and add workers
            "when_ready": lambda _: self._ready(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        """Serve until told to stop."""
        _Arbiter(self).run()

    def load(self) -> Application:
        """Make the application; runs in each worker, so that no connection is shared between processes."""
        return self._make()


def serve(
    settings: ServerSettings,
    make: Callable[[], Application],
    ready: Callable[[str], None],
    *,
    listener: socket.socket | None = None,
    observe: Observe = unobserved,
) -> None:
    """Serve until told to stop. Does not return: gunicorn ends the process.

    Args:
        settings: Where to listen, and with how many workers.
        make: Makes the WSGI application of one worker process.
        ready: Called once with the base address when connections are accepted.
        listener: What `producer.listening.listen` returned, where the port has been taken already.
        observe: Counts events of the server, in the worker process where they are.

    Raises:
        ListenError: Nobody can listen where the settings say.
        TlsError: A certificate or key cannot be used.
        UnsafeParserError: The XML parser lets through what it must not.
    """
    check_parser()
    listener = listener or listen(settings)
    base = base_address(settings, listener)
    # What is loaded by now is there for good. No collection of garbage needs to walk it again, which would
    # hold up every call of a worker for some 60 ms.
    gc.freeze()
    _Server(settings, make, lambda: ready(base), listener, observe).run()
