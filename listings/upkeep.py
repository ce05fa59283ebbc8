"""What time and imports bring about: facilities that have closed, residents who have died, places in queues.

Nothing of this comes as a request, so it is looked for, about once a minute.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
    union,
)

from listings import places, statements
from listings.changes import ListingChanges
from listings.listing_log import Cause
from register import figures, home_county
from register.conditions import HAS_DIED, NOW, TODAY, at
from register.database import Register
from register.directory import find_unit
from register.hands import Left
from register.model import Allotment, Unit
from register.residents import find_resident
from register.tables import figure, listing, listing_request, queue_place, resident, unit

_BATCH = 200
"""Residents dealt with in one transaction: others wait no longer than a moment for their turn to write."""

_CAUSE = Cause(source="upkeep")


_COUNTIES: BindParameter[str] = bindparam("counties", expanding=True)


def _over(
    table: Table,
    present: Sequence[ColumnElement[bool]],
    begun: ColumnElement[bool],
    *more: ColumnElement[bool],
) -> Any:
    """Rows that are active although their unit has closed or their resident has died.

    Looked for from the units that have closed and from the residents who have died, so that what is alive and
    open is not looked at.

    Args:
        table: Their table.
        present: What makes them not over, each an end of an index.
        begun: That they have begun.
        more: What else those at a closed unit must fulfil.
    """
    columns = (table.c.person_id, table.c.code, table.c.code_system, table.c.unit_key, unit.c.county)
    closed = [
        select(*columns)
        .select_from(unit)
        .join(table, table.c.unit_key == unit.c.hsa_key)
        .where(unit.c.county.in_(_COUNTIES), unit.c.valid_to < TODAY, begun, one, *more)
        for one in present
    ]
    died = select(resident.c.person_id).where(resident.c.deceased_on.is_not(None), HAS_DIED)
    deceased = (
        select(*columns)
        .select_from(table)
        .join(unit, unit.c.hsa_key == table.c.unit_key)
        # The county hidden from the index: SQLite would begin with all that the units have.
        .where(table.c.person_id.in_(died), unit.c.county.concat("").in_(_COUNTIES), begun, or_(*present))
    )
    found = union(*closed, deceased).subquery()
    return select(found).order_by(found.c.person_id, found.c.unit_key)


_request_unit = unit.alias("request_unit")

_WAITS_ELSEWHERE = (
    select(listing_request.c.id)
    .join(_request_unit, _request_unit.c.hsa_key == listing_request.c.unit_key)
    .where(
        listing_request.c.person_id == listing.c.person_id,
        statements.IS_WAITING,
        _request_unit.c.county == unit.c.county,
    )
    .correlate(listing, unit)
    .exists()
)

_LISTINGS_OVER = _over(
    listing,
    (listing.c.valid_to.is_(None), listing.c.valid_to > NOW),
    listing.c.valid_from <= NOW,
    ~_WAITS_ELSEWHERE,
)
"""Listings that are over. Who waits to be listed elsewhere in the county is left until that is answered."""

_PLACES_OVER = _over(
    queue_place,
    (queue_place.c.left_at.is_(None), queue_place.c.left_at > NOW),
    queue_place.c.queued_at <= NOW,
)
"""Queue places that are over."""

_REQUESTS_OVER = _over(listing_request, (statements.IS_WAITING,), true())
"""Requests that are over."""

_UNITS_WITH_QUEUE = (
    select(figure.c.unit_key, figure.c.code, figure.c.code_system)
    .select_from(unit)
    .join(figure, figure.c.unit_key == unit.c.hsa_key)
    .where(
        unit.c.county.in_(_COUNTIES),
        unit.c.allotment == Allotment.AUTOMATIC,
        figure.c.kind == literal_column("'queuing'"),
        figure.c.moment <= NOW,
    )
    .group_by(figure.c.unit_key, figure.c.code, figure.c.code_system)
    .having(func.sum(figure.c.amount) > 0)
    .order_by(figure.c.unit_key, figure.c.code, figure.c.code_system)
)
"""Units with somebody in their queue, for which type, and places allotted by themselves.

By the kept figures of the counties' units.
"""


def settle(register: Register, now: datetime, limits: Mapping[str, int]) -> int:
    """End what is over, also after a move, tell the regions concerned, and give free places to the queues.

    At a facility that has closed listings end, and the home regions of residents from other counties are told
    (carelisting IS, flow 13); the region's own residents it lists anew by its own rules. What a deceased
    resident has ends without a word to anybody.

    Args:
        register: The register.
        now: The present, Swedish local time.
        limits: Re-listings a resident may make in twelve months, by county, of the counties to look after.

    Returns:
        How many listings, queue places and requests have ended.
    """
    figures.fold_due(register, now)
    ended = _see_to_moves(register, now, limits)
    if not limits:
        return ended
    for find, end in (
        (_LISTINGS_OVER, _end_listing),
        (_PLACES_OVER, _end_place),
        (_REQUESTS_OVER, _end_request),
    ):
        for batch in _batches(_read(register, find, now, limits)):
            with register.writing() as connection:
                changes = ListingChanges(connection, now, limits, _CAUSE)
                for row in batch:
                    end(connection, changes, row)
                changes.finish()
            ended += len(batch)
    _fill_queues(register, now, limits)
    return ended


def _see_to_moves(register: Register, now: datetime, limits: Mapping[str, int]) -> int:
    """End what residents who have moved left behind, in the counties looked after here."""
    ended = 0
    with register.reading() as connection:
        marks = home_county.moves(connection)
    for batch in _batches(marks):
        with register.writing() as connection:
            changes = ListingChanges(connection, now, limits, _CAUSE)
            for mark in batch:
                if not home_county.take_move(connection, mark):
                    continue
                person = find_resident(connection, mark.person_id)
                if person is not None and person.home_county not in (None, mark.left_county):
                    ended += changes.moved(mark, str(person.home_county), limits)
            changes.finish()
    return ended


def _end_listing(connection: Connection, changes: ListingChanges, row: Row[Any]) -> None:
    facility = find_unit(connection, row.unit_key)
    with changes.following(_left_by_death(connection, changes, row.person_id, facility)):
        changes.end_listing(row.person_id, (row.code, row.code_system), row.county, row.unit_key)


def _end_place(connection: Connection, changes: ListingChanges, row: Row[Any]) -> None:
    facility = find_unit(connection, row.unit_key)
    with changes.following(_left_by_death(connection, changes, row.person_id, facility)):
        changes.leave_queue(row.person_id, (row.code, row.code_system), facility)


def _left_by_death(
    connection: Connection, changes: ListingChanges, person_id: str, facility: Unit
) -> Left | None:
    """Return what a resident was who has died; None where it is the facility that has closed."""
    person, today = find_resident(connection, person_id), changes.now.date()
    died = person is not None and person.is_deceased(today) and facility.is_open(today)
    return Left(person.home_county) if person is not None and died else None


def _end_request(connection: Connection, changes: ListingChanges, row: Row[Any]) -> None:
    facility = find_unit(connection, row.unit_key)
    changes.give_up_requests(row.person_id, (row.code, row.code_system), facility)


def _fill_queues(register: Register, now: datetime, limits: Mapping[str, int]) -> None:
    for row in _read(register, _UNITS_WITH_QUEUE, now, limits):
        with register.reading() as connection:
            facility = find_unit(connection, row.unit_key)
            free = places.room(connection, facility, (row.code, row.code_system), now)
        if free is None or free > 0:
            with register.writing() as connection:
                changes = ListingChanges(connection, now, limits, _CAUSE)
                changes.free(row.unit_key)
                changes.finish()


def _read(register: Register, find: Select[Any], now: datetime, limits: Mapping[str, int]) -> list[Row[Any]]:
    with register.reading() as connection:
        return list(connection.execute(find, {"counties": sorted(limits), **at(now)}))


def _batches(rows: Iterable[Row[Any]]) -> Iterator[list[Row[Any]]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, _BATCH)):
        yield batch
