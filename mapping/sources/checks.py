"""What a record must hold beyond each field: by itself, and with the listing types in the register."""

from collections.abc import Callable, Iterator
from datetime import date
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, select

from contracts.codes import PV
from contracts.identifiers import hsa_key
from register.model import ContactRoute, Listing, OutOfCountyListing, QueuePlace, Record, UnitListingType
from register.tables import listing_type, listing_type_county, unit

_WEB = ("https", "http")
_PERIODS = (("valid_from", "valid_to"), ("queued_at", "left_at"))

Fault = tuple[str, str]
"""A field, and what is wrong with it in words that quote no name and no person number."""


def faults(record: Record) -> Iterator[Fault]:
    """Yield what is wrong with a record taken by itself."""
    for start, end in _PERIODS:
        first: date | None = getattr(record, start, None)
        last: date | None = getattr(record, end, None)
        if first is not None and last is not None and last < first:
            yield end, f"the end ({last}) comes before the start ({first})"
    if isinstance(record, ContactRoute):
        yield from _route_faults(record)


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


def listing_type_check(connection: Connection) -> Callable[[Record], Iterator[Fault]]:
    """Return a check that a record's listing type is PV or one the county offers.

    A note about a listing in another county may also have a type that is agreed with that county (carelisting
    TKB, GetListingTypes). Units that are not in the register are left to the check of references.

    Args:
        connection: A connection to the register, asked once.
    """
    own, agreed = listing_type.c, listing_type_county.c
    offered = _types(connection, own.county, own.code, own.code_system)
    known_elsewhere = offered | _types(connection, agreed.agreed_county, agreed.code, agreed.code_system)
    counties = {row.hsa_key: row.county for row in connection.execute(select(unit.c.hsa_key, unit.c.county))}

    def check(record: Record) -> Iterator[Fault]:
        if not isinstance(record, Listing | QueuePlace | OutOfCountyListing | UnitListingType):
            return
        if (record.code, record.code_system) == (PV.code, PV.system):
            return
        if isinstance(record, OutOfCountyListing):
            county, known = record.county, known_elsewhere
        elif hsa_key(record.unit) in counties:
            county, known = counties[hsa_key(record.unit)], offered
        else:
            return
        if (county, record.code, record.code_system) not in known:
            yield "code", f"county {county} offers no such listing type; load its listing types first"

    return check


def _types(connection: Connection, *columns: ColumnElement[str]) -> set[tuple[str, ...]]:
    return {tuple(row) for row in connection.execute(select(*columns))}
