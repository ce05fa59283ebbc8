"""What a change of listings must know: who is listed and queues where, and whether there is room."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from contracts.codes import PV, CodeKey
from contracts.identifiers import HsaId
from listings import statements
from listings.figures import figures_of_unit
from listings.results import ListingResult, from_row
from register.columns import record
from register.conditions import at
from register.model import Allotment, QueuePlace, Unit
from register.prepared import only


def _of_resident(person_id: str, listing_type: CodeKey) -> dict[str, Any]:
    code, code_system = listing_type
    return {"person_id": person_id, "code": code, "code_system": code_system}


def listings(
    connection: Connection, person_id: str, listing_type: CodeKey, county: str, now: datetime
) -> Sequence[Any]:
    """Return the resident's listings of a type in a county that have not ended, those to come included."""
    values = _of_resident(person_id, listing_type) | {"county": county, **at(now)}
    return statements.OPEN_LISTINGS.named(connection, values)


def notes(connection: Connection, person_id: str, listing_type: CodeKey, now: datetime) -> Sequence[Any]:
    """Return the notes that the resident is listed with a type in another county."""
    values = _of_resident(person_id, listing_type) | at(now)
    return statements.OPEN_NOTES.named(connection, values)


def place(
    connection: Connection, person_id: str, listing_type: CodeKey, unit_key: HsaId, now: datetime
) -> Any | None:
    """Return the resident's place in the queue of a unit, the oldest if there are several."""
    values = _of_resident(person_id, listing_type) | {"unit_key": unit_key, **at(now)}
    return next(iter(statements.PLACE_AT_UNIT.named(connection, values)), None)


def queue(connection: Connection, unit_key: HsaId, now: datetime) -> list[QueuePlace]:
    """Return the places in a unit's queue, of all types, first in line first; the deceased hold none."""
    rows = connection.execute(statements.QUEUE, {"unit_key": unit_key, **at(now)})
    found = [record(QueuePlace, iter(row)) for row in rows]
    return sorted(found, key=lambda place: (place.queued_at, place.id))


def doctor_contacts(connection: Connection, person_id: str, county: str, now: datetime) -> Sequence[Any]:
    """Return the resident's fixed contacts with a doctor (code 2) in a county that have not ended."""
    values = {"person_id": person_id, "county": county, **at(now)}
    return statements.OPEN_DOCTORS.named(connection, values)


def waiting_requests(
    connection: Connection, person_id: str, listing_type: CodeKey, county: str
) -> Sequence[Any]:
    """Return the resident's listing requests in a county that the home region has not answered."""
    values = _of_resident(person_id, listing_type) | {"county": county}
    return statements.WAITING_REQUESTS.named(connection, values)


def request_states(connection: Connection, queue_place_id: str) -> set[str]:
    """Return the states of the requests that were made when a queue place was allotted a listing."""
    return set(only(statements.REQUEST_STATES.all(connection, {"queue_place_id": queue_place_id})))


def request_outcome(connection: Connection, request_id: str) -> tuple[str, ListingResult | None]:
    """Return the state of a listing request and, when it has come to its end, the answer to the resident."""
    (row,) = statements.REQUEST.named(connection, {"request_id": request_id})
    return row.state, None if row.result_code is None else from_row(row)


def room(connection: Connection, facility: Unit, listing_type: CodeKey, now: datetime) -> int | None:
    """Return how many who do not queue can be listed at a unit with a type; None where there is no cap.

    Where staff allot, those in the queue hold the places that are free.
    """
    free = vacant(connection, facility, listing_type, now)
    if free is None or facility.allotment is Allotment.AUTOMATIC:
        return free
    figures = figures_of_unit(connection, facility.hsa_id, now)
    return max(0, free - figures.queuing + figures.requested_from_queue)


def vacant(connection: Connection, facility: Unit, listing_type: CodeKey, now: datetime) -> int | None:
    """Return how many places at a unit neither a listing nor one that waits has; None without a cap.

    The cap is that of PV: a regional type has none.
    """
    if facility.max_listings is None or listing_type != PV.key:
        return None
    figures = figures_of_unit(connection, facility.hsa_id, now)
    return max(0, facility.max_listings - figures.listed - figures.requested)
