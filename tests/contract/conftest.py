"""A register for the contract tests, which say nothing about databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from register.database import Register
from tests.conftest import DATABASES
from tests.databases import empty, opened_copy


@pytest.fixture(scope="session")
def _one_register(sqlite_template: Path) -> Iterator[Register]:
    with opened_copy(sqlite_template) as register:
        yield register


@pytest.fixture(params=DATABASES)
def either_register(request: pytest.FixtureRequest) -> Iterator[Register]:
    """The one register on SQLite, and then that on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_register")
    else:
        register = request.getfixturevalue("postgresql_register")
        yield register
        empty(register)


@pytest.fixture
def sqlite_register(_one_register: Register) -> Iterator[Register]:
    """The one register on SQLite that each test leaves empty.

    Quicker than a copy for each; a test that breaks its register asks for ``register`` instead.
    """
    yield _one_register
    empty(_one_register)
