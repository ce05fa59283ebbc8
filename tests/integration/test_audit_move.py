"""The audit log moves out of the register's file on SQLite, and loses nothing on the way (revision 0004)."""

import signal
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert, inspect

from register import audit, schema
from register.audit import AuditEntry
from register.database import Register
from register.engine import RegisterError, audit_file
from register.tables import audit as audit_table
from tests.databases import audit_rows, opened
from tests.e2e.processes import run
from tests.records import ANNA, BO

ENTRY = AuditEntry("log", ANNA, "GetListing", "14", "OK", hits=1, correlation_id="a-correlation")

ROWS: list[dict[str, Any]] = [
    asdict(ENTRY) | {"id": number, "logged_at": datetime(2026, 6, 1, 12) + timedelta(seconds=number)}
    for number in range(3, 2503)
]
"""More than are copied at a time, with numbers as after a tidying."""


def at_0003(url: str, rows: list[dict[str, Any]]) -> None:
    """Make a register as it was before the audit log moved, with rows in it."""
    with opened(url) as register, register.writing() as connection:
        config = Config()
        config.set_main_option("script_location", "register:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        connection.execute(insert(audit_table), rows)


def in_register(register: Register) -> bool:
    """Tell whether the register's own database has the table."""
    return inspect(register.engine).has_table("audit")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a register on SQLite as it was before, with rows in its audit log."""
    file = tmp_path / "register.sqlite3"
    at_0003(f"sqlite:///{file}", ROWS)
    return file


def test_every_row_is_there_after_an_upgrade_and_after_another(empty_database: str) -> None:
    at_0003(empty_database, ROWS)
    with opened(empty_database) as register:
        for _ in range(2):
            schema.upgrade(register)
            assert audit_rows(register) == ROWS
        assert in_register(register) == (register.engine.dialect.name == "postgresql")
        audit.write(register, ENTRY)
        assert len(audit_rows(register)) == len(ROWS) + 1


KILLED = """
import os, signal, sys, warnings
from alembic import command
from sqlalchemy import event
from register import schema
from register.database import open_register
from register.settings import RegisterSettings

warnings.simplefilter("error")
register = open_register(RegisterSettings(url=sys.argv[1]))
upgrade = command.upgrade

def upgrade_and_die(*args):
    upgrade(*args)
    engine = getattr(register, sys.argv[2])
    event.listen(engine, "commit", lambda _: os.kill(os.getpid(), signal.SIGKILL))

command.upgrade = upgrade_and_die
schema.upgrade(register)
"""


@pytest.mark.parametrize(("engine", "copied"), [("audit_engine", 0), ("engine", len(ROWS))])
def test_a_kill_loses_no_row_and_the_next_upgrade_ends_what_was_begun(
    file: Path, engine: str, copied: int
) -> None:
    """As the copy is committed, and as it has been and the old table goes."""
    url = f"sqlite:///{file}"
    killed = run(url, engine, cwd=file.parent, script=KILLED)
    assert killed.returncode == -signal.SIGKILL
    with opened(url) as register:
        found = schema.status(register)
        assert (found.current, found.audit_log, in_register(register)) == ("0003", copied > 0, True)
        if copied:
            assert audit_rows(register) == ROWS
        later = ROWS[-1] | {"id": ROWS[-1]["id"] + 1, "person_id": BO}
        with register.writing() as connection:  # the old version goes on for a while
            connection.execute(insert(audit_table), [later])
        schema.upgrade(register)
        assert audit_rows(register) == [*ROWS, later]
        assert not in_register(register)


def test_the_audit_log_of_another_register_is_left_alone(file: Path) -> None:
    other = AuditEntry("other", BO, "GetListing", "14", "OK")
    with opened(f"sqlite:///{file}") as register:
        with register.auditing() as connection:
            audit_table.create(connection)
            connection.execute(insert(audit_table), [ROWS[0] | asdict(other)])
        with pytest.raises(RegisterError, match=f"^{audit_file(file)}: this audit log is not of this"):
            schema.upgrade(register)
        assert len(audit_rows(register)) == 1
        assert (schema.status(register).current, in_register(register)) == ("0003", True)


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_a_missing_audit_log_is_told_and_made_anew(register: Register) -> None:
    register.dispose()
    audit_file(Path(str(register.engine.url.database))).unlink()
    found = schema.status(register)
    assert (found.current, found.audit_log, found.up_to_date) == (found.head, False, False)
    schema.upgrade(register)
    assert schema.status(register).up_to_date
    audit.write(register, ENTRY)
    assert len(audit_rows(register)) == 1
