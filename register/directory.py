"""The directory: units and what they belong to, and the listing types of a county."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import BindParameter, Connection, bindparam, or_, select

from contracts.identifiers import HsaId
from register.columns import columns, record
from register.conditions import care_unit, is_care_unit
from register.model import ListingType, Unit
from register.tables import listing_type, listing_type_county, unit

_COUNTY_TYPES = (
    select(listing_type.c.code, listing_type.c.code_system, *columns(ListingType))
    .where(listing_type.c.county == bindparam("county"))
    .order_by(listing_type.c.code, listing_type.c.code_system)
)

_AGREED = (
    select(listing_type_county.c.code, listing_type_county.c.code_system, listing_type_county.c.agreed_county)
    .where(listing_type_county.c.county == bindparam("county"))
    .order_by(listing_type_county.c.agreed_county)
)

_ORGANISATIONS: BindParameter[HsaId] = bindparam("organisations", expanding=True)

_UNITS = (
    select(unit.c.hsa_key)
    .join(care_unit, is_care_unit)
    .where(
        or_(
            unit.c.hsa_key.in_(_ORGANISATIONS),
            care_unit.c.hsa_key.in_(_ORGANISATIONS),
            unit.c.provider_key.in_(_ORGANISATIONS),
            care_unit.c.provider_key.in_(_ORGANISATIONS),
        )
    )
)


def units_of(connection: Connection, organisations: Collection[HsaId]) -> frozenset[HsaId]:
    """Return all units that are one of the organisations or belong to one.

    Args:
        connection: A connection to the register.
        organisations: HSA-ids of units, care units and care providers.
    """
    if not organisations:
        return frozenset()
    return frozenset(connection.scalars(_UNITS, {"organisations": list(organisations)}))


def listing_types(connection: Connection, county: str) -> list[ListingType]:
    """Return the listing types a county offers beside the national one, in the order of code."""
    values = {"county": county}
    agreed: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for code, code_system, agreed_county in connection.execute(_AGREED, values):
        agreed[code, code_system].append(agreed_county)
    return [
        record(ListingType, iter(fields), tuple(agreed[code, code_system]))
        for code, code_system, *fields in connection.execute(_COUNTY_TYPES, values)
    ]


def find_unit(connection: Connection, unit_key: HsaId) -> Unit:
    """Return a unit by its key."""
    row = connection.execute(select(*columns(Unit)).where(unit.c.hsa_key == unit_key)).one()
    return record(Unit, iter(row))
