"""``python -m tests.bench.audit``: what a durable row of the audit log costs, alone and in groups.

Two ways in turn, round by round: a transaction for each row, as it was before docs/adr/0020, and a commit for
all that wait. Then two processes at a time, on one file of the audit log and on a file each.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest
from sqlalchemy import insert

from register import audit, audit_files, schema
from register.audit import AuditEntry
from register.audit_writer import AuditConnection
from register.database import Register
from register.tables import audit as table
from tests.databases import opened, own_schema, postgresql_server
from tests.people import people

CALLERS = (1, 4, 16, 64)
PROCESSES, THREADS = 2, 16
_CALLERS_ARE = ("caller", "callers")
_PEOPLE = people(1000)
_ENTRY = AuditEntry(
    log_id="2f5e2d0c-7f3a-4a57-9f0c-0d5a8d7c2b11",
    person_id=_PEOPLE[0],
    contract="GetListing",
    logical_address="14",
    outcome="OK",
    hits=1,
    correlation_id="3f9c7a52-0f5f-4d0e-8f4e-0a6d3d4b2c11",
    consumer="SE5565594230-B9P",
    sender="SE5565594230-VP",
    actor_type="CITIZEN",
    actor_id=_PEOPLE[0],
)


class Figures(NamedTuple):
    """Rows a second and to a commit, CPU a row, and how long callers waited."""

    rows_per_second: float
    rows_a_commit: float
    cpu_microseconds: float
    p50_ms: float
    p99_ms: float


def alone(register: Register, entry: AuditEntry) -> None:
    """Write a row in a transaction of its own."""
    with register.auditing() as connection:
        now = {"logged_at": datetime.now(UTC).replace(tzinfo=None)}
        connection.execute(insert(table), [asdict(entry) | now])


WAYS: dict[str, Callable[[Register, AuditEntry], None]] = {
    "a commit for each row": alone,
    "groups": audit.write,
}


def measure(
    register: Register, write: Callable[[Register, AuditEntry], None], callers: int, seconds: float
) -> Figures:
    """Have so many threads write for so long."""
    end = time.perf_counter() + seconds

    def work(number: int) -> list[float]:
        chance, taken = random.Random(number), []  # noqa: S311 - no secret
        while (began := time.perf_counter()) < end:
            write(register, replace(_ENTRY, person_id=chance.choice(_PEOPLE)))
            taken.append((time.perf_counter() - began) * 1000)
        return taken

    cpu, began = time.process_time(), time.perf_counter()
    with counted(register) as commits, ThreadPoolExecutor(callers) as threads:
        taken = sorted(one for some in threads.map(work, range(callers)) for one in some)
    cpu, lasted = time.process_time() - cpu, time.perf_counter() - began
    p50, p99 = (taken[ceil(len(taken) * part) - 1] for part in (0.5, 0.99))
    a_commit = len(taken) / len(commits) if commits else 1
    return Figures(len(taken) / lasted, a_commit, cpu / len(taken) * 1e6, p50, p99)


@contextmanager
def counted(register: Register) -> Iterator[list[int]]:
    """Give a list to which the writer of the audit log adds its commits."""
    writer, commits = register.audit_writer, list[int]()
    connect = writer._connect

    def connect_counted() -> AuditConnection:
        connection = connect()

        def insert(rows: str, seconds: float) -> None:
            commits.append(1)
            connection.insert(rows, seconds)

        return connection._replace(insert=insert)

    writer.close()
    writer._connect = connect_counted
    try:
        yield commits
    finally:
        writer.close()
        writer._connect = connect


def middle(rounds: Sequence[Figures]) -> Figures:
    """Return the median of each figure."""
    return Figures(*(median(column) for column in zip(*rounds, strict=True)))


def one_process(url: str, rounds: int, seconds: float) -> Iterator[tuple[str, Figures]]:
    """Yield the figures of each way for each number of callers."""
    with opened(url) as register:
        schema.upgrade(register)
        for callers in CALLERS:
            found: dict[str, list[Figures]] = {way: [] for way in WAYS}
            for _ in range(rounds):
                for way, write in WAYS.items():
                    found[way].append(measure(register, write, callers, seconds))
            yield from (
                (f"{callers} {_CALLERS_ARE[callers > 1]}, {way}", middle(some)) for way, some in found.items()
            )


def two_processes(url: str, rounds: int, seconds: float) -> Iterator[tuple[str, Figures]]:
    """Yield the figures of two processes that write at a time, to one file and to a file each."""
    found: dict[int, list[Figures]] = {1: [], PROCESSES: []}
    for _ in range(rounds):
        for files, some in found.items():
            command = [sys.executable, "-m", "tests.bench.audit", "--writer", url, "--files", str(files)]
            writers = [
                subprocess.Popen([*command, "--seconds", str(seconds)], stdout=subprocess.PIPE)  # noqa: S603
                for _ in range(PROCESSES)
            ]
            both = [Figures(*map(float, one.communicate()[0].split())) for one in writers]
            some.append(
                Figures(
                    sum(one.rows_per_second for one in both),
                    *(max(column) for column in list(zip(*both, strict=True))[1:]),
                )
            )
    for files, some in found.items():
        name = "one file" if files == 1 else "a file each"
        yield f"{PROCESSES} processes of {THREADS} callers, groups, {name}", middle(some)


def write_for(url: str, files: int, seconds: float) -> None:
    """Write as one of several processes, and print the figures."""
    with pytest.MonkeyPatch.context() as patch, opened(url) as register:
        patch.setattr(audit_files, "MOST", files)
        print(*measure(register, audit.write, THREADS, seconds))


@contextmanager
def durable_postgresql() -> Iterator[str]:
    """Give a schema on a PostgreSQL that waits for its disk, other than that of the tests."""
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setattr("tests.databases._forgo_durability", lambda _: None)
        yield stack.enter_context(own_schema(stack.enter_context(postgresql_server())))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the rows of the table in docs/performance.md."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.audit", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each round")
    parser.add_argument("--folder", type=Path, help="where the files are kept meanwhile")
    parser.add_argument("--writer", metavar="URL", help=argparse.SUPPRESS)
    parser.add_argument("--files", type=int, default=1, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.writer:
        write_for(options.writer, options.files, options.seconds)
        return
    heads = ("rows/s", "rows a commit", "CPU µs a row", "p50 ms", "p99 ms")
    print(f"| {os.cpu_count()} cores | {' | '.join(heads)} |\n|---|{'--:|' * len(heads)}")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=options.folder))
        sqlite = f"sqlite:///{folder}/register.sqlite3"
        postgresql = stack.enter_context(durable_postgresql())
        for database, url in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
            for name, one in one_process(url, options.rounds, options.seconds):
                show(database, name, one)
        for name, one in two_processes(sqlite, options.rounds, options.seconds):
            show("SQLite", name, one)


def show(database: str, name: str, one: Figures) -> None:
    """Print a row of the table."""
    cells = (f"{figure:.{digits}f}" for figure, digits in zip(one, (0, 1, 0, 2, 2), strict=True))
    print(f"| {database}, {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
