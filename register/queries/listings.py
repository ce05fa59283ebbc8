"""A resident's listings and places in queues."""

from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

from register.model import ListedAt, Listing, OutOfCountyListing, QueuedAt, QueuePlace
from register.queries.conditions import active_at, is_alive, valid_on
from register.queries.doctors import doctor_link
from register.queries.facilities import with_figures
from register.rows import columns, record
from register.tables import listing, out_of_county_listing, queue_place, unit


def listed_at(connection: Connection, person_id: str, county: str, now: datetime) -> list[ListedAt]:
    """Return a resident's active listings at open units of a county, oldest first.

    The doctor of a PV listing is the one that `contacts` shows (design rule 10).

    Args:
        connection: A connection to the register.
        person_id: The resident's own identity, as `find_resident` gives it.
        county: Two-digit county code.
        now: The present, Swedish local time.
    """
    rows = connection.execute(
        select(*columns(Listing))
        .join(unit, unit.c.hsa_key == listing.c.unit_key)
        .where(
            listing.c.person_id == person_id,
            active_at(listing.c.valid_from, listing.c.valid_to, now),
            unit.c.county == county,
            valid_on(unit, now.date()),
        )
        .order_by(listing.c.valid_from, listing.c.id)
    )
    listings = [record(Listing, iter(values)) for values in rows]
    if not listings:
        return []
    at = with_figures(connection, {one.unit for one in listings}, now)
    link = doctor_link(connection, person_id, now)
    return [
        ListedAt(one, at[one.unit], link.staff if link is not None and link.holds_for(one) else None)
        for one in listings
    ]


def queued_at(connection: Connection, person_id: str, county: str, now: datetime) -> list[QueuedAt]:
    """Return a resident's places in the queues of open units of a county, oldest first.

    The position is the place's rank among all that queue at the unit, whatever the listing type; deceased
    residents hold no place.

    Args:
        connection: A connection to the register.
        person_id: The resident's own identity, as `find_resident` gives it.
        county: Two-digit county code.
        now: The present, Swedish local time.
    """
    other = queue_place.alias("other")
    ahead = (
        select(func.count())
        .select_from(other)
        .where(
            other.c.unit_key == queue_place.c.unit_key,
            active_at(other.c.queued_at, other.c.left_at, now),
            is_alive(other),
            or_(
                other.c.queued_at < queue_place.c.queued_at,
                and_(other.c.queued_at == queue_place.c.queued_at, other.c.id < queue_place.c.id),
            ),
        )
        .scalar_subquery()
    )
    rows = connection.execute(
        select(ahead + 1, *columns(QueuePlace))
        .join(unit, unit.c.hsa_key == queue_place.c.unit_key)
        .where(
            queue_place.c.person_id == person_id,
            active_at(queue_place.c.queued_at, queue_place.c.left_at, now),
            unit.c.county == county,
            valid_on(unit, now.date()),
        )
        .order_by(queue_place.c.queued_at, queue_place.c.id)
    )
    places = [(record(QueuePlace, iter(values)), position) for position, *values in rows]
    at = with_figures(connection, {place.unit for place, _ in places}, now)
    return [QueuedAt(place, at[place.unit], position) for place, position in places]


def out_of_county(connection: Connection, person_id: str, now: datetime) -> list[OutOfCountyListing]:
    """Return the active notes that a resident is listed in another county, oldest first.

    Args:
        connection: A connection to the register.
        person_id: The resident's own identity, as `find_resident` gives it.
        now: The present, Swedish local time.
    """
    note = out_of_county_listing.c
    rows = connection.execute(
        select(*columns(OutOfCountyListing))
        .where(note.person_id == person_id, active_at(note.valid_from, note.valid_to, now))
        .order_by(note.valid_from, note.id)
    )
    return [record(OutOfCountyListing, iter(values)) for values in rows]


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
    here, elsewhere = (
        select(func.count())
        .select_from(table)
        .where(
            table.c.person_id == person_id,
            table.c.code == code,
            table.c.code_system == code_system,
            table.c.counts_as_change,
            table.c.valid_from > since,
            table.c.valid_from <= now,
        )
        .scalar_subquery()
        for table in (listing, out_of_county_listing)
    )
    return int(connection.execute(select(here + elsewhere)).scalar_one())
