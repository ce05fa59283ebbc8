"""Connections to PostgreSQL that give up in time, whatever has become of the server or the way to it.

The server's own time-outs (statement_timeout, lock_timeout) stop what it is slow with or made to wait for.
A server that is frozen keeps none of them, and its machine still acknowledges what it is sent, so that TCP
finds nothing wrong either: there the client's wait has an end.
"""

import select
from typing import Any

import psycopg
from psycopg import errors, waiting

from register.limits import seconds_left, within

CONNECT_SECONDS = 2
"""For each address of the server; the driver takes no less."""

_TCP = {
    "connect_timeout": CONNECT_SECONDS,
    # What swallows packets, as a cable or a firewall, is found out also by those who wait without a limit.
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""Parameters of libpq; one that the URL sets is the URL's."""

_PING_SECONDS = 1.0


class _ServerCursor(psycopg.ServerCursor[Any]):
    """Goes without a warning where its connection was closed under it: there is nothing left to close."""

    def __del__(self, *arguments: Any) -> None:
        if not self.connection.closed:
            super().__del__(*arguments)


class LimitedConnection(psycopg.Connection[Any]):
    """Keeps the limits of `register.limits`, or one of its own where a thread has set none.

    Attributes:
        silence_seconds: How long the server may be silent where the thread has no limit; None: for ever.
    """

    silence_seconds: float | None = None
    _looking: Any = None

    def __del__(self, *_: Any) -> None:
        """Close it where nobody has: whoever was cut off may have left it behind."""
        if hasattr(self, "pgconn"):
            self.pgconn.finish()

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for the server.

        Raises:
            psycopg.OperationalError: It has not answered in time; the connection is closed.
        """
        limit = timeout or seconds_left() or self.silence_seconds
        if limit is None:
            return super().wait(gen, interval)
        try:  # as it does itself, and every microsecond here is one of each statement of a call
            return waiting.wait(gen, self.pgconn.socket, interval, limit)
        except errors._WaitTimeout:
            self.pgconn.finish()  # what it waits for may still come, and would be taken for something else
            raise psycopg.OperationalError("the database server has not answered in time") from None
        except (KeyboardInterrupt, SystemExit):
            self.pgconn.finish()
            raise

    def has_news(self) -> bool:
        """Tell whether the server has said something that was not asked for: most likely, farewell."""
        if self._looking is None:
            self._looking = select.poll()
            self._looking.register(self.pgconn.socket, select.POLLIN)
        return bool(self._looking.poll(0))

    def answers(self) -> bool:
        """Tell whether the server answers at all, which takes a second at most."""
        before = self.autocommit
        try:
            with within(_PING_SECONDS):
                self.autocommit = True
                self.execute("")
                self.autocommit = before
        except psycopg.Error:
            return False
        return True


def connect(
    arguments: list[Any], parameters: dict[str, Any], silence_seconds: float | None = None
) -> LimitedConnection:
    """Connect, with time-outs where the URL has none.

    Args:
        arguments: Of the driver's own `connect`.
        parameters: Likewise.
        silence_seconds: As of `LimitedConnection`.

    Raises:
        psycopg.OperationalError: It cannot be done.
    """
    made = LimitedConnection.connect(*arguments, **_TCP | parameters)
    made.silence_seconds = silence_seconds
    made.server_cursor_factory = _ServerCursor
    return made


def set_timeouts(connection: psycopg.Connection[Any], lock_seconds: float, call: bool) -> None:
    """Tell the server how long statements of a connection may wait, and of a call take.

    Args:
        connection: The connection.
        lock_seconds: How long they may wait for a lock.
        call: Whether it is for calls: no statement may then take longer than that either, and a transaction
            that is left open, as by a process that is frozen, is ended.
    """
    milliseconds = round(lock_seconds * 1000)
    timeouts = {"lock_timeout": milliseconds}
    if call:
        timeouts |= {
            "statement_timeout": milliseconds,
            "idle_in_transaction_session_timeout": 10 * milliseconds,
        }
    for name, value in timeouts.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, f"{value}ms"))
    connection.commit()
