"""Dates as sources write them, and dates that count from the day of the import."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain

from contracts.clock import SWEDEN

AUTO = "auto"
"""The format that stands for all of `AUTO_FORMATS`."""

AUTO_FORMATS = (
    "%Y-%m-%d",
    "%Y%m%d",
    *(
        f"%Y-%m-%d{between}{clock}{zone}"  # ISO 8601, and as databases write it
        for between in ("T", " ")
        for clock in ("%H:%M", "%H:%M:%S")
        for zone in ("", "%z")
    ),
    "%Y%m%d%H%M%S",
    "%Y%m%d%H%M%S%z",  # LDAP generalized time (RFC 4517 section 3.3.13)
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%Y/%m/%d",
)
"""No text fits two of them with different days; the month never comes first."""

RELATIVE = "relative"
"""The format that counts from the day of the import."""

DEFAULT_FORMATS = (
    "%Y-%m-%d",
    "%Y%m%d",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S%z",
)
"""Formats of a profile that names none."""

_RELATIVE = re.compile(r"(?:today|(?P<count>[+-][0-9]{1,5})(?P<unit>[dmy]))(?: (?P<time>[0-9]{2}:[0-9]{2}))?")
# Decimals of seconds, of any number and in any form: Excel has 3, PostgreSQL 6, SQL Server 7, Oracle 9.
_DECIMALS = re.compile(r"((?<=[0-9]:[0-9]{2}:[0-9]{2})|(?<=[0-9]{14}))[.,]([0-9]+)")
_LOOSE_ZONE = re.compile(r"(?<=[0-9]) ?([+-][0-9]{2})(:?[0-9]{2})?$")  # after a blank, or of hours alone
_TOGETHER = re.compile("(?:%[YymdHMSj])+")
_DIGITS = {"Y": 4, "j": 3}  # of a directive; the others have two
_PROBE = datetime(2001, 2, 3, tzinfo=UTC)  # with a zone: without one, %z would be written as nothing


@lru_cache(maxsize=65536)  # strptime is slow, and the same days come again and again
def read_date(text: str, formats: tuple[str, ...], today: date) -> tuple[date, time | None] | None:
    """Return the day, and the time of day where there is one, or None when no format fits.

    A time with an offset from UTC becomes Swedish local time.

    Args:
        text: The text.
        formats: Formats that are tried in turn, in strptime notation, `AUTO` or `RELATIVE`.
        today: Day that relative dates count from.
    """
    for form in chain.from_iterable(AUTO_FORMATS if form == AUTO else (form,) for form in formats):
        found = _relative(text, today) if form == RELATIVE else _absolute(text, form)
        if found is not None:
            return found
    return None


def format_fault(form: str) -> str | None:
    """Say what is wrong with a date format, or return None when it can be used."""
    if form in (AUTO, RELATIVE):
        return None
    if "%Y" not in form and "%y" not in form:
        return "has no year (%Y)"
    try:
        understood = datetime.strptime(_PROBE.strftime(form), form)
    except ValueError as error:
        return f"is no date format: {error}"
    return None if understood.date() == _PROBE.date() else "does not give year, month and day"


def local_time(moment: datetime) -> datetime:
    """Return a moment in Swedish local time, without offset; one that has none is local already."""
    if moment.tzinfo is not None and moment.year < date.max.year:  # 9999 means no end, and cannot be moved on
        moment = moment.astimezone(SWEDEN)
    return moment.replace(tzinfo=None)


def _absolute(text: str, form: str) -> tuple[date, time | None] | None:
    # strptime reads six decimals at the most, and only where the form has them.
    text = _DECIMALS.sub(lambda found: f".{found[2][:6]}" if "%f" in form else "", text)
    if form.endswith("%z"):
        text = _LOOSE_ZONE.sub(lambda found: found[1] + (found[2] or "00"), text)
    try:
        moment = local_time(datetime.strptime(text, form)).replace(microsecond=0)
    except (ValueError, OverflowError):  # OverflowError: an offset that leads out of the calendar
        return None
    if _layout(form).fullmatch(text) is None:
        return None
    return moment.date(), moment.time() if "%H" in form or "%I" in form else None


@lru_cache
def _layout(form: str) -> re.Pattern[str]:
    """Return the pattern that a text of a format has at the least.

    strptime lets leading zeros be left out, also where nothing stands between the numbers: it would read
    202612, which is a day short, as 2 January.
    """
    parts = []
    place = 0
    for match in _TOGETHER.finditer(form):
        letters = match[0].replace("%", "")
        width = sum(_DIGITS.get(letter, 2) for letter in letters)
        parts += [
            ".*" if match.start() > place else "",
            f"[0-9]{{{width}}}" if len(letters) > 1 else "[0-9]+",
        ]
        place = match.end()
    return re.compile("".join(parts) + ".*", re.DOTALL)


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
