"""What a change of listings must know: who is listed and queues where, and whether there is room."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from contracts.codes import DOCTOR_CONTACT, CodeKey, ResultCode
from contracts.identifiers import HsaId
from listings.listing_log import ListingResult
from register.columns import columns, record
from register.conditions import active_now, at, is_alive
from register.model import Allotment, QueuePlace, Unit
from register.tables import fixed_contact, listing, listing_request, out_of_county_listing, queue_place, unit

WAITING = "waiting"
"""State of a listing request that the home region has not answered."""


def _of_type(table: Any, person_id: str, kind: CodeKey) -> ColumnElement[bool]:
    return and_(table.c.person_id == person_id, table.c.code == kind[0], table.c.code_system == kind[1])


def listings(
    connection: Connection, person_id: str, kind: CodeKey, county: str, now: datetime
) -> Sequence[Row[Any]]:
    """Return the resident's listings of a type in a county that have not ended, those to come included."""
    return connection.execute(
        select(listing)
        .join(unit, unit.c.hsa_key == listing.c.unit_key)
        .where(
            _of_type(listing, person_id, kind),
            unit.c.county == county,
            listing.c.valid_to.is_(None) | (listing.c.valid_to > now),
        )
        .order_by(listing.c.valid_from, listing.c.id)
    ).all()


def notes(connection: Connection, person_id: str, kind: CodeKey, now: datetime) -> Sequence[Row[Any]]:
    """Return the notes that the resident is listed with a type in another county."""
    table = out_of_county_listing
    return connection.execute(
        select(table)
        .where(_of_type(table, person_id, kind), table.c.valid_to.is_(None) | (table.c.valid_to > now))
        .order_by(table.c.valid_from, table.c.id)
    ).all()


def place(
    connection: Connection, person_id: str, kind: CodeKey, unit_key: HsaId, now: datetime
) -> Row[Any] | None:
    """Return the resident's place in the queue of a unit, the oldest if there are several."""
    return connection.execute(
        select(queue_place)
        .where(
            _of_type(queue_place, person_id, kind),
            queue_place.c.unit_key == unit_key,
            active_now(queue_place.c.queued_at, queue_place.c.left_at),
        )
        .order_by(queue_place.c.queued_at, queue_place.c.id)
        .limit(1),
        at(now),
    ).one_or_none()


def queue(connection: Connection, unit_key: HsaId, now: datetime) -> list[QueuePlace]:
    """Return the places in a unit's queue, first in line first; the deceased hold none."""
    rows = connection.execute(
        select(*columns(QueuePlace))
        .where(
            queue_place.c.unit_key == unit_key,
            active_now(queue_place.c.queued_at, queue_place.c.left_at),
            is_alive(queue_place),
        )
        .order_by(queue_place.c.queued_at, queue_place.c.id),
        at(now),
    )
    return [record(QueuePlace, iter(row)) for row in rows]


def doctor_contacts(connection: Connection, person_id: str, county: str, today: Any) -> Sequence[Row[Any]]:
    """Return the resident's fixed contacts with a doctor (code 2) in a county that have not ended."""
    return connection.execute(
        select(fixed_contact)
        .join(unit, unit.c.hsa_key == fixed_contact.c.unit_key)
        .where(
            fixed_contact.c.person_id == person_id,
            fixed_contact.c.type_code == DOCTOR_CONTACT,
            unit.c.county == county,
            fixed_contact.c.valid_to.is_(None) | (fixed_contact.c.valid_to >= today),
        )
        .order_by(fixed_contact.c.id)
    ).all()


def waiting_requests(
    connection: Connection, person_id: str, kind: CodeKey, county: str
) -> Sequence[Row[Any]]:
    """Return the resident's listing requests in a county that the home region has not answered."""
    return connection.execute(
        select(listing_request)
        .join(unit, unit.c.hsa_key == listing_request.c.unit_key)
        .where(
            _of_type(listing_request, person_id, kind),
            unit.c.county == county,
            listing_request.c.state == WAITING,
        )
    ).all()


def request_states(connection: Connection, queue_place_id: str) -> set[str]:
    """Return the states of the requests that were made when a queue place was allotted a listing."""
    found = connection.scalars(
        select(listing_request.c.state).where(listing_request.c.queue_place_id == queue_place_id)
    )
    return set(found)


def request_outcome(connection: Connection, request_id: str) -> tuple[str, ListingResult | None]:
    """Return the state of a listing request and, when it has come to its end, the answer to the resident."""
    row = connection.execute(
        select(listing_request.c.state, listing_request.c.result_code, listing_request.c.result_text).where(
            listing_request.c.id == request_id
        )
    ).one()
    if row.result_code is None:
        return row.state, None
    return row.state, ListingResult(ResultCode(row.result_code), row.result_text)


def room(connection: Connection, one: Unit, unit_key: HsaId, now: datetime) -> int | None:
    """Return how many who do not queue can be listed at a unit; None where there is no cap.

    Where staff allot, those in the queue hold the places that are free.
    """
    free = vacant(connection, one, unit_key, now)
    if free is None or one.allotment is Allotment.AUTOMATIC:
        return free
    _, of_those_queuing = _requests(connection, unit_key)
    return max(0, free - len(queue(connection, unit_key, now)) + of_those_queuing)


def vacant(connection: Connection, one: Unit, unit_key: HsaId, now: datetime) -> int | None:
    """Return how many places at a unit neither a listing nor one that waits has; None without a cap."""
    if one.max_listings is None:
        return None
    listed = connection.scalar(
        select(func.count()).where(
            listing.c.unit_key == unit_key,
            active_now(listing.c.valid_from, listing.c.valid_to),
            is_alive(listing),
        ),
        at(now),
    )
    requests, _ = _requests(connection, unit_key)
    return max(0, one.max_listings - int(listed or 0) - requests)


def _requests(connection: Connection, unit_key: HsaId) -> tuple[int, int]:
    """Return how many listings at a unit wait for a home region, and how many of those are from its queue."""
    requests, of_those_queuing = connection.execute(
        select(func.count(), func.count(listing_request.c.queue_place_id)).where(
            listing_request.c.unit_key == unit_key, listing_request.c.state == WAITING
        )
    ).one()
    return int(requests), int(of_those_queuing)
