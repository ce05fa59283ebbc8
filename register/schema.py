"""The version of the register's tables: what it is, and how it becomes the one this program needs."""

from dataclasses import dataclass

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from register.database import Register, RegisterError


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """Versions of the tables.

    Attributes:
        current: Revision the database is at; None when it holds no tables of ours.
        head: Revision this program needs.
    """

    current: str | None
    head: str

    @property
    def up_to_date(self) -> bool:
        """Whether the program can use the database."""
        return self.current == self.head


def status(register: Register) -> SchemaStatus:
    """Return the versions of the tables in the database and in this program."""
    with register.reading() as connection:
        return _status(connection)


def upgrade(register: Register) -> None:
    """Bring the tables to the revision this program needs; nothing happens when they are there already.

    Several processes may do it at once: one of them does the work while the others wait for its end.

    Raises:
        RegisterError: The database is at a revision that this program does not know, most likely because a
            later version of it has been in use.
    """
    if status(register).up_to_date:  # no need to wait for whoever is writing
        return
    with register.writing() as connection:
        current = _status(connection).current
        known = {script.revision for script in _scripts().walk_revisions()}
        if current is not None and current not in known:
            raise RegisterError(
                f"the register's tables are at revision {current}, which this version of fastkontakt does "
                "not know; install the version that was in use last, or a later one"
            )
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _status(connection: Connection) -> SchemaStatus:
    (head,) = _scripts().get_heads()
    return SchemaStatus(MigrationContext.configure(connection).get_current_revision(), head)


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "register:migrations")
    return config
