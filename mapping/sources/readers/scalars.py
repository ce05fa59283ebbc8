"""Values of databases and spreadsheets to the texts that profiles read."""

from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from contracts.letters import nfc
from mapping.sources.dates import local_time
from mapping.sources.readers.table import VALUES


class NoText(ValueError):
    """A value that no text stands for; the message says what it is."""


def as_text(value: object) -> str:
    """Return the text of a value.

    Dates and times are written as ISO 8601 has them, to the second and, where they have an offset, as Swedish
    local time; whole numbers without decimals; true and false as words; nothing as an empty text; and the
    values of an array are joined with `VALUES`.

    Raises:
        NoText: It is binary, or of a type that has no such text.
    """
    match value:
        case None:
            return ""
        case str():
            return nfc(value)
        case bool():
            return str(value).lower()
        case int() | UUID():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() else str(value)
        case Decimal():
            whole = value.is_finite() and value == value.to_integral_value()
            return format(value.to_integral_value() if whole else value, "f")
        case datetime():
            return local_time(value).isoformat(timespec="seconds")
        case time():
            return value.isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case list():
            return VALUES.join(filter(None, map(as_text, value)))
        case _:
            raise NoText(f"holds a {type(value).__name__}, which is no text, number or date")
