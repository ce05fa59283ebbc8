"""Freezing the PostgreSQL that the tests run on, as a machine that hangs does."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from register.database import Register, open_register
from register.settings import RegisterSettings


def _processes(register: Register) -> list[int]:
    """Return the ids of the server's processes, the first of them first."""
    with register.reading() as connection:
        backend = int(connection.scalar(text("SELECT pg_backend_pid()")) or 0)
    try:
        parent = _parent(backend)
    except OSError:
        pytest.skip("the PostgreSQL of the tests is not on this machine, so it cannot be frozen")
    return [parent, *(one for one in _all() if _parent_if_there(one) == parent)]


def _all() -> list[int]:
    return [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]


def _parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[1])


def _parent_if_there(process: int) -> int | None:
    try:
        return _parent(process)
    except OSError:
        return None


@contextmanager
def served_impatiently(register: Register) -> Iterator[Register]:
    """Give a register as it is served, but for that its calls wait for a second and a half at most."""
    url = register.engine.url.render_as_string(hide_password=False)
    calls = open_register(RegisterSettings(url=url, call_timeout_seconds=1.5)).for_calls()
    try:
        yield calls
    finally:
        calls.dispose()


@contextmanager
def frozen(register: Register) -> Iterator[None]:
    """Have the server of a register on PostgreSQL stand still for as long as the block takes."""
    stopped = _processes(register)
    try:
        for one in stopped:
            os.kill(one, signal.SIGSTOP)
        yield
    finally:
        for one in stopped:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)
