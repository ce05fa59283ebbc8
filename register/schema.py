"""The version of the register's tables: what it is, and how it becomes the one this program needs."""

from dataclasses import dataclass

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from contracts.clock import swedish_now
from register import figures, triggers
from register.database import Register
from register.engine import RegisterError
from register.tables import audit, audit_metadata


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """Versions of the tables.

    Attributes:
        current: Revision the database is at; None when it holds no tables of ours.
        head: Revision this program needs.
        audit_log: Whether the audit log has its table; on SQLite its file can be gone while the register's
            is there. On PostgreSQL, where it is one of the register's tables, always True.
    """

    current: str | None
    head: str
    audit_log: bool

    @property
    def up_to_date(self) -> bool:
        """Whether the program can use the database."""
        return self.current == self.head and self.audit_log


def status(register: Register) -> SchemaStatus:
    """Return the versions of the tables in the database and in this program."""
    (head,) = _scripts().get_heads()
    with register.reading() as connection:
        current = _current(connection)
    if register.audit_engine is register.engine:
        return SchemaStatus(current, head, audit_log=True)
    with register.reading_audit() as connection:
        return SchemaStatus(current, head, inspect(connection).has_table(audit.name))


def upgrade(register: Register) -> None:
    """Bring the tables to the revision this program needs; nothing happens when they are there already.

    Several processes may do it at once: one of them does the work while the others wait for its end.

    Raises:
        RegisterError: The database is at a revision that this program does not know, most likely because a
            later version of it has been in use; or the audit log beside it is another register's.
    """
    if status(register).up_to_date:  # no need to wait for whoever is writing
        return
    # The audit log is committed first, as the inner of the two: rows that move into it are on disk before
    # they are gone from the register.
    with register.writing() as connection, register.auditing() as audit_connection:
        current = _current(connection)
        known = {script.revision for script in _scripts().walk_revisions()}
        if current is not None and current not in known:
            raise RegisterError(
                f"the register's tables are at revision {current}, which this version of fastkontakt does "
                "not know; install the version that was in use last, or a later one"
            )
        if connection.dialect.name == "sqlite":
            # The file of the audit log has no revisions of its own: the table is there or not. Who changes
            # the table some day writes a revision that, on SQLite, changes it through `audit_connection`
            # where it has not been changed yet: this makes a new one as it is to be in the end, and the file
            # is committed before the register is.
            audit_metadata.create_all(audit_connection)
        config = _config()
        config.attributes["connection"] = connection
        config.attributes["audit_connection"] = audit_connection
        triggers.remove(connection)  # a table that one names may not be changed under it
        command.upgrade(config, "head")
        figures.begin(connection, swedish_now())


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "register:migrations")
    return config
