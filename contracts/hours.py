"""Opening hours: the notation operators write, and the HoursOfServiceType elements it becomes.

The notation is one or more entries separated by ``;``. An entry has at least one of these parts, in this
order, with blanks between them:

=========  ===========================  =====================================================================
part       example                      rule
=========  ===========================  =====================================================================
dates      ``2026-06-01/2026-08-31``    first and last day, years 1900-2099; ``2026-06-01/`` has no last day
months     ``Jan-Jun,Aug-Dec``          names and ranges with commas; a range may wrap: ``Aug-Jun``
week days  ``Mon-Thu,Sat``              the same: ``Fri-Mon`` is Friday to Monday
times      ``08:00-12:00,13:00-17:00``  start before end; ``24:00`` is the end of the day
=========  ===========================  =====================================================================

Names are the first three letters in English or Swedish (``Mon`` or ``mån``), in any letter case. An example:
``Jan-Jun,Aug-Dec Mon-Fri 08:00-12:00,13:00-16:30; Jul mån,ons 09:00-12:00``.

The parts of an entry are combined with AND, entries with OR (GetCareManagers TKB, HoursOfServiceType). The
schema allows one date period and one time per element (seed conflict 10), so an entry with two times becomes
two elements.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache

from contracts.codes import MONTHS, WEEKDAYS

_END_OF_DAY = time(23, 59, 59)
"""What 24:00 becomes: TimeType's pattern refuses 240000."""

_EXPECTED = {
    "dates": "first and last day such as 2026-06-01/2026-08-31 or 2026-06-01/ (years 1900-2099)",
    "months": "months such as Jan-Jun,Aug-Dec",
    "week days": "week days such as Mon-Fri or mån,ons",
    "times": "times such as 08:00-12:00,13:00-17:00",
}
"""The parts of an entry in their order, and how to write each."""

_ANY_PART = "; or ".join(_EXPECTED.values())

_DATES = re.compile(r"((?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2})/((?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2})?")
_TIMES = re.compile(r"([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2})")

_SWEDISH = {
    "months": ["jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
    "week days": ["mån", "tis", "ons", "tor", "fre", "lör", "sön"],
}

_VALUES = {"months": MONTHS, "week days": WEEKDAYS}


def _numbers(part: str, values: tuple[str, ...]) -> dict[str, int]:
    english = {value[:3].lower(): number for number, value in enumerate(values)}
    return english | {name: number for number, name in enumerate(_SWEDISH[part])}


_NUMBERS = {part: _numbers(part, values) for part, values in _VALUES.items()}

_IN_SWEDISH = {
    name: _SWEDISH[part][number] for part, numbers in _NUMBERS.items() for name, number in numbers.items()
}
"""Names in both languages -> Swedish ones: no name is a month's and a day's."""


class HoursError(ValueError):
    """Hours that do not follow the notation; the text says at which character, and what is expected there."""

    def __init__(self, position: int, problem: str) -> None:
        super().__init__(f"hours, character {position + 1}: {problem}")


@dataclass(frozen=True, slots=True)
class Hours:
    """One HoursOfServiceType element. What is empty or None sets no condition.

    Attributes:
        week_days: Values of WeekDaysEnum, in its order.
        months: Values of MonthsEnum, in its order.
        start: First moment of the day; None together with ``end``.
        end: Last moment of the day.
        date_from: First day; None together with ``date_to``.
        date_to: Last day; None also means until further notice.
    """

    week_days: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    start: time | None = None
    end: time | None = None
    date_from: date | None = None
    date_to: date | None = None


@lru_cache(maxsize=4096)
def parse_hours(text: str) -> tuple[Hours, ...]:
    """Return the elements that hours in the module's notation become, in the order written.

    Raises:
        HoursError: The text does not follow the notation.
    """
    hours: list[Hours] = []
    position = 0
    for entry in text.split(";"):
        hours += _parse_entry(entry, position)
        position += len(entry) + 1
    return tuple(hours)


def in_swedish(text: str) -> str:
    """Return hours in the module's notation as a Swede reads them: ``Mån-fre 08:00-12:00, 13:00-16:30``."""
    entries = []
    for entry in text.split(";"):
        words = " ".join(_word(token) for token in entry.split())
        entries.append(words[:1].upper() + words[1:])
    return "; ".join(entries)


def _word(token: str) -> str:
    if match := _DATES.fullmatch(token):
        return f"{match[1]} till {match[2]}" if match[2] else f"från {match[1]}"
    names = re.sub("[a-zåäö]+", lambda name: _IN_SWEDISH.get(name[0], name[0]), token.lower())
    return names.replace(",", ", ")


def _parse_entry(entry: str, position: int) -> list[Hours]:
    dates: tuple[date | None, date | None] = (None, None)
    names: dict[str, tuple[str, ...]] = {"months": (), "week days": ()}
    times: Sequence[tuple[time | None, time | None]] = [(None, None)]
    allowed = list(_EXPECTED)
    for match in re.finditer(r"\S+", entry):
        token, where = match[0], position + match.start()
        part = _part(token, where)
        if part not in allowed:
            raise HoursError(
                where, f"{part} stand twice or in the wrong place; the order is {', '.join(_EXPECTED)}"
            )
        del allowed[: allowed.index(part) + 1]
        if part == "dates":
            dates = _dates(token, where)
        elif part == "times":
            times = _times(token, where)
        else:
            names[part] = _names(token, where, part)
    if len(allowed) == len(_EXPECTED):
        raise HoursError(position, f"an entry is empty; expected {_ANY_PART}")
    return [Hours(names["week days"], names["months"], *span, *dates) for span in times]


def _part(token: str, where: int) -> str:
    """Tell which part a token is: by its first name, else by its separators."""
    name = re.split("[-,]", token, maxsplit=1)[0].lower()
    for part, numbers in _NUMBERS.items():
        if name in numbers:
            return part
    if "/" in token:
        return "dates"
    if ":" in token:
        return "times"
    raise HoursError(where, f"expected {_ANY_PART}")


def _dates(token: str, where: int) -> tuple[date, date | None]:
    match = _DATES.fullmatch(token)
    if match is None:
        raise HoursError(where, f"expected {_EXPECTED['dates']}")
    try:
        first = date.fromisoformat(match[1])
        last = date.fromisoformat(match[2]) if match[2] else None
    except ValueError:
        raise HoursError(where, "there is no such date") from None
    if last is not None and last < first:
        raise HoursError(where, "the last day comes before the first")
    return first, last


def _names(token: str, where: int, part: str) -> tuple[str, ...]:
    numbers, values = _NUMBERS[part], _VALUES[part]
    chosen: set[int] = set()
    for item in token.lower().split(","):
        ends = [numbers.get(name) for name in item.split("-")]
        first, last = ends[0], ends[-1]
        if first is None or last is None or len(ends) > 2:
            raise HoursError(where, f"expected {_EXPECTED[part]}")
        # Counted from the first name on, so that a range may run over the end of the week or year.
        chosen.update((first + step) % len(values) for step in range((last - first) % len(values) + 1))
        where += len(item) + 1
    return tuple(value for number, value in enumerate(values) if number in chosen)


def _times(token: str, where: int) -> list[tuple[time, time]]:
    times = []
    for item in token.split(","):
        match = _TIMES.fullmatch(item)
        if match is None:
            raise HoursError(where, f"expected {_EXPECTED['times']}")
        try:
            start = time.fromisoformat(match[1])
            end = _END_OF_DAY if match[2] == "24:00" else time.fromisoformat(match[2])
        except ValueError:
            raise HoursError(where, "there is no such time") from None
        if start >= end:
            raise HoursError(
                where, "the end must come after the start; write hours over midnight as two entries"
            )
        times.append((start, end))
        where += len(item) + 1
    return times
