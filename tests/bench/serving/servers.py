"""The servers that are measured: started, found, and what they take of the machine."""

import os
import re
import signal
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.serving import standin
from tests.bench.serving.request import Request
from tests.e2e.copies import ROOT
from tests.e2e.processes import START_SECONDS, STOP_SECONDS, serving, start, written

_TICKS = os.sysconf("SC_CLK_TCK")
_PARENT, _USER, _SYSTEM, _RESIDENT = 1, 11, 12, 21
"""Places in ``/proc/PID/stat`` after the name, which may hold blanks."""


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        name: What it is called in the tables.
        address: Where it listens.
        pid: The process that the others are of.
        requests: The calls it gets, in turn.
        database: The process that the database's own are of, where it is another's.
    """

    name: str
    address: tuple[str, int]
    pid: int
    requests: tuple[Request, ...]
    database: int | None = None

    def messages(self) -> list[tuple[bytes, bytes]]:
        """Return the calls as callers make them."""
        return [(one.http(), one.contains) for one in self.requests]


@contextmanager
def stand_in(kind: str, folder: Path, request: Request, *, copy: bool = False) -> Iterator[Server]:
    """Run one of the servers that do less than ours; `copy` as with `service`."""
    called = f"main({kind!r}, Path({str(folder)!r}))"
    script = f"from pathlib import Path; from {standin.__name__} import main; {called}"
    with (folder / f"{kind}.out").open("w+b") as output, (folder / f"{kind}.log").open("w+b") as errors:
        process = start(cwd=ROOT, output=output, errors=errors, script=script, fresh=not copy)
        try:
            give_up = time.monotonic() + START_SECONDS
            while not (base := written(output)).endswith("\n"):
                if process.poll() is not None or time.monotonic() > give_up:
                    raise AssertionError(f"{kind} did not start:\n{written(errors)}")
                time.sleep(0.01)
            contains = standin.MOCKS_MARK if kind == "mock" else request.contains
            yield Server(kind, _address(base.strip()), process.pid, (request._replace(contains=contains),))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)


@contextmanager
def service(
    name: str,
    settings: Path,
    requests: tuple[Request, ...],
    *,
    copy: bool = False,
    database: int | None = None,
) -> Iterator[Server]:
    """Run ``fastkontakt serve``.

    Args:
        name: What it is called in the tables.
        settings: Its settings, beside which it works.
        requests: The calls it gets, in turn.
        copy: Whether it may be a copy of a process that has loaded the program.
        database: The process that the database's own are of.
    """
    with serving("--config", str(settings), cwd=settings.parent, fresh=not copy) as running:
        yield Server(name, _address(running.base), running.process.pid, requests, database)


def _address(base: str) -> tuple[str, int]:
    split = urlsplit(base)
    assert split.hostname is not None
    assert split.port is not None, base
    return split.hostname, split.port


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process and all that are of it have had, those that have ended apart."""
    return sum(_stat(one)[_USER] + _stat(one)[_SYSTEM] for one in _tree(pid)) / _TICKS


def largest_mb(pid: int) -> float:
    """Return the memory of the largest of a process and those that are of it, in millions of bytes."""
    return max(_stat(one)[_RESIDENT] for one in _tree(pid)) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _tree(pid: int) -> list[int]:
    children: defaultdict[int, list[int]] = defaultdict(list)
    for number in map(int, filter(str.isdecimal, os.listdir("/proc"))):
        children[_stat(number)[_PARENT]].append(number)
    tree = [pid]
    for one in tree:
        tree += children[one]
    return tree


def _stat(pid: int) -> list[int]:
    """Return the numbers of ``/proc/PID/stat``; noughts where the process has ended meanwhile."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return [0] * (_RESIDENT + 1)
    return [int(one) if re.fullmatch(r"-?\d+", one) else 0 for one in text.rpartition(")")[2].split()]
