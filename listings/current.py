"""A resident's listings and places in queues."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, Connection, ScalarSelect, Table, and_, bindparam, func, or_, select

from contacts.doctors import doctor_link
from contracts.identifiers import HsaId
from listings.facilities import Facility, with_figures
from register.columns import columns, record
from register.conditions import NOW, active_now, at, is_alive, valid_today
from register.model import Listing, OutOfCountyListing, QueuePlace, Staff
from register.tables import listing, out_of_county_listing, queue_place, unit

_PERSON: BindParameter[str] = bindparam("person_id")
_COUNTY: BindParameter[str] = bindparam("county")

_LISTINGS = (
    select(*columns(Listing))
    .join(unit, unit.c.hsa_key == listing.c.unit_key)
    .where(
        listing.c.person_id == _PERSON,
        active_now(listing.c.valid_from, listing.c.valid_to),
        unit.c.county == _COUNTY,
        valid_today(unit),
    )
    .order_by(listing.c.valid_from, listing.c.id)
)

_other = queue_place.alias("other")
_AHEAD = (
    select(func.count())
    .select_from(_other)
    .where(
        _other.c.unit_key == queue_place.c.unit_key,
        active_now(_other.c.queued_at, _other.c.left_at),
        is_alive(_other),
        or_(
            _other.c.queued_at < queue_place.c.queued_at,
            and_(_other.c.queued_at == queue_place.c.queued_at, _other.c.id < queue_place.c.id),
        ),
    )
    .scalar_subquery()
)
"""How many stand before a place in its queue."""

_PLACES = (
    select(_AHEAD + 1, *columns(QueuePlace))
    .join(unit, unit.c.hsa_key == queue_place.c.unit_key)
    .where(
        queue_place.c.person_id == _PERSON,
        active_now(queue_place.c.queued_at, queue_place.c.left_at),
        unit.c.county == _COUNTY,
        valid_today(unit),
    )
    .order_by(queue_place.c.queued_at, queue_place.c.id)
)

_OUT_OF_COUNTY = (
    select(*columns(OutOfCountyListing))
    .where(
        out_of_county_listing.c.person_id == _PERSON,
        active_now(out_of_county_listing.c.valid_from, out_of_county_listing.c.valid_to),
    )
    .order_by(out_of_county_listing.c.valid_from, out_of_county_listing.c.id)
)


def _changes(table: Table) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(table)
        .where(
            table.c.person_id == _PERSON,
            table.c.code == bindparam("code"),
            table.c.code_system == bindparam("code_system"),
            table.c.counts_as_change,
            table.c.valid_from > bindparam("since"),
            table.c.valid_from <= NOW,
        )
        .scalar_subquery()
    )


_CHANGES = select(_changes(listing) + _changes(out_of_county_listing))


@dataclass(frozen=True, slots=True)
class ListedAt:
    """A resident's active listing with its facility and, for PV, the doctor."""

    listing: Listing
    facility: Facility
    doctor: Staff | None = None


@dataclass(frozen=True, slots=True)
class QueuedAt:
    """A resident's place in a queue with its facility.

    Attributes:
        position: Place in the queue, 1 is next.
    """

    place: QueuePlace
    facility: Facility
    position: int


def listed_at(
    connection: Connection, person_id: str, county: str, now: datetime, *, hidden: Collection[HsaId] = ()
) -> list[ListedAt]:
    """Return a resident's active listings at open units of a county, oldest first.

    The doctor of a PV listing is the one that `contacts` shows (design rule 10).

    Args:
        connection: A connection to the register.
        person_id: The resident's own identity, as `find_resident` gives it.
        county: Two-digit county code.
        now: The present, Swedish local time.
        hidden: Units that are to be as if they did not exist.
    """
    values = {"person_id": person_id, "county": county, **at(now)}
    all_listings = [record(Listing, iter(fields)) for fields in connection.execute(_LISTINGS, values)]
    listings = [one for one in all_listings if one.unit not in hidden]
    if not listings:
        return []
    shown = with_figures(connection, {one.unit for one in listings}, now)
    link = doctor_link(connection, person_id, now, hidden=hidden)
    return [
        ListedAt(one, shown[one.unit], link.staff if link is not None and link.holds_for(one) else None)
        for one in listings
    ]


def queued_at(
    connection: Connection, person_id: str, county: str, now: datetime, *, hidden: Collection[HsaId] = ()
) -> list[QueuedAt]:
    """Return a resident's places in the queues of open units of a county, oldest first.

    The position is the place's rank among all that queue at the unit, whatever the listing type; deceased
    residents hold no place.

    Args:
        connection: A connection to the register.
        person_id: The resident's own identity, as `find_resident` gives it.
        county: Two-digit county code.
        now: The present, Swedish local time.
        hidden: Units that are to be as if they did not exist.
    """
    values = {"person_id": person_id, "county": county, **at(now)}
    all_places = [
        (record(QueuePlace, iter(fields)), position)
        for position, *fields in connection.execute(_PLACES, values)
    ]
    places = [(one, position) for one, position in all_places if one.unit not in hidden]
    shown = with_figures(connection, {place.unit for place, _ in places}, now)
    return [QueuedAt(place, shown[place.unit], position) for place, position in places]


def out_of_county(connection: Connection, person_id: str, now: datetime) -> list[OutOfCountyListing]:
    """Return the active notes that a resident is listed in another county, oldest first.

    Args:
        connection: A connection to the register.
        person_id: The resident's own identity, as `find_resident` gives it.
        now: The present, Swedish local time.
    """
    rows = connection.execute(_OUT_OF_COUNTY, {"person_id": person_id, **at(now)})
    return [record(OutOfCountyListing, iter(fields)) for fields in rows]


def changes_since(
    connection: Connection, person_id: str, code: str, code_system: str, since: datetime, now: datetime
) -> int:
    """Count the listings of a type, here or in another county, that used up one of the yearly re-listings.

    Args:
        connection: A connection to the register.
        person_id: The resident's own identity, as `find_resident` gives it.
        code: Code of the listing type.
        code_system: Its code system.
        since: Listings that began at this moment or earlier do not count.
        now: The present, Swedish local time; later listings do not count.
    """
    values = {
        "person_id": person_id,
        "code": code,
        "code_system": code_system,
        "since": since,
        **at(now),
    }
    return int(connection.execute(_CHANGES, values).scalar_one())
