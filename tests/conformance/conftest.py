"""The demo as a producer to try the tester on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.conformance.in_process import Remembering, demo, make_template


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's register as a file; a test that writes has a copy."""
    return make_template(tmp_path_factory.mktemp("demo") / "register.sqlite3")


@pytest.fixture(scope="session")
def unchanged(template: Path) -> Iterator[Remembering]:
    """The demo, which no rule without writing changes: it is asked each thing once."""
    with demo(template) as carrier:
        yield Remembering(carrier)


@pytest.fixture(autouse=True)
def _quiet() -> None:
    """Log nothing of the hundreds of calls of a run."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
