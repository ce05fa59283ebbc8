"""Which records of a resident exclude each other or mean the same, and how their periods compare.

A beginning or end is a moment or a day: a listing ends the moment the next begins, a contact counts on its
last day.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from contracts.codes import DOCTOR_CONTACT
from register.model import Employment, FixedContact, Listing, OutOfCountyListing, QueuePlace, Record

Row = dict[str, Any]
"""Columns of a record, or of a row of a load."""

_DAY = timedelta(days=1)


class Shape(NamedTuple):
    """What tells two records of a type apart, and what makes them exclude each other.

    Attributes:
        start: Column of the beginning.
        end: Column of the end.
        subject: Columns that two records of a resident share of which only one can be in force.
        meaning: Columns that say which of them it is.
    """

    start: str
    end: str
    subject: tuple[str, ...]
    meaning: tuple[str, ...] = ()


_SHAPES: dict[type[Record], Shape] = {
    Listing: Shape("valid_from", "valid_to", ("code", "code_system"), ("unit_key",)),
    OutOfCountyListing: Shape("valid_from", "valid_to", ("code", "code_system"), ("county",)),
    QueuePlace: Shape("queued_at", "left_at", ("code", "code_system", "unit_key")),
}
_DOCTOR = Shape("valid_from", "valid_to", ("type_code",), ("staff_key", "unit_key"))
_OTHER_CONTACT = Shape("valid_from", "valid_to", ("type_code", "staff_key", "unit_key"))
RULED: tuple[type[Record], ...] = (*_SHAPES, FixedContact, Employment)
"""The record types that both may speak of."""


def shape_of(record_type: type[Record], row: Mapping[str, Any]) -> Shape | None:
    """Return the shape of a record; None where its key says all, as of an employment."""
    if record_type is FixedContact:
        return _DOCTOR if row["type_code"] == DOCTOR_CONTACT else _OTHER_CONTACT
    return _SHAPES.get(record_type)


def one_at_a_time(record_type: type[Record], row: Mapping[str, Any]) -> Shape | None:
    """Return the shape of a record of which a resident has one at a time; None for the others."""
    if record_type is Listing or (record_type is FixedContact and row["type_code"] == DOCTOR_CONTACT):
        return shape_of(record_type, row)
    return None


def before(start: date, end: date | None) -> bool:
    """Tell whether something begins before another has ended; a last day counts, a moment of end does not."""
    if end is None:
        return True
    return start < end if isinstance(end, datetime) else start <= end


def just_before(moment: date) -> date:
    """Return the end of what ends when something begins."""
    return moment if isinstance(moment, datetime) else moment - _DAY


def day_of(moment: date) -> date:
    """Return the day of a moment or day."""
    return moment.date() if isinstance(moment, datetime) else moment


def apart(one: date, other: date) -> int:
    """Return how many days lie between two moments or days."""
    return abs((day_of(one) - day_of(other)).days)
