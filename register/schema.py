"""The version of the register's tables: what it is, and how it becomes the one this program needs."""

import random
import time
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table, text
from sqlalchemy.exc import OperationalError

from contracts.clock import swedish_now
from register import figures, triggers
from register.audit_files import make_table
from register.database import Register, open_register
from register.engine import RegisterError, parse_url
from register.settings import RegisterSettings

_VERSION = table("alembic_version", column("version_num"))
"""Alembic's own table; its one row has the revision that the tables are at."""


_NO_REGISTER = (
    "{place}: there is no register there (setting database.url). If yours is elsewhere, name its settings "
    "file with --config or in FASTKONTAKT_CONFIG; of the demo, in the folder where it was started, say: "
    "--config demo. To make a new register here: fastkontakt db upgrade"
)


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """Versions of the tables.

    Attributes:
        current: Revision the database is at; None when it holds no tables of ours.
        head: Revision this program needs.
        audit_missing: Files of the audit log that are gone, or empty, while the register's is there. None on
            PostgreSQL, where it is one of the register's tables.
    """

    current: str | None
    head: str
    audit_missing: list[Path]

    @property
    def audit_log(self) -> bool:
        """Whether the whole audit log is there."""
        return not self.audit_missing

    @property
    def up_to_date(self) -> bool:
        """Whether the program can use the database."""
        return self.current == self.head and self.audit_log


def status(register: Register) -> SchemaStatus:
    """Return the versions of the tables in the database and in this program."""
    head = revisions()[-1]
    with register.reading() as connection:
        current = revision(connection)
    return SchemaStatus(current, head, register.audit_files.missing() if register.audit_files else [])


def open_current_register(settings: RegisterSettings) -> Register:
    """Open the register and see that its tables are those of this version.

    Raises:
        RegisterError: It cannot be opened, or its tables are older or newer, or there is no audit log; the
            text says what to do.
    """
    url = parse_url(settings.url)
    if url.drivername == "sqlite" and not Path(str(url.database)).exists():
        raise RegisterError(_NO_REGISTER.format(place=Path(str(url.database)).absolute()))
    register = open_register(settings)
    found = status(register)
    if found.current is None:
        register.dispose()
        place = url.database if url.drivername == "sqlite" else url.render_as_string(hide_password=True)
        raise RegisterError(_NO_REGISTER.format(place=place))
    if found.current == found.head and not found.audit_log:
        register.dispose()
        raise RegisterError(
            f"{', '.join(map(str, found.audit_missing))}: holds no audit log; put back the file that belongs "
            "to the register, or start a new log with: fastkontakt db upgrade"
        )
    if not found.up_to_date:
        register.dispose()
        raise RegisterError(
            f"the register's tables are at {found.current} and this version needs {found.head}; "
            "run: fastkontakt db upgrade"
        )
    return register


def keep_others_out(connection: Connection, seconds: float = 60.0) -> None:
    """Have all tables to oneself until the transaction ends, so that changing them breaks no call.

    Calls wait meanwhile. Without it, on PostgreSQL, a call that reads two tables and a migration that changes
    them would wait for each other, and one of them be stopped. So the tables are taken all together or, when
    somebody holds one, let go again before anybody is stopped. SQLite has nothing to take: readers see the
    tables as they were.

    Raises:
        RegisterError: Somebody reads all the time.
    """
    if connection.dialect.name != "postgresql":
        return
    quote = connection.dialect.identifier_preparer.quote
    tables = ", ".join(quote(name) for name in inspect(connection).get_table_names())
    if not tables:
        return
    give_up = time.monotonic() + seconds
    while True:
        try:
            with connection.begin_nested():
                # Less than deadlock_timeout, after which PostgreSQL itself would stop somebody: 1 s.
                connection.execute(text("SET LOCAL lock_timeout = '200ms'"))
                connection.execute(text(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"))
                connection.execute(text("SET LOCAL lock_timeout = 0"))
            return
        except OperationalError:
            if time.monotonic() > give_up:
                raise RegisterError(
                    f"somebody else has used the register's tables for {seconds:g} s, as a load "
                    "or a long query does; run again when it has ended: fastkontakt db upgrade"
                ) from None
            time.sleep(random.uniform(0.05, 0.2))  # noqa: S311 - so as not to meet the same reader in step


def upgrade(register: Register) -> None:
    """Bring the tables to the revision this program needs; nothing happens when they are there already.

    Several processes may do it at once: one of them does the work while the others wait for its end.

    Raises:
        RegisterError: The database is at a revision that this program does not know, most likely because a
            later version of it has been in use; or the audit log beside it is another register's.
    """
    if status(register).up_to_date:  # no need to wait for whoever is writing
        return
    # Here, and not above: every command opens the register, and next to none upgrades it.
    from alembic import command
    from alembic.config import Config

    # The audit log is committed first, as the inner of the two: rows that move into it are on disk before
    # they are gone from the register.
    with register.writing() as connection, register.auditing() as audit_connection:
        keep_others_out(connection)
        current = revision(connection)
        if current is not None and current not in revisions():
            raise RegisterError(
                f"the register's tables are at revision {current}, which this version of fastkontakt does "
                "not know; install the version that was in use last, or a later one"
            )
        if register.audit_files is not None:
            # The files of the audit log have no revisions of their own: the table is there or not. Who
            # changes the table some day writes a revision that, on SQLite, changes it in each file
            # (`Register.audit_parts`) where it has not been changed yet: this makes new ones as they are to
            # be in the end, and the files are committed before the register is.
            make_table(audit_connection)
            register.audit_files.make_others(audit_connection)
        config = Config()
        config.set_main_option("script_location", "register:migrations")
        config.attributes["connection"] = connection
        config.attributes["audit_connection"] = audit_connection
        triggers.remove(connection)  # a table that one names may not be changed under it
        command.upgrade(config, "head")
        figures.begin(connection, swedish_now())


def revisions() -> list[str]:
    """Return the revisions that this program knows, oldest first: the numbers that their files begin with."""
    folder = files("register.migrations.versions")
    return sorted(one.name.partition("_")[0] for one in folder.iterdir() if one.name[:1].isdigit())


def revision(connection: Connection) -> str | None:
    """Return the revision that the tables are at, or None when there are none of ours."""
    if not inspect(connection).has_table(_VERSION.name):
        return None
    found: str | None = connection.execute(select(_VERSION.c.version_num)).scalar_one_or_none()
    return found
