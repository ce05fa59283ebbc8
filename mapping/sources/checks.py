"""What a record must hold beyond each field, by itself; `register.loads` holds it against the register."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from register.model import ContactRoute, Record

_WEB = ("https", "http")
_PERIODS = (("valid_from", "valid_to"), ("queued_at", "left_at"))

Fault = tuple[str, str]
"""A field, and what is wrong with it in words that quote no name and no person number."""


def faults(record: Record) -> Iterator[Fault]:
    """Yield what is wrong with a record taken by itself."""
    for start, end in _periods(type(record)):
        first: date | None = getattr(record, start)
        last: date | None = getattr(record, end)
        if first is not None and last is not None and last < first:
            yield end, f"the end ({last}) comes before the start ({first})"
    if isinstance(record, ContactRoute):
        yield from _route_faults(record)


@lru_cache
def _periods(record_type: type[Any]) -> list[tuple[str, str]]:
    names = {one.name for one in fields(record_type)}
    return [period for period in _PERIODS if names.issuperset(period)]


def _route_faults(route: ContactRoute) -> Iterator[Fault]:
    owners = [owner for owner in (route.unit, route.team, route.provider) if owner is not None]
    if len(owners) != 1 or (route.staff is not None and route.unit is None):
        yield (
            "unit",
            "the owner must be one: a unit, staff together with a unit, a team, or a provider",
        )
    if route.system == "url" and not _is_web_address(route.value):
        yield (
            "value",
            f"is no web address; it must begin with {' or '.join(f'{scheme}://' for scheme in _WEB)}",
        )


def _is_web_address(text: str) -> bool:
    try:
        address = urlsplit(text)
    except ValueError:
        return False
    return address.scheme in _WEB and bool(address.hostname) and not any(map(str.isspace, text))
