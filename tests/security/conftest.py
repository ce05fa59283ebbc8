"""Registers of the small region, on SQLite: what is tested here happens before any database is asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from register.database import Register
from tests.databases import copy_register, keep, opened, opened_copy
from tests.producers import SMALL_REGION


@pytest.fixture(scope="session")
def small_database(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the small region in it, to be copied."""
    path = tmp_path_factory.mktemp("small") / "register.sqlite3"
    copy_register(sqlite_template, path)
    with opened(f"sqlite:///{path}") as register:
        keep(register, *SMALL_REGION)
    return path


@pytest.fixture(scope="module")
def small_register(small_database: Path) -> Iterator[Register]:
    """A register for tests after which it is as before, but for rows in the audit log."""
    with opened_copy(small_database) as register:
        yield register
