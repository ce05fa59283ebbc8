"""What calls and staff change of records that sources may speak of, too.

Each listing, contact, queue place, note or employment that a call or staff make or change is written down in
changed_record, in the transaction of the change, with what its source had said of it until then. So a load
tells a row that has only not heard of the change from one that speaks against it (docs/adr/0018,
docs/loads.md).
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from register.row_texts import as_json
from register.tables import changed_record


class Hand(StrEnum):
    """Who has made or changed a record, if it was no source."""

    CALL = "call"
    """A service contract, or what follows from one: a queue place that came free, another region's answer."""
    STAFF = "staff"
    """A command."""


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
    it since is over. Cost: two or three statements, each by a primary key, whatever the size of the register.

    Args:
        connection: A connection of `Register.writing`; the caller changes the record afterwards.
        table: The record's table.
        key: Its primary key by column.
        hand: Whose change it is.
        now: When, naive UTC.
        person_id: The resident it is about; None for an employment.
    """
    name = key_of(table, key)
    own = (changed_record.c.record == table.name, changed_record.c.key == name)
    again = connection.execute(
        update(changed_record).where(*own).values(hand=hand, changed_at=now, held=None)
    )
    if again.rowcount:
        return
    here = (table.c[column.name] == key[column.name] for column in table.primary_key)
    row = connection.execute(select(table).where(*here)).mappings().one_or_none()
    brought = row is not None and row["loaded_from"] is not None
    connection.execute(
        insert(changed_record),
        {
            "record": table.name,
            "key": name,
            "about": person_id or name,
            "hand": hand,
            "changed_at": now,
            "said": as_json(dict(row)) if row is not None and brought else None,
        },
    )
