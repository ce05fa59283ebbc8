"""What calls and staff change of records that sources may speak of, too.

Each listing, contact, queue place, note or employment that a call or staff make or change is written down in
changed_record, in the transaction of the change, with what its source had said of it until then. So a load
tells a row that has only not heard of the change from one that speaks against it (docs/adr/0018,
docs/loads.md).
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, bindparam, null, select, update

from register.prepared import Prepared
from register.row_texts import as_json, from_json
from register.tables import changed_record


class Hand(StrEnum):
    """Who has made or changed a record, if it was no source."""

    CALL = "call"
    """A service contract, or what follows from one: a queue place that came free, another region's answer."""
    STAFF = "staff"
    """A command."""
    UPKEEP = "upkeep"
    """What follows when a source says that the resident has died or moved: it lasts as long as that."""


class Left(NamedTuple):
    """What a resident had been whose record ends by her death or move; kept beside what the record was.

    Attributes:
        home_county: The home county, to which she comes back when the move is taken back.
    """

    home_county: str | None


def key_of(table: Table, row: Mapping[str, Any]) -> str:
    """Return the key of a record as changed_record has it."""
    return "|".join(str(row[column.name]) for column in table.primary_key)


def note(
    connection: Connection,
    table: Table,
    key: Mapping[str, Any],
    hand: Hand,
    now: datetime,
    *,
    person_id: str | None = None,
) -> None:
    """Write down that a record is about to be made, changed or removed by a hand.

    What the source said stays what it said before the first of several changes, and what a load has made of
    it since is over; what a load has ended of the resident's others of the table does not go on any more.
    Cost: three or four statements, each by a key, whatever the size of the register.

    Args:
        connection: A connection of `Register.writing`; the caller changes the record afterwards.
        table: The record's table.
        key: Its primary key by column.
        hand: Whose change it is.
        now: When, naive UTC.
        person_id: The resident it is about; None for an employment.
    """
    name = key_of(table, key)
    if person_id is not None and hand is not Hand.UPKEEP:  # which decides nothing
        _LET_GO.run(connection, {"of_record": table.name, "of_person": person_id, "but": name})
    values = {"record": table.name, "key": name, "hand": hand, "changed_at": now}
    if _AGAIN.run(connection, {f"of_{column}": value for column, value in values.items()}):
        return
    row = _as_it_is(table).first(connection, key)
    said = None if row is None else dict(zip(table.c.keys(), row, strict=True))
    brought = said is not None and said["loaded_from"] is not None
    values |= {"about": person_id or name, "said": as_json(said) if said is not None and brought else None}
    _FIRST.run(connection, values)


def follow(
    connection: Connection,
    table: Table,
    key: Mapping[str, Any],
    left: "Left",
    now: datetime,
    *,
    person_id: str,
) -> None:
    """Write down that a record is about to end because its resident has died or moved.

    It is held as it is until then, to go on if that is taken back; what a hand had changed stays the hand's.
    Cost: three statements, each by a primary key.

    Args:
        connection: A connection of `Register.writing`; the caller changes the record afterwards.
        table: The record's table.
        key: Its primary key by column.
        left: What the resident had been.
        now: When, naive UTC.
        person_id: The resident.
    """
    name = key_of(table, key)
    own = changed_record.c.record == table.name, changed_record.c.key == name
    before = connection.execute(select(changed_record).where(*own)).one_or_none()
    if before is None:
        note(connection, table, key, Hand.UPKEEP, now, person_id=person_id)
    row = _as_it_is(table).first(connection, key)
    if row is None:
        return
    held = dict(zip(table.c.keys(), row, strict=True))
    if before is not None and before.held is not None:
        held = from_json(table, before.held)
    values: dict[str, Any] = {"held": as_json(held | left._asdict())}
    if before is not None and before.hand == Hand.UPKEEP:
        values["changed_at"] = now
    connection.execute(update(changed_record).where(*own).values(values))


_AGAIN = Prepared(
    update(changed_record)
    .where(changed_record.c.record == bindparam("of_record"), changed_record.c.key == bindparam("of_key"))
    .values(hand=bindparam("of_hand"), changed_at=bindparam("of_changed_at"), held=null())
)
_LET_GO = Prepared(
    update(changed_record)
    .where(
        changed_record.c.record == bindparam("of_record"),
        changed_record.c.about == bindparam("of_person"),
        changed_record.c.key != bindparam("but"),
        changed_record.c.held.is_not(None),
    )
    .values(held=null())
)
"""What loads have ended of a resident: after a hand has decided anew none of it is to go on."""
_FIRST = Prepared.insert(changed_record, "record", "key", "about", "hand", "changed_at", "said")


@cache
def _as_it_is(table: Table) -> Prepared:
    """Return the query for a record by its primary key, whose columns are the parameters."""
    return Prepared(select(table).where(*(column == bindparam(column.name) for column in table.primary_key)))
