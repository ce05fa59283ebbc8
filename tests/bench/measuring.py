"""What is measured: calls before and during a load, the bare loops, the load alone, the next night's."""

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from tests.bench import region, registers
from tests.bench.calls import AFTER, Calls, call
from tests.e2e.processes import peak_kib, serving, start

ASKED = 500
"""Residents who are asked about."""

_WARM_SECONDS = 5.0
_FULL_SPEED = 1000.0


class LoadFailed(Exception):
    """A load did not end well; the text is what the command wrote."""


@dataclass(frozen=True)
class Measure:
    """A figure.

    Attributes:
        name: What was measured.
        value: The figure.
        unit: Its unit; empty for a plain number.
        required: What it must be, in words; empty when nothing is required.
        met: Whether it is; None when nothing is required.
    """

    name: str
    value: float
    unit: str = ""
    required: str = ""
    met: bool | None = None

    def below(self, limit: float) -> "Measure":
        """Return the measure with the requirement to be below a limit."""
        return replace(self, required=f"below {limit:g}", met=self.value < limit)

    def at_least(self, limit: float, words: str) -> "Measure":
        """Return the measure with the requirement to be no less than a limit."""
        return replace(self, required=f"at least {words}", met=self.value >= limit)

    def none(self) -> "Measure":
        """Return the measure with the requirement to be nought."""
        return replace(self, required="none", met=self.value == 0)


class Files(NamedTuple):
    """The files that are loaded, and how many rows the first has."""

    rows: int
    first: Path
    nightly: Path


class Load(NamedTuple):
    """A run of ``fastkontakt import``: seconds, the start of the program included, and most memory used."""

    seconds: float
    peak_mb: float


def write_files(folder: Path, rows: int) -> Files:
    """Write both files."""
    first = region.write_file(folder / "first", region.listings(rows))
    nightly = region.write_file(folder / "nightly", region.listings(rows, nightly=True))
    return Files(rows, first, nightly)


def measure_all(
    fresh: registers.Fresh,
    files: Files,
    folder: Path,
    *,
    idle_seconds: float,
    per_second: float,
    copies: bool = False,
) -> list[Measure]:
    """Measure everything on one database.

    Args:
        fresh: Makes registers on it.
        files: The files.
        folder: For what the programs need and write.
        idle_seconds: How long the service is measured before the load, twice.
        per_second: Calls a second.
        copies: Whether the programs may be copies of one that is loaded already: it does not count then.

    Raises:
        LoadFailed: A load was refused.
    """
    with fresh() as url:
        measures = _calls(url, files, folder, idle_seconds, per_second, copies)
    bare = {}
    for numbered in (True, False):
        with fresh() as url:
            os.sync()
            bare[numbered] = registers.load_bare(url, files.first, numbered=numbered)
    with fresh() as url:
        return [*_loads(url, files, folder, bare, copies), *measures]


def _calls(
    url: str, files: Files, folder: Path, idle_seconds: float, per_second: float, copies: bool
) -> list[Measure]:
    """Measure GetListing before and during a load."""
    rows = _sample(files.rows)
    settings = _settings(folder, url)
    with (
        serving("--config", str(settings), cwd=folder, fresh=not copies) as server,
        ThreadPoolExecutor(1) as other,
    ):
        call(server.base, rows, per_second, _after(min(_WARM_SECONDS, idle_seconds)))
        halves = [call(server.base, rows, per_second, _after(idle_seconds)) for _ in range(2)]
        loading = other.submit(load, folder, settings, files.first, copies)
        during = call(server.base, rows, per_second, loading.done)
        loading.result()
        left = iter(range(len(rows) - 1))
        after = call(server.base, rows, _FULL_SPEED, lambda: next(left, None) is None)
    idle = Calls([one for half in halves for one in half.milliseconds])
    wrong = [one for calls in (*halves, during, after) for one in calls.wrong()]
    wrong += ["the load does not show in an answer after it" for one in after.seen if one != AFTER]
    for one in sorted(set(wrong)):
        print(f"{wrong.count(one)} times: {one}", file=sys.stderr)
    ratio = Measure("p99 during the load, of idle", during.percentile(99) / idle.percentile(99), "times")
    return [
        *_percentiles("GetListing idle, first half", halves[0]),
        *_percentiles("GetListing idle, second half", halves[1]),
        *_percentiles("GetListing during the load", during),
        Measure("GetListing during the load: calls", len(during.seen)),
        ratio.below(3),
        Measure("answers that were wrong or of neither state", len(wrong)).none(),
    ]


def _percentiles(name: str, calls: Calls) -> list[Measure]:
    return [Measure(f"{name}: p{percent}", calls.percentile(percent), "ms") for percent in (50, 99)]


def _loads(url: str, files: Files, folder: Path, bare: dict[bool, float], copies: bool) -> list[Measure]:
    """Measure the first load, that of the next night, and the same again."""
    settings = _settings(folder, url)
    first = load(folder, settings, files.first, copies)
    after_first, _ = registers.of_register(url)
    nightly = load(folder, settings, files.nightly, copies)
    after_nightly = registers.of_register(url)
    again = load(folder, settings, files.nightly, copies)
    after_again = registers.of_register(url)
    differing = [
        after_first != registers.of_file(files.first),
        after_nightly[0] != registers.of_file(files.nightly),
    ]
    quickest = min(bare.values())
    return [
        Measure("bare loop, ids that count upwards", files.rows / bare[True], "rows/s"),
        Measure("bare loop, ids made of the row", files.rows / bare[False], "rows/s"),
        Measure("fastkontakt import", files.rows / first.seconds, "rows/s"),
        Measure("speed, of the quicker bare loop", quickest / first.seconds, "times").at_least(1 / 3, "1/3"),
        Measure("first load", first.seconds, "s"),
        Measure("peak memory of the first load", first.peak_mb, "MB").below(500),
        Measure("load of a nightly file, 1 % changed", nightly.seconds, "s"),
        Measure("nightly, of the first load", nightly.seconds / first.seconds, "times").below(0.2),
        Measure("peak memory of the nightly load", nightly.peak_mb, "MB").below(500),
        Measure("the same file again", again.seconds, "s"),
        Measure("loads that changed something on the same file again", after_again != after_nightly).none(),
        Measure("loads after which the register held other than the file", sum(differing)).none(),
    ]


def load(folder: Path, settings: Path, file: Path, copy: bool = False) -> Load:
    """Run ``fastkontakt import``.

    Raises:
        LoadFailed: It did not end with 0.
    """
    os.sync()  # what was written before is not to slow it down
    output = folder / "import.log"
    command = ("import", str(region.PROFILE), str(file), "--config", str(settings))
    with output.open("wb") as log:
        began = time.perf_counter()
        process = start(*command, cwd=folder, output=log, errors=log, fresh=not copy)
        peak = peak_kib(process)
        seconds = time.perf_counter() - began
    if process.returncode != 0:
        raise LoadFailed(output.read_text("utf-8"))
    return Load(seconds, peak * 1024 / 1e6)


def _sample(rows: int) -> list[region.Row]:
    """Return current listings of residents from all over the file."""
    each = max(1, rows // ASKED)
    return list(islice((row for row in region.listings(rows) if not row.Till), 0, None, each))


def _settings(folder: Path, url: str) -> Path:
    path = folder / "fastkontakt.toml"
    path.write_text(f"[database]\nurl = '{url}'\n[regions.{region.COUNTY}]\n", "utf-8")
    return path


def _after(seconds: float) -> Callable[[], bool]:
    end = time.perf_counter() + seconds
    return lambda: time.perf_counter() > end
