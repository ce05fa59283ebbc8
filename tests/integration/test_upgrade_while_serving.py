"""`fastkontakt db upgrade` while the version before still answers (docs/operations.md, Upgrading).

The version before is not at hand where the tests run. What it needs of the tables is: each column that it
knows is there and is what it was, and a row that it writes without knowing of what is new is taken. That is
tried of every migration since `BEFORE`; and a process of today answers on while tables change as migrations
change them.
"""

from threading import Event, Thread
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text

from register import schema, triggers, vitals
from register.database import Register
from register.engine import RegisterError
from tests.asking import get_listing
from tests.databases import keep, opened
from tests.messages import actor, envelope, path, person, request
from tests.producers import SMALL_REGION, make_producer
from tests.records import ANNA
from tests.wsgi import post

BEFORE = "0022"
"""Revision of the tables of the version before; to be moved on at each release."""

Columns = dict[tuple[str, str], dict[str, Any]]


def columns(connection: Connection) -> Columns:
    """Return every column by its table and name."""
    looking = inspect(connection)
    return {
        (table, str(column["name"])): dict(column)
        for table in looking.get_table_names()
        for column in looking.get_columns(table)
    }


def upgraded(register: Register, revision: str) -> Columns:
    """Bring the tables to a revision, and return what they are then."""
    config = Config()
    config.set_main_option("script_location", "register:migrations")
    with register.writing() as connection, register.auditing() as audit_connection:
        config.attributes["connection"] = connection
        config.attributes["audit_connection"] = audit_connection
        triggers.remove(connection)
        command.upgrade(config, revision)
        return columns(connection)


def test_what_the_version_before_reads_and_writes_is_there(empty_database: str) -> None:
    with opened(empty_database) as register:
        before = upgraded(register, BEFORE)
        after = upgraded(register, "head")

    assert ("listing", "person_id") in before
    assert set(before) <= set(after), "a column that the version before knows is gone"
    for name, column in before.items():
        assert str(after[name]["type"]) == str(column["type"]), name
        assert after[name]["nullable"] or not column["nullable"], f"{name} must now be there"
    known = {table for table, _ in before}
    for name, column in after.items():
        if name not in before and name[0] in known:
            given = column["nullable"] or column["default"] is not None or column.get("autoincrement") is True
            assert given, f"{name}: a row of the version before has none, and there is no default"


CHANGES = (
    "ALTER TABLE resident ADD COLUMN added VARCHAR",
    "ALTER TABLE listing ADD COLUMN added INTEGER DEFAULT 0 NOT NULL",
    "CREATE TABLE added (id INTEGER PRIMARY KEY)",
    "CREATE INDEX ix_added ON listing (added)",
    "UPDATE alembic_version SET version_num = '9999'",
)
"""What migrations do to tables."""

BACK = (
    f"UPDATE alembic_version SET version_num = '{schema.revisions()[-1]}'",  # noqa: S608 - a number of ours
    "DROP INDEX ix_added",
    "DROP TABLE added",
    "ALTER TABLE listing DROP COLUMN added",
    "ALTER TABLE resident DROP COLUMN added",
)


def test_a_process_answers_on_while_the_tables_change(register: Register) -> None:
    keep(register, *SMALL_REGION)
    app = make_producer(register)
    body = envelope(request("GetListing", actor("CITIZEN", ANNA), person("personId", ANNA)))
    stop = Event()
    answers: list[tuple[str, str | None]] = []

    def ask() -> None:
        while not stop.is_set():
            answers.append(post(app, path("GetListing"), body).result)

    asking = [Thread(target=ask) for _ in range(2)]
    for one in asking:
        one.start()
    try:
        for statements in (CHANGES, BACK) * 3:
            asked = len(answers)
            with register.writing() as connection:
                schema.keep_others_out(connection)
                for statement in statements:
                    connection.execute(text(statement))
            while len(answers) < asked + 10:
                stop.wait(0.01)
            vitals.check_tables(register)
    finally:
        stop.set()
        for one in asking:
            one.join()
    assert set(answers) == {("OK", None)}
    assert len(get_listing(app, ANNA))


def test_who_reads_all_the_time_is_told_of(postgresql_register: Register) -> None:
    register = postgresql_register
    with register.reading() as reader, register.writing() as connection:
        reader.execute(text("SELECT 1 FROM listing"))
        with pytest.raises(RegisterError, match="somebody else has used"):
            schema.keep_others_out(connection, 1)


def test_a_start_on_newer_tables_is_refused(register: Register) -> None:
    with register.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        with pytest.raises(RegisterError, match="does not know"):
            schema.upgrade(register)
    finally:
        with register.writing() as connection:
            connection.execute(text(BACK[0]))
