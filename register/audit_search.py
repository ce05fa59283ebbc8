"""Searching the audit log: who has asked about whom, and when (requirement rows S000-006, S002-005).

Each part of the log is in the order of time, but for what two writers committed at about the same time: on
SQLite the file of a writing process, on PostgreSQL all of it. So a time is found by halving each part at its
primary key, and what a search costs is in proportion to the days it is about, whatever the size of the log;
what is asked about a person goes by the index of persons.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select

from register.audit_files import IDS_OF_A_FILE
from register.tables import audit

SLACK = timedelta(hours=1)
"""How much later than its time a row can have been added, clocks of several machines included."""

SHOWN = [column for column in audit.c if column.name not in ("id", "correlation_id")]

NEXT = (
    select(audit.c.id, audit.c.logged_at)
    .where(audit.c.id >= bindparam("least_id"))
    .order_by(audit.c.id)
    .limit(1)
)

LAST = (
    select(audit.c.id)
    .where(audit.c.id >= bindparam("least_id"), audit.c.id < bindparam("bound"))
    .order_by(audit.c.id.desc())
    .limit(1)
)

IN_WINDOW = (
    select(*SHOWN)
    .where(audit.c.id.between(bindparam("first_id"), bindparam("last_id")))
    .order_by(audit.c.id.desc())
)

OF_PERSONS = (
    select(*SHOWN)
    .where(audit.c.person_id.in_(bindparam("person_ids", expanding=True)))
    .order_by(audit.c.logged_at.desc(), audit.c.id.desc())
)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A row of the audit log, as `register.audit.AuditEntry`; when it was written is UTC."""

    logged_at: datetime
    log_id: str
    consumer: str | None
    sender: str | None
    on_behalf_of: str | None
    actor_type: str | None
    actor_id: str | None
    person_id: str
    contract: str
    logical_address: str
    outcome: str
    hits: int


@dataclass(frozen=True, slots=True)
class Search:
    """What rows to find; what is None does not matter. Identities are compared whatever their letter case.

    Attributes:
        since: The earliest time, UTC.
        until: The latest time, UTC.
        person_ids: All identities of one person; none for whoever it is.
        consumer: HSA-id of the consumer, or of the system that called us.
        actor: Identity of the actor, or the user of a command.
        unit: HSA-id or county code that was addressed, or on whose behalf the consumer asked.
    """

    since: datetime
    until: datetime
    person_ids: Collection[str] = ()
    consumer: str | None = None
    actor: str | None = None
    unit: str | None = None


def find(connection: Connection, search: Search, most: int) -> list[AuditRow]:
    """Return the rows, the latest first.

    Args:
        connection: A connection of `Register.reading_audit`.
        search: What to find.
        most: How many at most.
    """
    conditions: list[ColumnElement[bool]] = [audit.c.logged_at.between(search.since, search.until)]
    for wanted, columns in (
        (search.consumer, (audit.c.consumer, audit.c.sender)),
        (search.actor, (audit.c.actor_id,)),
        (search.unit, (audit.c.logical_address, audit.c.on_behalf_of)),
    ):
        if wanted is not None:
            conditions.append(_is_one_of(columns, wanted))
    found: list[AuditRow] = []
    for statement, values in _asked(connection, search):
        rows = connection.execute(statement.where(*conditions).limit(most), values).mappings()
        found += [AuditRow(**{one.name: row[one.name] for one in fields(AuditRow)}) for row in rows]
    return sorted(found, key=attrgetter("logged_at"), reverse=True)[:most]


def _asked(connection: Connection, search: Search) -> Iterator[tuple[Select[Any], dict[str, Any]]]:
    """Yield what to ask of the log, with the values of its parameters."""
    if search.person_ids:
        yield OF_PERSONS, {"person_ids": sorted(search.person_ids)}
        return
    for first, last in list(parts(connection)):
        yield (
            IN_WINDOW,
            {
                "first_id": first_since(connection, first, last, search.since - SLACK),
                "last_id": first_since(connection, first, last, search.until + SLACK),
            },
        )


def _is_one_of(columns: Collection[ColumnElement[Any]], text: str) -> ColumnElement[bool]:
    first, *others = (func.upper(column) == text.upper() for column in columns)
    for other in others:
        first |= other
    return first


def parts(connection: Connection) -> Iterator[tuple[int, int]]:
    """Yield the first and the last id of each part of the log that has rows."""
    least = 0
    while (first := connection.scalar(NEXT, {"least_id": least})) is not None:
        bound = (first // IDS_OF_A_FILE + 1) * IDS_OF_A_FILE
        yield first, connection.execute(LAST, {"least_id": first, "bound": bound}).scalar_one()
        least = bound


def first_since(connection: Connection, first: int, last: int, moment: datetime) -> int:
    """Return the id of the first row of a part since a moment, or one above all ids of the part."""
    low, high = first, last + 1
    while low < high:
        middle = (low + high) // 2
        found = connection.execute(NEXT, {"least_id": middle}).one()
        if found.logged_at < moment:
            low = found.id + 1
        else:
            high = middle
    return low
