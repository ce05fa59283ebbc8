"""Versions of the tables (register.schema and its migrations)."""

import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, inspect, text

from register import schema
from register.database import Register
from register.engine import RegisterError
from register.tables import audit_metadata, metadata
from tests.databases import opened
from tests.e2e.processes import start, written


def test_upgrade_from_nothing_and_again(empty_database: str) -> None:
    with opened(empty_database) as register:
        before = schema.status(register)
        assert (before.current, before.up_to_date) == (None, False)
        schema.upgrade(register)
        after = schema.status(register)
        assert (after.current, after.up_to_date) == (before.head, True)
        schema.upgrade(register)
        assert schema.status(register) == after


def test_the_revisions_are_those_that_the_files_hold_one_after_another() -> None:
    config = Config()
    config.set_main_option("script_location", "register:migrations")
    scripts = ScriptDirectory.from_config(config)

    assert list(reversed(schema.revisions())) == [one.revision for one in scripts.walk_revisions()]
    assert scripts.get_heads() == [schema.revisions()[-1]]


def test_migrated_tables_are_those_the_program_knows(register: Register) -> None:
    opts = {"compare_type": True}
    with register.reading() as connection, register.reading_audit() as audit_connection:
        context = MigrationContext.configure(connection, opts=opts)
        if connection.dialect.name == "postgresql":
            both = [metadata, audit_metadata]  # Alembic takes several, whatever its annotation says
            assert compare_metadata(context, both) == []  # type: ignore[arg-type]
        else:
            assert compare_metadata(context, metadata) == []
            context = MigrationContext.configure(audit_connection, opts=opts)
            assert compare_metadata(context, audit_metadata) == []


def test_migrated_tables_have_the_constraints_the_program_knows(empty_database: str) -> None:
    """Alembic compares neither checks nor the details of keys and indexes; the database tells both."""
    with opened(empty_database) as register:
        schema.upgrade(register)
        migrated = _details(register)
        with register.writing() as connection, register.auditing() as audit_connection:
            for tables, one in ((metadata, connection), (audit_metadata, audit_connection)):
                tables.drop_all(one)
                tables.create_all(one)
        assert migrated == _details(register)


def _details(register: Register) -> dict[str, list[Any]]:
    return _details_of(metadata, register.engine) | _details_of(audit_metadata, register.audit_engine)


def _details_of(tables: MetaData, engine: Engine) -> dict[str, list[Any]]:
    inspector = inspect(engine)
    return {
        table.name: [
            sorted(str(check) for check in inspector.get_check_constraints(table.name)),
            sorted(str(key) for key in inspector.get_foreign_keys(table.name)),
            sorted(
                str(
                    index | {"dialect_options": [str(option) for option in index["dialect_options"].values()]}
                )
                for index in inspector.get_indexes(table.name)
            ),
            inspector.get_pk_constraint(table.name),
            [str(column) for column in inspector.get_columns(table.name)],
        ]
        for table in tables.sorted_tables
    }


def test_a_revision_of_a_later_version_is_told(register: Register) -> None:
    with register.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    try:
        assert not schema.status(register).up_to_date
        with pytest.raises(
            RegisterError, match="revision later, which this version of fastkontakt does not know"
        ):
            schema.upgrade(register)
    finally:
        with register.writing() as connection:
            connection.execute(
                text("UPDATE alembic_version SET version_num = :head"), {"head": schema.status(register).head}
            )


UPGRADE = """
import sys, time, warnings
from pathlib import Path
from register import schema
from register.database import open_register
from register.settings import RegisterSettings

warnings.simplefilter("error")
register = open_register(RegisterSettings(url=sys.argv[1]))
print("ready", flush=True)
while not Path("start").exists():
    time.sleep(0.001)
schema.upgrade(register)
register.dispose()
"""


def test_processes_may_upgrade_at_once(empty_database: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        output, *errors = (stack.enter_context(TemporaryFile()) for _ in range(3))
        processes = [
            start(empty_database, cwd=tmp_path, output=output, errors=one, script=UPGRADE) for one in errors
        ]
        while written(output).count("ready") < len(processes):
            assert [process.poll() for process in processes] == [None, None]
            time.sleep(0.01)
        (tmp_path / "start").touch()
        outcomes = [(process.wait(60), written(one)) for process, one in zip(processes, errors, strict=True)]
    assert outcomes == [(0, "")] * 2
    with opened(empty_database) as register:
        assert schema.status(register).up_to_date
