"""Hours in Swedish, and whether they are now: the PeriodType of GetCareManagers (TKB 4.2)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts.codes import MONTHS, WEEKDAYS

_DAYS = dict(zip(WEEKDAYS, ("mån", "tis", "ons", "tors", "fre", "lör", "sön"), strict=True))
_MONTHS = dict(
    zip(
        MONTHS,
        ("jan", "feb", "mars", "april", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec"),
        strict=True,
    )
)
_MIDNIGHT, _LAST = "000000", "240000"

Period = Mapping[str, Any]
"""A PeriodType as the client reads it: datePeriod, weekDay, month and time, each of which may be missing."""


def written(periods: Iterable[Period]) -> list[str]:
    """Return a line for each period, such as "mån–fre 08:00–16:30"."""
    return [line for one in periods if (line := _line(one))]


def open_at(periods: Sequence[Period], now: datetime) -> bool | None:
    """Tell whether a moment is in any of the periods; None where there are none, as nothing is known then.

    Args:
        periods: The periods.
        now: The moment, Swedish local time.
    """
    return any(_holds(one, now) for one in periods) if periods else None


def _holds(period: Period, now: datetime) -> bool:
    dates, time = period.get("datePeriod") or {}, period.get("time") or {}
    day, clock = f"{now:%Y%m%d}", f"{now:%H%M%S}"
    weekday, month = tuple(WEEKDAYS)[now.weekday()], tuple(MONTHS)[now.month - 1]
    return (
        (dates.get("start") or day) <= day <= (dates.get("end") or day)
        and weekday in (_names(period, "weekDay") or (weekday,))
        and month in (_names(period, "month") or (month,))
        and (time.get("start") or _MIDNIGHT) <= clock < (time.get("end") or _LAST)
    )


def _line(period: Period) -> str:
    dates, time = period.get("datePeriod") or {}, period.get("time") or {}
    parts = [_run(_names(period, "month"), _MONTHS), _run(_names(period, "weekDay"), _DAYS)]
    if time:
        parts.append(f"{_clock(time.get('start'))}–{_clock(time.get('end'))}")
    if dates.get("start") or dates.get("end"):
        parts.append(f"({date(dates.get('start'))}–{date(dates.get('end'))})")
    return " ".join(filter(None, parts))


def _names(period: Period, element: str) -> list[str]:
    return [name for name in period.get(element) or () if name]


def _run(names: list[str], swedish: Mapping[str, str]) -> str:
    """Return names with commas, or first and last of three or more that follow one another."""
    order = list(swedish)
    places = sorted(order.index(name) for name in names if name in order)
    if len(places) > 2 and places == list(range(places[0], places[-1] + 1)):
        return f"{swedish[order[places[0]]]}–{swedish[order[places[-1]]]}"
    known = [swedish[order[place]] for place in places]
    return ", ".join(known + [name for name in names if name not in order])


def _clock(digits: str | None) -> str:
    return f"{digits[:2]}:{digits[2:4]}" if digits else ""


def date(digits: str | None) -> str:
    """Return YYYYMMDD with hyphens; what is no such date as it is."""
    text = digits or ""
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 and text.isdigit() else text
