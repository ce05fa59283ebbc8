"""Writing to the audit log: whoever waits in a process has one commit for all (docs/adr/0020)."""

import json
import time
import weakref
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Event, Lock
from typing import Any, NamedTuple

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from register.engine import cut_row_values

Row = dict[str, Any]


class AuditConnection(NamedTuple):
    """A kept connection that rows are written through.

    Attributes:
        insert: Makes the rows of a JSON text durable, all or none, and waits so many seconds for its turn.
        usable: Tells whether it still leads to the log that is there.
        close: Closes it.
        lost: The driver's error for what no row is to blame for: a lock, a full disk, a lost connection.
    """

    insert: Callable[[str, float], None]
    usable: Callable[[], bool]
    close: Callable[[], None]
    lost: type[Exception]


class _Caller:
    """Somebody who waits for rows to be durable."""

    __slots__ = ("error", "leads", "rows", "settled", "until", "woken")

    def __init__(self, rows: Sequence[Row], until: float) -> None:
        self.rows = rows
        self.until = until
        self.woken = Event()
        self.leads = False
        self.settled = False
        self.error: Exception | None = None


class AuditWriter:
    """Writes for all threads of a process. Whoever finds nobody writing commits for all that wait.

    Those who come meanwhile queue, and the first of them has the next commit, for all of them. No thread is
    kept for it, and nobody looks again and again whether it is done.

    Args:
        connect: Makes the connection, in the process that uses it, when the first row is written.
        seconds: How long a caller waits at most.
    """

    def __init__(self, connect: Callable[[], AuditConnection], seconds: float) -> None:
        self._connect = connect
        self._seconds = seconds
        self._lock = Lock()
        self._queue: list[_Caller] = []
        self._led = False
        self._connection: AuditConnection | None = None
        self._unless_closed: weakref.finalize[..., AuditWriter] | None = None

    def write(self, rows: Sequence[Row], seconds: float | None = None) -> None:
        """Make rows durable, in the order of the calls; when they came is written into them, in UTC.

        Args:
            rows: The rows; none tries whether the log would take some.
            seconds: How long to wait at most; None: as ever.

        Raises:
            sqlalchemy.exc.OperationalError: They are not durable, or it took too long to know.
        """
        wait = self._seconds if seconds is None else min(seconds, self._seconds)
        with self._lock:
            came = datetime.now(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
            for row in rows:
                row["logged_at"] = came
            mine = _Caller(rows, time.monotonic() + wait)
            self._queue.append(mine)
            mine.leads, self._led = not self._led, True
        if not mine.leads:
            self._wait(mine, wait)
        if not mine.settled:
            self._commit_for_all(mine)
        if mine.error is not None:
            raise _refusal(mine.error)

    def close(self) -> None:
        """Close the connection; the next row opens another."""
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        if self._unless_closed is not None:
            self._unless_closed.detach()

    def _wait(self, mine: _Caller, seconds: float) -> None:
        """Wait until the rows are settled, or it is for their caller to lead.

        Raises:
            sqlalchemy.exc.OperationalError: Neither came in time: whoever leads has got stuck.
        """
        try:
            mine.woken.wait(seconds)
        except BaseException:
            with self._lock:
                self._forget(mine)
                if mine.leads and not mine.settled:
                    self._pass_on()
            raise
        with self._lock:
            if mine.woken.is_set():
                return
            self._forget(mine)
        raise _refusal(TimeoutError(f"not written within {seconds:g} s"))

    def _forget(self, mine: _Caller) -> None:
        if mine in self._queue:  # else it is in a commit under way, which nobody can take back
            self._queue.remove(mine)

    def _pass_on(self) -> None:
        """Have the first of those who wait lead, if any do."""
        if self._queue:
            self._queue[0].leads = True
            self._queue[0].woken.set()
        else:
            self._led = False

    def _commit_for_all(self, leader: _Caller) -> None:
        with self._lock:
            group, self._queue = self._queue, []
        failure: Exception | None = Interrupted("the thread that wrote for others was stopped")
        try:
            self._commit(group, leader.until - time.monotonic())
            failure = None
        except Exception as error:
            failure = error
        finally:
            with self._lock:
                for one in group:
                    one.error = one.error or failure
                    one.settled = True
                    one.woken.set()
                self._pass_on()

    def _commit(self, group: list[_Caller], seconds: float) -> None:
        """Commit the rows of a group at once, or each caller's alone where a row is to blame."""
        try:
            self._insert([row for one in group for row in one.rows], seconds)
        except Exception as error:
            if self._lost(error):
                self.close()
                raise
            if len(group) == 1:
                raise
            for one in group:
                try:
                    self._insert(one.rows, seconds)
                except Exception as own:
                    one.error = own

    def _lost(self, error: Exception) -> bool:
        """Tell whether no row is to blame for an error."""
        connection = self._connection
        return connection is None or isinstance(error, (connection.lost, SQLAlchemyError, OSError))

    def _insert(self, rows: Sequence[Row], seconds: float) -> None:
        if self._connection is not None and not self._connection.usable():
            self.close()
        if self._connection is None:
            self._connection = self._connect()
            # A row that comes after `close` opens one that nobody closes.
            self._unless_closed = weakref.finalize(self, self._connection.close)
        self._connection.insert(json.dumps(rows, ensure_ascii=False), max(seconds, 0.0))


class Interrupted(Exception):
    """Whoever wrote a group of rows was stopped before it knew what became of them."""


def _refusal(error: Exception) -> OperationalError:
    """Return an error of each caller's own, with what is wrong and nothing of any row."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    cut_row_values(cause)
    return OperationalError("INSERT INTO audit", None, cause, hide_parameters=True)
