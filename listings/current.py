"""Where a resident is listed and queues now, as answers show it, and the re-listings used up."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from contacts.doctors import doctor_link
from contracts.codes import CodeKey
from contracts.identifiers import HsaId
from listings import statements
from listings.facilities import Facility, with_figures
from register.columns import record
from register.conditions import at
from register.model import Listing, OutOfCountyListing, QueuePlace, Staff
from register.prepared import only


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
    found = statements.SHOWN_LISTINGS.records(Listing, connection, values)
    listings = [one for one in found if one.unit not in hidden]
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

    The position is the place's rank among all that queue at the unit for the same listing type; deceased
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
        for position, *fields in statements.SHOWN_PLACES.all(connection, values)
    ]
    places = [(one, position) for one, position in all_places if one.unit not in hidden]
    if not places:
        return []
    shown = with_figures(connection, {place.unit for place, _ in places}, now)
    return [QueuedAt(place, shown[place.unit], position) for place, position in places]


def out_of_county(connection: Connection, person_id: str, now: datetime) -> list[OutOfCountyListing]:
    """Return the active notes that a resident is listed in another county, oldest first.

    Args:
        connection: A connection to the register.
        person_id: The resident's own identity, as `find_resident` gives it.
        now: The present, Swedish local time.
    """
    values = {"person_id": person_id, **at(now)}
    return statements.SHOWN_NOTES.records(OutOfCountyListing, connection, values)


def relistings_since(
    connection: Connection, person_id: str, listing_type: CodeKey, since: datetime, now: datetime
) -> int:
    """Count the listings of a type, here or in another county, that used up one of the yearly re-listings.

    Args:
        connection: A connection to the register.
        person_id: The resident's own identity, as `find_resident` gives it.
        listing_type: The listing type.
        since: Listings that began at this moment or earlier do not count.
        now: The present, Swedish local time; later listings do not count.
    """
    code, code_system = listing_type
    values = {"person_id": person_id, "code": code, "code_system": code_system, "since": since, **at(now)}
    (used,) = only(statements.RELISTINGS.all(connection, values))
    return int(used)
