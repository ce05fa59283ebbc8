"""Fixtures for every kind of test: registers on both databases.

A test that asks for ``register`` runs twice. One that has nothing to say about databases asks for SQLite
alone: ``@pytest.mark.parametrize("register", ["sqlite"], indirect=True)``. A module does it for all its tests
by ``SQLITE_ALONE = True``, or by ``SQLITE_ALONE = QUICK`` (`tests.strength`) where others try its statements
on PostgreSQL, and only ``make test-long`` runs it there.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import structlog

from contracts.identifiers import HsaId
from register import schema
from register.database import Register
from tests.databases import (
    NoPostgreSQL,
    check_figures,
    empty,
    opened,
    opened_copy,
    own_schema,
    postgresql_server,
)
from tests.strength import FULL

# Wide enough for every table to be one; what becomes of tables in 80 columns has tests of its own.
os.environ["COLUMNS"] = "250"

DATABASES = ("sqlite", "postgresql")


def pytest_report_header() -> str:
    """Say how much is tried."""
    return f"strength: {'full' if FULL else 'quick'}"


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Take back what a test, or a command it runs, sets up for the log: its stream ends with the test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.hookimpl(tryfirst=True)  # before the marks of a test are read
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of a module on SQLite alone where it says so."""
    chosen = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    alone = getattr(metafunc.module, "SQLITE_ALONE", False) and "register" not in chosen
    if alone and "register" in metafunc.fixturenames:
        metafunc.definition.add_marker(pytest.mark.parametrize("register", ["sqlite"], indirect=True))


def pytest_make_parametrize_id(val: object) -> str | None:
    """Call an HSA-id by its text in the names of tests."""
    return str(val) if isinstance(val, HsaId) else None


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """URL of a PostgreSQL server. Without one its tests are skipped, but never where CI is set."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgresql_server())
        except NoPostgreSQL as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(str(error))
        yield url


@pytest.fixture(params=DATABASES)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'register.sqlite3'}"
    else:
        with own_schema(request.getfixturevalue("postgresql")) as url:
            yield url


@pytest.fixture(params=DATABASES)
def register(request: pytest.FixtureRequest) -> Iterator[Register]:
    """A register with its tables and no rows."""
    if request.param == "sqlite":
        with opened_copy(request.getfixturevalue("sqlite_template")) as register:
            yield register
            if request.node.get_closest_marker("breaks_the_register") is None:
                check_figures(register)
    else:
        register = request.getfixturevalue("postgresql_register")
        yield register
        check_figures(register)
        empty(register)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables; a copy is quicker than making them anew for each test."""
    path = tmp_path_factory.mktemp("template") / "register.sqlite3"
    with opened(f"sqlite:///{path}") as register:
        schema.upgrade(register)
    return path


@pytest.fixture(scope="session")
def postgresql_register(postgresql: str) -> Iterator[Register]:
    """The one register on PostgreSQL, which each test leaves empty."""
    with own_schema(postgresql) as url, opened(url) as register:
        schema.upgrade(register)
        yield register
