"""Dates as sources write them, and dates that count from the day of the import."""

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from contracts.clock import SWEDEN

RELATIVE = "relative"
"""The format that counts from the day of the import."""

DEFAULT_FORMATS = ("%Y-%m-%d", "%Y%m%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")
"""Formats of a profile that names none."""

_RELATIVE = re.compile(r"(?:today|(?P<count>[+-][0-9]{1,5})(?P<unit>[dmy]))(?: (?P<time>[0-9]{2}:[0-9]{2}))?")
_PROBE = datetime(2001, 2, 3)


@lru_cache(maxsize=65536)  # strptime is slow, and the same days come again and again
def read_date(text: str, formats: tuple[str, ...], today: date) -> tuple[date, time | None] | None:
    """Return the day, and the time of day where there is one, or None when no format fits.

    A time with an offset from UTC becomes Swedish local time.

    Args:
        text: The text.
        formats: Formats that are tried in turn, in strptime notation or `RELATIVE`.
        today: Day that relative dates count from.
    """
    for form in formats:
        found = _relative(text, today) if form == RELATIVE else _absolute(text, form)
        if found is not None:
            return found
    return None


def format_fault(form: str) -> str | None:
    """Say what is wrong with a date format, or return None when it can be used."""
    if form == RELATIVE:
        return None
    if "%Y" not in form and "%y" not in form:
        return "has no year (%Y)"
    try:
        understood = datetime.strptime(_PROBE.strftime(form), form)
    except ValueError as error:
        return f"is no date format: {error}"
    return None if understood.date() == _PROBE.date() else "does not give year, month and day"


def _absolute(text: str, form: str) -> tuple[date, time | None] | None:
    try:
        moment = datetime.strptime(text, form)
    except ValueError:
        return None
    if moment.tzinfo is not None and moment.year < date.max.year:  # 9999 means no end, and cannot be moved on
        moment = moment.astimezone(SWEDEN)
    return moment.date(), moment.time() if "%H" in form or "%I" in form else None


def _relative(text: str, today: date) -> tuple[date, time | None] | None:
    match = _RELATIVE.fullmatch(text)
    if match is None:
        return None
    try:
        clock = time.fromisoformat(match["time"]) if match["time"] else None
        return _shifted(today, int(match["count"] or 0), match["unit"]), clock
    except (ValueError, OverflowError):  # no such time, or a year beyond the calendar
        return None


def _shifted(day: date, count: int, unit: str | None) -> date:
    """Move a day; the 31st (or 29 February) becomes the last day of a month that is shorter."""
    if unit in (None, "d"):
        return day + timedelta(days=count)
    months = day.year * 12 + day.month - 1 + count * (12 if unit == "y" else 1)
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
