"""The demo service, started once for all end-to-end tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.processes import Server, serving


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service as ``make run`` starts it, in a folder of its own."""
    with serving("--demo", fresh=True, cwd=tmp_path_factory.mktemp("demo")) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty working folder."""
    return tmp_path
