"""Taking back the last load: every record is again what it was before."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, Date, RowMapping, delete, false, insert, literal, true, update
from sqlalchemy.exc import IntegrityError

from contacts import index_marks
from mapping.loads import known_rows, moves
from mapping.loads.batches import Batch, BatchState, RecordCounts, batch
from mapping.loads.bulk import ORIGIN
from mapping.loads.load_log import (
    KEPT_LOADS,
    RECORDS_AT_A_TIME,
    RecordChange,
    RecordRow,
    mark,
    with_values,
)
from mapping.loads.statements import undo as statements
from mapping.loads.statements.ownership import place_of_request
from register import feed
from register.columns import SIDE_TABLES, TABLES
from register.feed import FeedOrigin
from register.model import FixedContact, Listing, QueuePlace, Record, Resident
from register.row_texts import from_json, written
from register.tables import (
    changed_record,
    contact_change,
    county_claim,
    import_batch,
    listing_change,
    listing_request,
    resident,
)
from register.types import TEXT

_TYPES = {table.name: record_type for record_type, table in TABLES.items()}


class UndoRefused(Exception):
    """The load cannot be taken back; the text says why. Nothing has been changed."""


def undo(connection: Connection, number: int, by: str, now: datetime) -> dict[str, RecordCounts]:
    """Take back the last load.

    Args:
        connection: A connection of `Register.writing`; the caller rolls it back when this raises.
        number: The load.
        by: Who does it.
        now: The present, naive UTC.

    Returns:
        Record type -> how many records were removed, and how many are again what they were (as changed).

    Raises:
        UndoRefused: It is not the last load, or somebody has gone on from what it brought.
    """
    found = batch(connection, number)
    if found is None or found.state is not BatchState.LOADED:
        raise UndoRefused(f"There is no load {number} that could be undone.")
    last = connection.scalar(statements.last_loaded())
    if last != number:
        raise UndoRefused(f"Load {last} came after load {number}: only the last one can be undone.")
    newest = connection.execute(statements.last_number()).scalar_one()
    if number <= newest - KEPT_LOADS:
        raise UndoRefused(f"Load {number} is too long ago: what it changed is kept for {KEPT_LOADS} loads.")
    files = list(connection.scalars(statements.files(number)))
    _check_untouched(connection, number, files, found.finished_at)
    _check_not_moved(connection, found, files)
    _know_as_before(connection, number)
    origin = FeedOrigin(now, f"undo {number}", found.source)
    restored = _restore(connection, number, origin)
    _restore_beside(connection, number)
    removed = _remove(connection, files, origin)
    for name, counts in found.records.items():
        if removed[name] < counts.added:
            raise UndoRefused(
                f"{counts.added - removed[name]} records ({name}) that load {number} brought are gone: "
                "somebody has gone on from there; correct the source and load it again."
            )
    connection.execute(
        update(import_batch)
        .where(import_batch.c.id == number)
        .values(state=BatchState.UNDONE, undone_at=now, undone_by=by)
    )
    connection.execute(statements.delete_changes(number))
    known_rows.forget(connection, found.source)
    return {
        name: RecordCounts(changed=restored[name], removed=removed[name])
        for name in _TYPES
        if restored[name] or removed[name]
    }


def _check_untouched(connection: Connection, number: int, files: Sequence[int], since: datetime) -> None:
    """Refuse when a listing or contact of a resident whom the load was about has been changed after it."""
    for log, record_types in ((listing_change, (Listing, QueuePlace)), (contact_change, (FixedContact,))):
        people = sum(
            connection.execute(statements.people_changed_since(log, TABLES[one], files, since)).scalar_one()
            for one in record_types
        )
        if people:
            raise UndoRefused(
                f"Listings or contacts of {people} residents of load {number} have been changed since; "
                "correct the source and load it again."
            )


def _check_not_moved(connection: Connection, load: Batch, files: Sequence[int]) -> None:
    """Refuse when what residents had in the county they left by the load has ended: they would lack it."""
    people = moves.seen_to_since(connection, load.source, files, load.started_at)
    if people:
        raise UndoRefused(
            f"What {people} residents had in the county that they left by load {load.id} has ended since; "
            "correct the source and load it again."
        )


def _restore(connection: Connection, number: int, origin: FeedOrigin) -> Counter[str]:
    """Give the records that the load changed or removed back what they were."""
    restored: Counter[str] = Counter()
    for record_type, rows in _changes(connection, number):
        table = TABLES[record_type]
        changes: list[RecordChange] = []
        for row in rows:
            before = from_json(table, row["before"])
            after = None if row["after"] is None else from_json(table, row["after"])
            current = connection.execute(statements.record(table, before)).mappings().one_or_none()
            here = None if current is None else with_values(connection, record_type, [dict(current)])[0]
            if not _as_left(here, after):
                raise UndoRefused(
                    f"A record ({table.name}) of load {number} has been changed since; "
                    "correct the source and load it again."
                )
            _put_back(connection, record_type, before, after, origin)
            changes.append((here or before, before))
        if record_type is Resident:
            moves.unmark(connection, [before for _, before in changes if before is not None])
        restored[table.name] += len(changes)
        mark(connection, record_type, changes, origin.at)
    return restored


def _restore_beside(connection: Connection, number: int) -> None:
    """Let requests know their queue places by the earlier keys, and residents have their claims, again."""
    for row in connection.execute(statements.changes(number, listing_request.name)).mappings().all():
        places = {"old": row["after"], "new": row["before"]}
        keys = {name: from_json(listing_request, text)["queue_place_id"] for name, text in places.items()}
        connection.execute(place_of_request(), keys)
    settled = connection.execute(statements.changes(number, county_claim.name)).mappings()
    moves.claim_again(connection, [from_json(county_claim, row["before"]) for row in settled])


def _know_as_before(connection: Connection, number: int) -> None:
    """Know of the changes of calls and staff again what was known before the load, the last first."""
    for row in connection.execute(statements.changes(number, changed_record.name)).mappings().all():
        before = from_json(changed_record, row["before"])
        own = (changed_record.c.record == before["record"], changed_record.c.key == before["key"])
        connection.execute(delete(changed_record).where(*own))
        if "hand" in before:
            connection.execute(insert(changed_record), before)


def _changes(connection: Connection, number: int) -> Iterator[tuple[type[Record], list[RowMapping]]]:
    """Yield the changes of a load by record type, the last of a type first, some at a time."""
    for name, record_type in _TYPES.items():
        found = connection.execute(
            statements.changes(number, name).execution_options(yield_per=RECORDS_AT_A_TIME)
        )
        for rows in found.mappings().partitions():
            yield record_type, list(rows)


def _as_left(here: RecordRow | None, after: RecordRow | None) -> bool:
    """Tell whether a record is as the load left it."""
    if here is None or after is None:
        return here is None and after is None
    return all(
        written(here[name]) == written(value)
        for name, value in after.items()
        if name not in ("loaded_from", "loaded_line")
    )


def _put_back(
    connection: Connection,
    record_type: type[Record],
    before: RecordRow,
    after: RecordRow | None,
    origin: FeedOrigin,
) -> None:
    """Give a record back what the load changed of it, or the whole record where it was removed."""
    table, side = TABLES[record_type], SIDE_TABLES.get(record_type)
    columns = {name: value for name, value in before.items() if name in table.c}
    if record_type is Resident:
        feed.add_residents(
            connection,
            origin,
            resident.c.person_id == before["person_id"],
            county=literal(before["home_county"], TEXT),
            deceased_on=literal(before["deceased_on"], Date()),
            protected=true() if before["protected"] else false(),
        )
    if after is None:
        connection.execute(insert(table), columns)
    else:
        names = {*after, *ORIGIN}
        changed = {name: value for name, value in columns.items() if name in names}
        connection.execute(statements.update_record(table, before, changed))
    if table in feed.RECORDS:
        feed.add(connection, table, origin, table.c.id == before["id"], begun=after is None)
    if side is not None and side.field in (before if after is None else after):
        key = {column.name: before[column.name] for column in table.primary_key}
        connection.execute(statements.delete_values(side.table, table, before))
        if before[side.field]:
            rows = [key | {side.value: value} for value in before[side.field]]
            connection.execute(insert(side.table), rows)


def _remove(connection: Connection, files: Sequence[int], origin: FeedOrigin) -> Counter[str]:
    """Remove the records that the load brought."""
    removed: Counter[str] = Counter()
    for record_type, table in reversed(TABLES.items()):
        if record_type is FixedContact:
            index_marks.mark_selected(connection, statements.people_with_contacts(files), origin.at)
        elif record_type is Listing:
            index_marks.mark_selected(connection, statements.listed_with_contacts(files), origin.at)
        if table in feed.RECORDS:
            feed.add(connection, table, origin, table.c.added_from.in_(files), gone=True)
        try:
            side = SIDE_TABLES.get(record_type)
            if side is not None:
                connection.execute(statements.delete_values_of_brought(side.table, table, files))
            removed[table.name] = connection.execute(statements.delete_brought(table, files)).rowcount
        except IntegrityError:
            raise UndoRefused(
                f"Other records refer to records ({table.name}) that the load brought; "
                "correct the source and load it again."
            ) from None
    return removed
