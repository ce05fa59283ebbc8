"""The connections of a process, and which of them are cut."""

import time
from collections import Counter
from collections.abc import Iterator

import structlog

from producer.serving import answers
from producer.serving.connection import Connection, State
from producer.serving.exchange import Observe
from producer.settings import ServerSettings

log = structlog.get_logger(__name__)

_MOST_HELD_BYTES = 64 * 1_048_576
"""Bytes of bodies that a process keeps at most."""

_WEIGH_SECONDS = 0.05

_REASONS = {State.HELLO: "hello", State.HEAD: "head", State.BODY: "body", State.SENDING: "answer"}
"""Why a connection is cut whose time is up in a state. In the others it just ends."""


class Connections:
    """Open connections. All but `get` is for the loop's thread alone."""

    def __init__(self, settings: ServerSettings, observe: Observe) -> None:
        self._settings, self._observe = settings, observe
        self._all: dict[int, Connection] = {}
        self._peers: Counter[str] = Counter()
        self._cut: Counter[tuple[str, str]] = Counter()
        self._next_weighing = 0.0

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._all.values()))

    def get(self, number: int) -> Connection | None:
        """Return the connection whose socket has a number."""
        return self._all.get(number)

    def add(self, connection: Connection) -> None:
        """Take in a connection."""
        self._all[connection.socket.fileno()] = connection
        self._peers[connection.peer] += 1

    def close(self, connection: Connection) -> None:
        """Close a connection that is in here."""
        connection.begin(State.LEAVING, 0.0, 0.0)
        del self._all[connection.socket.fileno()]
        self._peers[connection.peer] -= 1
        if not self._peers[connection.peer]:
            del self._peers[connection.peer]
        connection.socket.close()

    def make_room(self, peer: str) -> None:
        """Cut a connection where one more of a peer would be too many."""
        if self._peers[peer] >= self._settings.connections_per_peer:
            self.cut_slowest("peer", peer)
        elif len(self._all) >= self._settings.connections:
            self.cut_slowest("connections", None)

    def cut_slowest(self, reason: str, peer: str | None) -> bool:
        """Cut the connection that has been waited for longest, of a peer or of all; return if there was one.

        One that has begun something and does not end it goes before one that rests.
        """
        waiting = [
            one for one in self._all.values() if one.state is not State.ANSWERING and peer in (None, one.peer)
        ]
        if not waiting:
            return False
        self._cut_off(min(waiting, key=lambda one: (one.state not in _REASONS, one.since)), reason)
        return True

    def cut_overdue(self, now: float, *, stopping: bool) -> None:
        """Cut those whose time is up; one that has begun a request is told so, if it still listens."""
        for one in self:
            if one.state is State.ANSWERING or one.deadline > now:
                continue
            reason = _REASONS.get(one.state)
            if reason is None:
                self.close(one)
                continue
            if one.reader.begun:
                one.say(answers.plain("408 Request Timeout"))
            self._cut_off(one, "stop" if stopping else reason)

    def cut_heaviest(self) -> None:
        """Cut those with the largest bodies while all bodies together are too large."""
        now = time.monotonic()
        if now < self._next_weighing:
            return
        self._next_weighing = now + _WEIGH_SECONDS
        while sum(one.held_bytes for one in self._all.values()) > _MOST_HELD_BYTES:
            bodies = [one for one in self._all.values() if one.state is State.BODY]
            if not bodies:
                return
            self._cut_off(max(bodies, key=lambda one: one.held_bytes), "memory")

    def tell(self) -> None:
        """Log and count what has been cut since the last time, a line for each reason and peer."""
        for (reason, peer), number in self._cut.items():
            log.warning("connection_cut", reason=reason, peer=peer, connections=number)
            for _ in range(number):
                self._observe("connection_cut", reason)
        self._cut.clear()

    def _cut_off(self, connection: Connection, reason: str) -> None:
        self._cut[(reason, connection.peer)] += 1
        self.close(connection)
