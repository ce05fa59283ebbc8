"""What holds between the records of a load and those of the register, whatever the source."""

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import ColumnElement, FromClause, Table, and_, exists, func, or_, select

from contracts.codes import DOCTOR_CONTACT, PV
from mapping.loads.staging import Place, Stage
from register.model import FixedContact, Listing, OutOfCountyListing, QueuePlace, Record, UnitListingType
from register.tables import listing_type, listing_type_county, unit

Condition = Callable[[FromClause, FromClause], ColumnElement[bool]]


class Overlap(NamedTuple):
    """Two records of a resident that exclude each other.

    Attributes:
        place: Row of the load that is one of them, the later one if both are.
        other: Row of the other; None when it is in the register.
    """

    place: Place
    other: Place | None


def _begins_before_end_of(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    return or_(other.c.valid_to.is_(None), one.c.valid_from < other.c.valid_to)


_EXCLUDE: dict[type[Record], tuple[Condition, ...]] = {
    # Two contacts may share one day, the last of the one and the first of the other: the day of the change.
    FixedContact: (
        lambda one, other: one.c.type_code == other.c.type_code,
        lambda one, _: one.c.type_code == DOCTOR_CONTACT,
    ),
    # A listing that ends the moment it begins overlaps none.
    Listing: (
        lambda one, other: one.c.code == other.c.code,
        lambda one, other: one.c.code_system == other.c.code_system,
        lambda one, _: _begins_before_end_of(one, one),
        lambda _, other: _begins_before_end_of(other, other),
    ),
}
"""What of a resident there is only one of at a time: a doctor (S000-019), a listing of each type."""


def overlaps(stage: Stage) -> list[Overlap]:
    """Find records of the stage, applied already, that exclude another of the same resident."""
    if stage.record_type not in _EXCLUDE:
        return []
    target = stage.target
    of_load = target.c.person_id.in_(select(stage.table.c.person_id))
    # Most residents have one record: the others are found from an index alone.
    several = select(target.c.person_id).where(of_load).group_by(target.c.person_id).having(func.count() > 1)
    one, other = target.alias(), target.alias()
    pairs = select(one.c.id, other.c.id).where(
        one.c.person_id.in_(several),
        one.c.person_id == other.c.person_id,
        one.c.id < other.c.id,
        _begins_before_end_of(one, other),
        _begins_before_end_of(other, one),
        *(condition(one, other) for condition in _EXCLUDE[stage.record_type]),
    )
    found = []
    for ids in stage.connection.execute(pairs):
        places = stage.places(stage.table.c.id.in_(tuple(ids)))
        if places:  # otherwise neither is of this load
            found.append(Overlap(places[-1], places[0] if len(places) > 1 else None))
    return sorted(found)


def unoffered(stage: Stage) -> list[tuple[Place, str]]:
    """Find listings and the like of a type that their county does not offer; PV is offered everywhere.

    A note about a listing in another county may also have a type that is agreed with that county (carelisting
    TKB, GetListingTypes).

    Returns:
        Place of the row, and the county.
    """
    own = stage.table
    if stage.record_type is OutOfCountyListing:
        county: ColumnElement[str] = own.c.county
        agreed = exists().where(
            *_of_type(own, listing_type_county), listing_type_county.c.agreed_county == county
        )
        here = exists().where(*_of_type(own, listing_type), listing_type.c.county == county)
        offered = or_(here.correlate(own), agreed.correlate(own))
        source: FromClause = own
    elif stage.record_type in (Listing, QueuePlace, UnitListingType):
        county = unit.c.county
        source = own.join(unit, unit.c.hsa_key == own.c.unit_key)
        here = exists().where(*_of_type(own, listing_type), listing_type.c.county == county)
        offered = here.correlate(own, unit)
    else:
        return []
    national = and_(own.c.code == PV.code, own.c.code_system == PV.system)
    rows = select(*stage.place, county).select_from(source).where(~national, ~offered)
    return [
        (Place(file, line), code)
        for file, line, code in stage.connection.execute(rows.order_by(*stage.place))
    ]


def _of_type(own: Table, types: Table) -> tuple[ColumnElement[bool], ...]:
    return types.c.code == own.c.code, types.c.code_system == own.c.code_system
