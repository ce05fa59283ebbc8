"""What holds between the records of a load and those of the register, whatever the source."""

from collections.abc import Iterator
from operator import itemgetter
from typing import NamedTuple

from mapping.loads.staging import RowFault, RowPlace, Stage
from mapping.loads.statements import record_rules as statements
from mapping.loads.statements import staging
from mapping.sources.section import ProfileSection
from register.columns import FIELD_COLUMNS
from register.model import FixedContact, Listing, OutOfCountyListing, QueuePlace, UnitListingType

_LOAD_FIRST = {
    "provider": "care providers",
    "unit": "units",
    "care_unit": "units",
    "team": "teams",
    "staff": "staff",
    "person_id": "residents",
}
"""Field that refers to another record -> the records to load first."""


class Overlap(NamedTuple):
    """Two records of a resident that exclude each other.

    Attributes:
        place: Row of the load that is one of them, the later one if both are.
        other: Row of the other; None when it is in the register.
    """

    place: RowPlace
    other: RowPlace | None


def faults(stage: Stage, section: ProfileSection) -> Iterator[list[RowFault]]:
    """Yield the faults of rows that name what the register does not have; the caller takes the rows out."""
    yield [
        RowFault(
            place,
            name,
            _of_check(section, name) or f"the {name} is not in the register; load {_LOAD_FIRST[name]} first",
        )
        for place, name in missing(stage)
    ]
    yield [
        RowFault(
            place,
            "code",
            "the county offers no such listing type; load its listing types first",
            f" (county {county})",
        )
        for place, county in _not_offered(stage)
    ]


def missing(stage: Stage) -> list[tuple[RowPlace, str]]:
    """Find references to providers, units, staff, teams and residents that neither register nor load has.

    Returns:
        Place of the row and the field that refers.
    """
    found: list[tuple[RowPlace, str]] = []
    for name, column in FIELD_COLUMNS[stage.record_type].items():
        for reference in stage.target.c[column].foreign_keys:
            own = reference.column.table is stage.target
            find = statements.without_reference_of_own if own else statements.without_reference
            found += [(place, name) for place in stage.places(find(stage.table, column, reference.column))]
    return sorted(found, key=itemgetter(0))


def _of_check(section: ProfileSection, name: str) -> str | None:
    """Return the message of the check that an unknown record fails, given instead of the usual one."""
    check = section.checks.listed if name == "person_id" else section.checks.employed
    return check if isinstance(check, str) and name in ("person_id", "staff", "unit") else None


def _not_offered(stage: Stage) -> list[tuple[RowPlace, str]]:
    """Find rows with a listing type that their county does not offer, and the county."""
    if stage.record_type is OutOfCountyListing:
        statement = statements.not_offered_by_county(stage.table)
    elif stage.record_type in (Listing, QueuePlace, UnitListingType):
        statement = statements.not_offered_by_unit(stage.table)
    else:
        return []
    return [(RowPlace(file, line), county) for file, line, county in stage.connection.execute(statement)]


def of_other_sources(stage: Stage, source: str) -> list[RowFault]:
    """Return the faults of rows that would change a record of another source."""
    found = stage.connection.execute(statements.of_other_sources(stage.table, stage.target, source))
    return [
        RowFault(
            RowPlace(file, line),
            None,
            "another source has brought this record; leave it to that, or say existing = keep",
            f" (source {other})",
        )
        for file, line, other in found
    ]


def overlaps(stage: Stage) -> list[Overlap]:
    """Find records of the stage, applied already, that exclude another of the same resident."""
    if stage.record_type is FixedContact:
        statement = statements.two_doctors_at_a_time(stage.table)
    elif stage.record_type is Listing:
        statement = statements.two_listings_at_a_time(stage.table)
    else:
        return []
    pairs = stage.connection.execute(statement).all()
    if not pairs:
        return []
    found = []
    with stage.keyed():
        for both in pairs:
            places = stage.places(staging.places_of(stage.table, tuple(both)))
            if places:  # otherwise neither is of this load
                found.append(Overlap(places[-1], places[0] if len(places) > 1 else None))
    # A record of the register comes before the rows: None is not less than they are.
    return sorted(found, key=lambda one: (one.place, one.other is not None, one.other or one.place))
