"""``python -m tests.bench serving``: served calls, ours beside servers that do less."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text

from fastkontakt.demo_data import LISTED_PERSON
from tests.bench import figures
from tests.bench.measuring import Measure
from tests.bench.serving import filled, report, standin, writing
from tests.bench.serving.demo import SETTINGS, application_of, call, demo_register
from tests.bench.serving.request import READ, Request, of_demo
from tests.bench.serving.rounds import Case, Measured, measure
from tests.bench.serving.servers import Server, service, stand_in
from tests.databases import SERVER_URL, own_schema, postgresql_server

DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
DEMO = 0
"""Number of residents that stands for the demo data."""


def main(arguments: Sequence[str] | None = None, *, copies: bool = False) -> int:
    """Measure and show the figures; return 1 when a ratio is worse than recorded, or an answer was wrong.

    Args:
        arguments: Those of the command line.
        copies: Whether the services may be copies of a process that has loaded the program.
    """
    options = _options(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=options.folder)))
        reads, written, requirements = _Bench(stack, folder, options, copies).measure()
    ratios, measured = report.ratios(reads), [*reads, *written]
    shown = report.tables(measured, ratios, requirements)
    print(f"{figures.machine()}\n\n{shown}")
    wrong = {reason for one in measured for reason in one.wrong()}
    behind = report.worse(report.read_recorded(options.recorded), ratios)
    for line in (*sorted(wrong), *(f"worse than recorded: {one}" for one in behind)):
        print(line, file=sys.stderr)
    if options.json:
        content = {
            "machine": figures.machine(),
            "ratios": ratios,
            "required": [one.__dict__ for one in requirements],
        }
        options.json.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    if options.record:
        report.record(ratios, options.recorded)
    if options.write_docs:
        figures.put_in_page(f"Measured {date.today()} on {figures.machine()}.\n\n{shown}", figures.SERVING)
    return 1 if wrong or (behind and not options.record) else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench serving", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="of calls to each server in a round")
    parser.add_argument("--warm", type=float, default=2.0, help="seconds of calls to each server before")
    parser.add_argument(
        "--connections",
        type=int,
        nargs="+",
        default=[16, 200],
        help="callers; the servers are compared at the first number, and the others are for our service",
    )
    parser.add_argument("--contract", nargs="+", choices=READ, default=list(READ))
    parser.add_argument("--register", nargs="+", choices=DATABASES, default=["sqlite"])
    parser.add_argument(
        "--residents",
        type=int,
        nargs="+",
        default=[DEMO],
        help=f"sizes of registers, served side by side; 0 is the demo data; at most {filled.MOST_RESIDENTS}",
    )
    parser.add_argument("--no-writing", action="store_true", help="leave CreateListing out")
    parser.add_argument("--folder", type=Path, help="where registers are kept meanwhile")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write ratios and requirements to this file"
    )
    parser.add_argument("--recorded", type=Path, metavar="FILE", default=report.RECORDED)
    parser.add_argument("--record", action="store_true", help="keep the ratios, to hold later runs against")
    parser.add_argument("--write-docs", action="store_true", help="write the tables to docs/performance.md")
    options = parser.parse_args(arguments)
    if max(options.residents) > filled.MOST_RESIDENTS:
        parser.error(f"--residents: at most {filled.MOST_RESIDENTS}, as there are no more person numbers")
    return options


class _Bench:
    """A run: its folder, and the servers that have been started until it ends."""

    def __init__(self, stack: ExitStack, folder: Path, options: argparse.Namespace, copies: bool) -> None:
        self._stack, self._folder, self._options, self._copies = stack, folder, options, copies
        self._postgresql: str | None = None

    def measure(self) -> tuple[list[Measured], list[Measured], list[Measure]]:
        """Return what was measured of the read contracts and of CreateListing, and what is required."""
        options = self._options
        services = {
            (dialect, size): self._service(dialect, size)
            for dialect in options.register
            for size in options.residents
        }
        found: list[Measured] = []
        first, *others = options.connections
        for contract in options.contract:
            calls = {key: _asked(contract, size) for key in services for size in key[1:]}
            ours = [replace(one, requests=calls[key]) for key, one in services.items()]
            cases = [Case(one, first) for one in (*self._stand_ins(contract), *ours)]
            cases += [Case(one, connections) for connections in others for one in ours]
            found += measure(cases, rounds=options.rounds, seconds=options.seconds, warm_seconds=options.warm)
        requirements = report.required(found, first)
        written: list[Measured] = []
        for dialect in () if options.no_writing else options.register:
            server = self._service(dialect, writing.RESIDENTS, written=True)
            changes = writing.measure(server, dialect, rounds=options.rounds, seconds=options.seconds)
            requirements += report.required_of_writing(changes, dialect)
            written += changes
        return found, written, requirements

    def _stand_ins(self, contract: str) -> list[Server]:
        folder = self._folder / contract
        folder.mkdir()
        request = of_demo(contract)
        with application_of(demo_register(folder)) as (application, _):
            answer = call(application, request)
        assert request.contains in answer
        (folder / standin.ANSWER).write_bytes(answer)
        standin.mock_register(folder / standin.MOCK_REGISTER, LISTED_PERSON)
        return [
            self._stack.enter_context(stand_in(kind, folder, request, copy=self._copies))
            for kind in standin.KINDS
        ]

    def _service(self, dialect: str, residents: int, *, written: bool = False) -> Server:
        """Start our service on a register of its own, to be read or to be written."""
        what = f"{residents} residents" if residents else "demo data"
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        url = f"sqlite:///{folder / 'register.sqlite3'}"
        database = None
        if dialect == "postgresql":
            url, database = self._stack.enter_context(_schema(self._server()))
        if residents:
            filled.fill(url, residents, with_doctor=not written)
            filled.settings(folder, url, changes=1000 if written else 3)
        else:
            demo_register(folder, url)
        name = f"{DATABASES[dialect]}, {what}"
        return self._stack.enter_context(
            service(name, folder / SETTINGS, (), copy=self._copies, database=database)
        )

    def _server(self) -> str:
        if self._postgresql is None:
            self._postgresql = self._stack.enter_context(postgresql_server())
            if SERVER_URL not in os.environ:  # started for us, and told not to wait for its disk
                _wait_for_disk(self._postgresql)
        return self._postgresql


@contextmanager
def _schema(server_url: str) -> Iterator[tuple[str, int | None]]:
    """Give a schema on PostgreSQL, and the process of a server on this machine."""
    (folder,) = _run(server_url, "SHOW data_directory")
    file = Path(folder) / "postmaster.pid"
    pid = int(file.read_text("utf-8").split()[0]) if file.is_file() else None
    with own_schema(server_url) as url:
        yield url, pid


def _wait_for_disk(server_url: str) -> None:
    _run(server_url, "ALTER SYSTEM SET fsync = on")
    _run(server_url, "SELECT pg_reload_conf()")


def _run(server_url: str, statement: str) -> list[Any]:
    url = make_url(server_url).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            found = connection.execute(text(statement))
            return list(found.scalars()) if found.returns_rows else []
    finally:
        engine.dispose()


def _asked(contract: str, residents: int) -> tuple[Request, ...]:
    return filled.asked(contract, residents) if residents else (of_demo(contract),)
