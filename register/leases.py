"""Who of several processes does a piece of work that one is enough for (design rule 11).

A lease runs out by itself, so that the work of a process that has died goes on in another. Two may hold one
for a moment, when a process was held up for longer than its lease: what they do must bear that. Times are
naive UTC; one that lies so far ahead that it cannot be right, because a clock has been set back, is past.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select

from register.claims import CLOCKS_DIFFER
from register.database import INSERT, Register
from register.tables import lease

_UNTIL = select(lease.c.holder, lease.c.until).where(lease.c.name == bindparam("of"))


class Lease:
    """The lease of a piece of work, as one process sees it. For one thread.

    Args:
        register: The register.
        name: Of the work.
        holder: Of the process.
        seconds: How long it lasts when nothing is heard of the holder.
        utc_now: Returns the present as naive UTC.
    """

    def __init__(
        self, register: Register, name: str, holder: str, seconds: float, utc_now: Callable[[], datetime]
    ) -> None:
        self._register = register
        self._name = name
        self._holder = holder
        self._lasts = timedelta(seconds=seconds)
        self._utc_now = utc_now
        self._sure_until = time.monotonic()

    def held(self) -> bool:
        """Tell whether the work is this process's, taking or renewing the lease where that is due.

        Who has it writes once in half of its length, who has not reads one row.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The register does not answer.
        """
        if time.monotonic() < self._sure_until:
            return True
        with self._register.reading() as connection:
            if self._is_anothers(connection):
                return False
        with self._register.writing() as connection:
            if self._is_anothers(connection):
                return False
            self._take(connection)
        self._sure_until = time.monotonic() + self._lasts.total_seconds() / 2
        return True

    def give_back(self) -> None:
        """Let another process have the work at once.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The register does not answer.
        """
        self._sure_until = time.monotonic()
        with self._register.writing() as connection:
            connection.execute(
                delete(lease).where(lease.c.name == self._name, lease.c.holder == self._holder)
            )

    def _is_anothers(self, connection: Connection) -> bool:
        now = self._utc_now()
        found = connection.execute(_UNTIL, {"of": self._name}).one_or_none()
        if found is None or found.holder == self._holder:
            return False
        return bool(now < found.until <= now + self._lasts + CLOCKS_DIFFER)

    def _take(self, connection: Connection) -> None:
        values = {"holder": self._holder, "until": self._utc_now() + self._lasts}
        statement = INSERT[connection.dialect.name](lease).values(name=self._name, **values)
        connection.execute(statement.on_conflict_do_update(index_elements=[lease.c.name], set_=values))
