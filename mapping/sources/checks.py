"""What a record must hold beyond each field, by itself; `mapping.loads` holds it against the register."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from typing import get_args
from urllib.parse import urlsplit

from register.model import ContactRoute, Record

_WEB = ("https", "http")
_PERIODS = (("valid_from", "valid_to"), ("queued_at", "left_at"))

_PERIODS_OF = {
    record_type: [period for period in _PERIODS if set(period) <= {one.name for one in fields(record_type)}]
    for record_type in get_args(Record)
}

Fault = tuple[str, str, str]
"""A field, what is wrong with it, and what differs by row. No name and no person number is quoted."""


def faults(record: Record) -> Iterator[Fault]:
    """Yield what is wrong with a record taken by itself."""
    for start, end in _PERIODS_OF[type(record)]:
        first: date | None = getattr(record, start)
        last: date | None = getattr(record, end)
        if first is not None and last is not None and last < first:
            yield end, "the end comes before the start", f" ({last}, {first})"
    if isinstance(record, ContactRoute):
        yield from _route_faults(record)


def _route_faults(route: ContactRoute) -> Iterator[Fault]:
    owners = [owner for owner in (route.unit, route.team, route.provider) if owner is not None]
    if len(owners) != 1 or (route.staff is not None and route.unit is None):
        yield (
            "unit",
            "the owner must be one: a unit, staff together with a unit, a team, or a provider",
            "",
        )
    if route.system == "url" and not _is_web_address(route.value):
        yield (
            "value",
            f"is no web address; it must begin with {' or '.join(f'{scheme}://' for scheme in _WEB)}",
            "",
        )


def _is_web_address(text: str) -> bool:
    try:
        address = urlsplit(text)
    except ValueError:
        return False
    return address.scheme in _WEB and bool(address.hostname) and not any(map(str.isspace, text))
