"""The figures of served calls: what is required of them, as tables, as JSON, and beside those recorded."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.bench.measuring import Measure
from tests.bench.serving import writing
from tests.bench.serving.rounds import Measured

RECORDED = Path(__file__).parents[1] / "recorded.json"
"""Ratios of an earlier run, which later ones are held against."""

WORSE = 0.25
"""How much worse than recorded a ratio may be before the bench fails."""

STAND_INS = ("canned", "bare", "mock")
_LEAST = {"canned": 0.40, "bare": 0.70, "mock": 3.0}
_P99_MS = 50.0
_GOODPUT = 0.8
_GROWTH = 0.9
_MEMORY_MB = 150.0
_BESIDE = 0.8
_PACE_KEPT = 0.95
"""Of the writes that are due beside reads, how many must be done while they are called for."""

Ratios = dict[str, dict[str, float]]
"""Case -> name of a ratio -> ratio. A name that begins with CPU is better when it is less."""


def ratios(measured: Sequence[Measured]) -> Ratios:
    """Return what the services do of what the stand-ins do, case by case.

    Args:
        measured: What was measured in the same rounds; ratios across others would be those of the machine.
    """
    found: Ratios = {}
    for one in measured:
        beside = {name: _stand_in(measured, name, one.contract) for name in STAND_INS}
        if one.server in STAND_INS or None in beside.values():
            continue
        case = found.setdefault(_case(one), {})
        for name, other in beside.items():
            if other is not None:
                case[f"calls, of {name}"] = round(one.ratio("per_second", other), 4)
                case[f"CPU, of {name}"] = round(one.ratio("cpu", other), 3)
    return found


def _case(one: Measured) -> str:
    return f"{one.contract}, {one.server}, {one.connections} callers"


def _stand_in(measured: Iterable[Measured], name: str, contract: str) -> Measured | None:
    return next((one for one in measured if (one.server, one.contract) == (name, contract)), None)


def _alike(one: Measured, other: Measured) -> bool:
    """Tell whether two cases differ in nothing but the size of the register."""
    (database, *_), (other_database, *_) = (case.server.split(",") for case in (one, other))
    return (one.contract, one.connections, database) == (other.contract, other.connections, other_database)


def required(measured: Sequence[Measured], connections: int) -> list[Measure]:
    """Return what is required of the read contracts, and whether it is met.

    Args:
        measured: Everything that was measured of them. On each database the first service is the one that
            those on larger registers are held against.
        connections: The number of callers that most is required at.
    """
    found: list[Measure] = []
    ours = [one for one in measured if one.server not in STAND_INS]
    for one in ours:
        case = _case(one)
        if one.connections == connections:
            for name, least in _LEAST.items():
                other = _stand_in(measured, name, one.contract)
                if other is not None:
                    ratio = Measure(f"{case}: calls, of {name}", one.ratio("per_second", other), "times")
                    found.append(ratio.at_least(least, f"{least:g}"))
            found.append(Measure(f"{case}: p99", one.middle("p99"), "ms").below(_P99_MS))
            found.append(
                Measure(f"{case}: largest process", one.middle("largest_mb"), "MB").below(_MEMORY_MB)
            )
            base = next(other for other in ours if _alike(other, one))
            if base is not one:
                ratio = Measure(f"{case}: calls, of {base.server}", one.ratio("per_second", base), "times")
                found.append(ratio.at_least(_GROWTH, f"{_GROWTH:g}"))
        found.append(Measure(f"{case}: wrong answers", sum(one.wrong().values())).none())
        same = [other for other in ours if (other.server, other.contract) == (one.server, one.contract)]
        if len(same) > 1 and one.connections == max(other.connections for other in same):
            best = max(other.middle("per_second") for other in same)
            goodput = Measure(f"{case}: goodput, of the best", one.middle("per_second") / best, "times")
            found.append(goodput.at_least(_GOODPUT, f"{_GOODPUT:g}"))
            found.append(Measure(f"{case}: answers after more than 1 s", one.total("late")).none())
    return found


def required_of_writing(measured: Sequence[Measured], dialect: str) -> list[Measure]:
    """Return what is required of CreateListing, and whether it is met."""
    alone, writes, beside, paced = measured
    least = writing.PER_SECOND[dialect]
    kept = Measure(f"{beside.server}: calls, of {writing.ALONE}", beside.ratio("per_second", alone), "times")
    return [
        Measure(f"{writes.server}: CreateListing", writes.middle("per_second"), "/s").at_least(
            least, f"{least}"
        ),
        kept.at_least(_BESIDE, f"{_BESIDE:g}"),
        Measure(f"{paced.server}: CreateListing", paced.middle("per_second"), "/s").at_least(
            _PACE_KEPT * least, f"{_PACE_KEPT * least:g}"
        ),
        Measure(f"{paced.server}: p99", paced.middle("p99"), "ms"),
        *(Measure(f"{one.server}: wrong answers", sum(one.wrong().values())).none() for one in measured),
    ]


def worse(recorded: Ratios, now: Ratios) -> list[str]:
    """Return the ratios that are worse than recorded by more than `WORSE`, in words."""
    found = []
    for case in sorted(recorded.keys() & now.keys()):
        for name, before in recorded[case].items():
            after = now[case].get(name, before)
            less_is_better = name.startswith("CPU")
            if after > before * (1 + WORSE) if less_is_better else after < before * (1 - WORSE):
                found.append(f"{case}: {name}: {after:g}, recorded {before:g}")
    return found


def read_recorded(file: Path = RECORDED) -> Ratios:
    """Return the ratios of an earlier run."""
    return dict(json.loads(file.read_text("utf-8"))) if file.exists() else {}


def record(now: Ratios, file: Path = RECORDED) -> None:
    """Keep the ratios of this run, beside those of cases that it had not."""
    file.write_text(json.dumps(read_recorded(file) | now, indent=2, sort_keys=True) + "\n", "utf-8")


_WORDS = ["contract", "server"]
_TIMES = ["callers", "calls/s", "p50 ms", "p95 ms", "p99 ms", "slowest"]
_COSTS = ["CPU µs", "DB CPU µs", "MB"]
_SHARES = [f"of {name}" for name in STAND_INS]
_BAD = ["refused", "late", "wrong"]
_NUMBERS = [*_TIMES, *_COSTS, *_SHARES, *_BAD]


def tables(measured: Sequence[Measured], shares: Ratios, requirements: Iterable[Measure]) -> str:
    """Return the figures as tables in markdown."""
    lines = [
        _line(_WORDS + _NUMBERS),
        _line(["---"] * len(_WORDS) + ["--:"] * len(_NUMBERS)),
    ]
    lines += [_row(one, shares.get(_case(one), {})) for one in measured]
    lines += ["", _line(("required", "figure", "required to be", "")), _line(("---", "--:", "---", "---"))]
    for need in requirements:
        met = {None: "", True: "met", False: "MISSED"}[need.met]
        lines.append(_line((need.name, f"{need.value:.3g} {need.unit}".strip(), need.required, met)))
    return "\n".join(lines)


def _row(one: Measured, share: Mapping[str, float]) -> str:
    figures = [f"{one.middle(name):.1f}" for name in ("p50", "p95", "p99")]
    figures += [f"{number:.0f}" for number in (one.slowest, one.middle("cpu"))]
    # There is no time of a database's own where it is SQLite.
    figures += [f"{number:.0f}" if number else "" for number in (one.middle("database_cpu"),)]
    figures.append(f"{one.middle('largest_mb'):.0f}")
    figures += [_share(share.get(f"calls, of {name}")) for name in STAND_INS]
    bad = (one.total("refused"), one.total("late"), sum(one.wrong().values()))
    figures += [str(number or "") for number in bad]
    return _line(
        [one.contract, one.server, str(one.connections), f"{one.middle('per_second'):.0f}", *figures]
    )


def _share(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.3f}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
