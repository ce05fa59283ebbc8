"""``python -m tests.bench profile``: where the microseconds of a served call go.

The service's own WSGI application answers calls in this process, one after another, while its stack is looked
at by a clock: by CPU time, and again by wall time, which shows the waits for the disk too. A look costs the
same wherever it falls, so what is called often is not made dearer than it is, as under a tracing profiler.
"""

import argparse
import os
import signal
import sqlite3
import sysconfig
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from sqlalchemy import event

from producer.wsgi import Producer
from register.database import Register
from tests.bench.serving import request as calls_of
from tests.bench.serving.demo import application_of, call, demo_register
from tests.bench.serving.request import Request

_PLACES = tuple(
    f"{place}{os.sep}"
    for place in (sysconfig.get_path("purelib"), sysconfig.get_path("stdlib"), Path(__file__).parents[2])
)
"""Where files lie, the innermost folder first."""

_STATEMENTS = "statements"

_WHEREVER = (
    ("audit row, durable", ("register/audit",)),
    ("log line", ("structlog/", "logging/", "fastkontakt/logs.py")),
    ("parse gate", ("producer/gate.py",)),
    ("schema, in and out", ("contracts/schemas.py",)),
    ("answer built", ("mapping/",)),
    ("envelope and bytes out", ("producer/faults.py",)),
    (_STATEMENTS, ("sqlalchemy/", "psycopg/", "psycopg_pool/", "sqlite3/", "register/engine.py")),
    ("records of rows", ("register/columns.py", "register/types.py", "register/row_texts.py")),
)
"""Segments that a look belongs to when any frame is of these files; the first that fits."""

_INNERMOST = (
    ("message read, rules", ("contracts/", "producer/operations/", "contacts/", "listings/", "register/")),
    ("Spyne", ("spyne/",)),
    ("HTTP side and handler", ("producer/",)),
)
"""Segments of the rest, by the innermost frame that is of any of them."""

_ASKING = ("contacts/", "listings/", "register/", "producer/")
_NOT_ASKING = ("register/engine.py", "register/columns.py", "register/types.py")

_REST = "rest"
SEGMENTS = tuple(name for name, _ in (*_WHEREVER, *_INNERMOST)) + (_REST,)

_WARM = 200
_LOOK_SECONDS = 0.001


class Profile(NamedTuple):
    """What a call costs, in microseconds, as a whole, by segment, and its statements by who has them run."""

    total: float
    segments: dict[str, float]
    asking: dict[str, float]


def main(arguments: Sequence[str] | None = None) -> int:
    """Profile calls on a register of the demo data and print where their time goes."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench profile", description=__doc__)
    parser.add_argument("--contract", choices=calls_of.READ, default="GetListing")
    parser.add_argument("--calls", type=int, default=3000, help="calls for each of the two clocks")
    parser.add_argument("--folder", type=Path, help="where the register is kept meanwhile")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="profile-", dir=options.folder) as folder:
        settings = demo_register(Path(folder))
        request = calls_of.of_demo(options.contract)
        with application_of(settings) as (application, register):
            print(_page(application, register, request, options.calls))
    return 0


def _page(application: Producer, register: Register, request: Request, calls: int) -> str:
    statements = _statements(application, register, request)
    for _ in range(_WARM):
        _call(application, request)
    cpu = _looked_at(application, request, calls, time.process_time, signal.ITIMER_PROF)
    wall = _looked_at(application, request, calls, time.perf_counter, signal.ITIMER_REAL)
    rows = [
        f"| {name} | {spent:.0f} | {spent / cpu.total:.0%} | {wall.segments[name]:.0f} |"
        for name, spent in sorted(cpu.segments.items(), key=lambda one: -one[1])
    ]
    return "\n".join(
        (
            f"{request.contract}, {calls} calls in one process, one after another; SQLite sees {statements} "
            "statements a call, BEGIN, COMMIT and pragmas included",
            "",
            "| segment | CPU µs | share | wall µs |",
            "|---|--:|--:|--:|",
            *rows,
            f"| a call | {cpu.total:.0f} | | {wall.total:.0f} |",
            "",
            "| statements and transactions run by | CPU µs |",
            "|---|--:|",
            *(f"| {name} | {microseconds:.0f} |" for name, microseconds in cpu.asking.items()),
        )
    )


def _call(application: Producer, request: Request) -> None:
    if request.contains not in call(application, request):
        raise AssertionError(f"{request.contract}: the answer is not the one that is asked for")


def _statements(application: Producer, register: Register, request: Request) -> float:
    """Return how many statements SQLite is given for a call, whoever gives them."""
    seen: list[str] = []

    def trace(connection: Any, *_: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(seen.append)

    for engine in (register.engine, register.reading_engine, register.audit_engine):
        engine.dispose()
        event.listen(engine, "connect", trace)
    _call(application, request)
    seen.clear()
    for _ in range(10):
        _call(application, request)
    for engine in (register.engine, register.reading_engine, register.audit_engine):
        event.remove(engine, "connect", trace)
        engine.dispose()
    return len(seen) / 10


def _looked_at(
    application: Producer, request: Request, calls: int, clock: Callable[[], float], timer: int
) -> Profile:
    looks: Counter[str] = Counter()
    asking: Counter[str] = Counter()

    def look(_: int, frame: FrameType | None) -> None:
        stack = _stack(frame)
        found = segment([file for file, _ in stack])
        looks[found] += 1
        if found == _STATEMENTS:
            asking[_asks(stack)] += 1

    kind = signal.SIGPROF if timer == signal.ITIMER_PROF else signal.SIGALRM
    before = signal.signal(kind, look)
    signal.setitimer(timer, _LOOK_SECONDS, _LOOK_SECONDS)
    try:
        began = clock()
        for _ in range(calls):
            _call(application, request)
        total = (clock() - began) / calls * 1e6
    finally:
        signal.setitimer(timer, 0)
        signal.signal(kind, before)
    each = total / (looks.total() or 1)
    return Profile(
        total,
        {name: each * looks[name] for name in SEGMENTS},
        {name: each * number for name, number in asking.most_common()},
    )


def _stack(frame: FrameType | None) -> list[tuple[str, str]]:
    """Return files and functions of a stack, innermost first; files as named in the tree or its packages."""
    stack = []
    while frame is not None:
        name = frame.f_code.co_filename
        place = next((one for one in _PLACES if name.startswith(one)), "")
        stack.append((name.removeprefix(place), frame.f_code.co_name))
        frame = frame.f_back
    return stack


def _asks(stack: Sequence[tuple[str, str]]) -> str:
    """Return the function of ours that has a statement run."""
    for file, function in stack:
        if file.startswith(_ASKING) and not file.startswith(_NOT_ASKING):
            return f"{file} {function}"
    return _REST


def segment(files: Sequence[str]) -> str:
    """Return the segment of a call that a stack of files, innermost first, belongs to."""
    for name, places in _WHEREVER:
        if any(one.startswith(places) for one in files):
            return name
    for one in files:
        for name, places in _INNERMOST:
            if one.startswith(places):
                return name
    return _REST
