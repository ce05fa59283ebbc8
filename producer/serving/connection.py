"""A connection: its socket, what is read of it, and what it waits for."""

import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto

from producer.serving.requests import BadRequestError, Environ, HttpRequest, Reader

_AT_ONCE = 65_536


class State(Enum):
    """What a connection is at. In all but ANSWERING it is the loop's, which cuts it when its time is up."""

    HELLO = auto()
    HEAD = auto()
    BODY = auto()
    IDLE = auto()
    ANSWERING = auto()
    SENDING = auto()
    LEAVING = auto()


@dataclass(slots=True, eq=False)
class Connection:
    """A client's connection. One thread at a time has it.

    Attributes:
        peer: Address of the client.
        base: What is the same in the environment of all its requests.
        since: When it came to its state, by `time.monotonic`.
        deadline: Until when it may stay there.
        problem: Why nothing more can be read of it.
        request: The request that is being answered.
        used: Whether a request has come whole on it.
        keep: Whether it is kept after the answer that is being sent.
    """

    socket: socket.socket
    peer: str
    base: Environ
    reader: Reader
    state: State
    since: float
    deadline: float
    problem: BadRequestError | None = None
    request: HttpRequest | None = None
    used: bool = False
    keep: bool = False
    outgoing: memoryview = field(default_factory=lambda: memoryview(b""))

    @property
    def held_bytes(self) -> int:
        """Bytes of bodies that are kept for it."""
        return self.reader.buffered + (len(self.request.body) if self.request is not None else 0)

    def begin(self, state: State, now: float, seconds: float) -> None:
        """Come to a state, for so many seconds at most."""
        self.since, self.deadline = now, now + seconds
        self.state = state

    def receive(self) -> bytes | None:
        """Return what has come: nothing yet is None, and no bytes the end."""
        try:
            return self.socket.recv(_AT_ONCE)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        except OSError:
            return b""

    def read(self) -> bool:
        """Take in what has come; return whether the client is still there."""
        while True:
            data = self.receive()
            if data is None:
                return True
            if not data:
                return False
            try:
                self.reader.feed(data)
            except BadRequestError as problem:
                self.problem = problem
                return True
            # What TLS has decrypted shows no longer on the socket.
            if not isinstance(self.socket, ssl.SSLSocket) or not self.socket.pending():
                return True

    def send(self) -> bool:
        """Send what there is to send; return whether all is sent.

        Raises:
            OSError: The client is gone.
        """
        while self.outgoing:
            try:
                sent = self.socket.send(self.outgoing)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return False
            self.outgoing = self.outgoing[sent:]
        return True

    def say(self, data: bytes) -> None:
        """Send a few bytes, if they can be sent at once."""
        self.outgoing = memoryview(data)
        with suppress(OSError):
            self.send()

    def end(self) -> None:
        """Tell the client that nothing more comes.

        Raises:
            OSError: The client is gone.
        """
        if isinstance(self.socket, ssl.SSLSocket):
            # It says so in TLS too, and does not wait for the client to say the same.
            with suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
                self.socket.unwrap()
        self.socket.shutdown(socket.SHUT_WR)
