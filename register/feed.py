"""The feed of changes: what has become of listings, queue places, contacts and residents, in one order.

A line is written in the transaction of the change, and says the record as it is from then on. Writers stand
in line (`Register.writing`), so positions are in the order of the commits on both databases: who has read to
a position has missed nothing before it (docs/changes-out.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    String,
    Table,
    bindparam,
    case,
    false,
    func,
    insert,
    literal,
    null,
    select,
    true,
    type_coerce,
)

from contracts.clock import swedish
from contracts.codes import DOCTOR_CONTACT
from register.change_kinds import ChangeKind
from register.conditions import NOW, TODAY, at
from register.prepared import Prepared
from register.tables import change_feed, fixed_contact, listing, queue_place, resident
from register.types import TEXT


class FeedOrigin(NamedTuple):
    """Why a change is made.

    Attributes:
        at: The present, naive UTC.
        cause: Contract or command; of a load ``load`` and its number, of an undo ``undo``.
        who: The hand, or the source.
    """

    at: datetime
    cause: str
    who: str


@dataclass(frozen=True, slots=True)
class FeedShape:
    """How the records of a table stand in the feed."""

    start: Column[Any]
    end: Column[Any]
    code: Column[Any]
    staff: ColumnElement[Any]
    code_system: ColumnElement[Any]
    kinds: tuple[ChangeKind, ChangeKind, ChangeKind]

    @property
    def moments(self) -> bool:
        """Whether the period is of moments, and not of days of which the last one counts."""
        return issubclass(self.end.type.python_type, datetime)

    def over(self, now: datetime | None = None) -> ColumnElement[bool]:
        """Return that a record has ended by a time, Swedish local; by that of `conditions.at` without one."""
        if now is None:
            return self.end <= NOW if self.moments else self.end < TODAY
        return self.end <= now if self.moments else self.end < now.date()


_LISTING = (ChangeKind.LISTING_BEGUN, ChangeKind.LISTING_ENDED, ChangeKind.LISTING_CHANGED)
_QUEUE = (ChangeKind.QUEUE_TAKEN, ChangeKind.QUEUE_LEFT, ChangeKind.QUEUE_CHANGED)
_DOCTOR = (ChangeKind.DOCTOR_BEGUN, ChangeKind.DOCTOR_ENDED, ChangeKind.DOCTOR_CHANGED)
_CONTACT = (ChangeKind.CONTACT_BEGUN, ChangeKind.CONTACT_ENDED, ChangeKind.CONTACT_CHANGED)

SHAPES: dict[str, FeedShape] = {
    "listing": FeedShape(
        listing.c.valid_from, listing.c.valid_to, listing.c.code, null(), listing.c.code_system, _LISTING
    ),
    "queue_place": FeedShape(
        queue_place.c.queued_at,
        queue_place.c.left_at,
        queue_place.c.code,
        null(),
        queue_place.c.code_system,
        _QUEUE,
    ),
    "fixed_contact": FeedShape(
        fixed_contact.c.valid_from,
        fixed_contact.c.valid_to,
        fixed_contact.c.type_code,
        fixed_contact.c.staff_key,
        null(),
        _CONTACT,
    ),
}

RECORDS: tuple[Table, ...] = (listing, queue_place, fixed_contact)
"""The tables whose records are in the feed."""

_COLUMNS = [column.name for column in change_feed.c if column.name != "position"]


def add(
    connection: Connection,
    table: Table,
    origin: FeedOrigin,
    *where: ColumnElement[bool],
    of: FromClause | None = None,
    begun: ColumnElement[bool] | bool = False,
    gone: bool = False,
) -> None:
    """Add lines about records as they stand now; nothing for a table that is not in the feed.

    Cost: one statement, that of finding the records.

    Args:
        connection: A connection of `Register.writing`, after the change; where records go, before it.
        table: Their table.
        origin: Why.
        where: Which records.
        of: What they are selected from, where that is more than their table.
        begun: Whether they are new, or which of them.
        gone: Whether they are about to be taken away altogether. Their period then ends as it begins, and
            that of a contact the day before: it never counted.
    """
    if table.name not in SHAPES:
        return
    over = SHAPES[table.name].over(swedish(origin.at))
    values = values_of(connection.dialect.name, table, over, begun, gone)
    _insert(connection, values, origin, table if of is None else of, where)


def add_one(
    connection: Connection,
    table: Table,
    record_id: str,
    origin: FeedOrigin,
    *,
    begun: bool = False,
    gone: bool = False,
) -> None:
    """Add the line about one record, as `add` does: a call writes several, and makes no statement for each.

    Args:
        connection: As for `add`.
        table: As for `add`.
        record_id: Id of the record.
        origin: Why.
        begun: Whether it is new.
        gone: Whether it is about to be taken away altogether.
    """
    if table.name in SHAPES:
        why = origin._asdict() | {"who": str(origin.who)}
        values = {"record_id": record_id, **why, **at(swedish(origin.at))}
        _of_one(connection.dialect.name, table, begun, gone).run(connection, values)


@cache
def _of_one(dialect: str, table: Table, begun: bool, gone: bool) -> Prepared:
    values = values_of(dialect, table, SHAPES[table.name].over(), begun, gone)
    values |= {name: bindparam(name, type_=change_feed.c[name].type) for name in FeedOrigin._fields}
    lines = select(*(values[name] for name in _COLUMNS)).where(table.c.id == bindparam("record_id"))
    return Prepared(insert(change_feed).from_select(_COLUMNS, lines))


def values_of(
    dialect: str, table: Table, over: ColumnElement[bool], begun: ColumnElement[bool] | bool, gone: bool
) -> dict[str, Any]:
    """Return what a line says of a record of a table, by column.

    Args:
        dialect: Name of the database.
        table: The table.
        over: That the record has ended.
        begun: As for `add`.
        gone: As for `add`.
    """
    shape, sqlite = SHAPES[table.name], dialect == "sqlite"
    new = begun if isinstance(begun, ColumnElement) else (true() if begun else false())
    written = _text(shape.end, sqlite)
    if gone:
        over, written = true(), _text(shape.start, sqlite, days=0 if shape.moments else -1)
    kind = _kind(new, over, shape.kinds)
    if table is fixed_contact:
        kind = case((fixed_contact.c.type_code == DOCTOR_CONTACT, _kind(new, over, _DOCTOR)), else_=kind)
    return {
        "kind": kind,
        "person_id": table.c.person_id,
        "record_id": table.c.id,
        "unit_key": table.c.unit_key,
        "staff_key": shape.staff,
        "code": shape.code,
        "code_system": shape.code_system,
        "county": null(),
        "valid_from": _text(shape.start, sqlite),
        "valid_to": written,
    }


def add_residents(
    connection: Connection,
    origin: FeedOrigin,
    *where: ColumnElement[bool],
    of: FromClause | None = None,
    county: ColumnElement[Any] | None = None,
    deceased_on: ColumnElement[Any] | None = None,
    protected: ColumnElement[Any] | None = None,
) -> None:
    """Add lines about residents who have moved or died, or become protected, before it is written.

    Of who is protected no more, what there is of records is told anew: readers who may not know of protected
    residents have missed what came meanwhile. Cost as that of `add`, and those records, by the resident.

    Args:
        connection: As for `add`.
        origin: Why.
        where: Which residents. Those whose values are what they were get no line.
        of: What they are selected from, where that is more than their table.
        county: The home county they get; None where it stays.
        deceased_on: The day of death they get, likewise; an empty one takes an earlier one back.
        protected: Whether they have protected identity from now on, likewise.
    """
    sqlite, found = connection.dialect.name == "sqlite", resident if of is None else of
    blank = dict.fromkeys(("record_id", "unit_key", "staff_key", "code", "code_system"), null())
    for kind, old, new in (
        (ChangeKind.RESIDENT_MOVED, resident.c.home_county, county),
        (ChangeKind.RESIDENT_DECEASED, resident.c.deceased_on, deceased_on),
    ):
        if new is not None:
            moved = kind is ChangeKind.RESIDENT_MOVED
            values = blank | {
                "kind": literal(kind.value, TEXT),
                "person_id": resident.c.person_id,
                "county": new if moved else null(),
                "valid_from": null(),
                "valid_to": null() if moved else _text(new, sqlite),
            }
            _insert(connection, values, origin, found, (*where, old.is_distinct_from(new)))
    if protected is not None:
        for kind, was in ((ChangeKind.RESIDENT_HIDDEN, false()), (ChangeKind.RESIDENT_SHOWN, true())):
            values = blank | {"kind": literal(kind.value, TEXT), "person_id": resident.c.person_id}
            values |= dict.fromkeys(("county", "valid_from", "valid_to"), null())
            changed = (*where, resident.c.protected == was, protected != was)
            _insert(connection, values, origin, found, changed)
        for table in RECORDS:
            of_resident = found.join(table, table.c.person_id == resident.c.person_id)
            add(connection, table, origin, *where, resident.c.protected, ~protected, of=of_resident)


def _insert(
    connection: Connection,
    values: dict[str, Any],
    origin: FeedOrigin,
    found: FromClause,
    where: Sequence[ColumnElement[bool]],
) -> None:
    why = {
        "at": literal(origin.at, change_feed.c.at.type),
        "cause": literal(origin.cause, TEXT),
        "who": literal(str(origin.who), TEXT),
    }
    columns = values | why
    lines = select(*(columns[name] for name in _COLUMNS)).select_from(found)
    connection.execute(insert(change_feed).from_select(_COLUMNS, lines.where(*where)))


def _kind(
    new: ColumnElement[bool], over: ColumnElement[bool], kinds: Sequence[ChangeKind]
) -> ColumnElement[Any]:
    begun, ended, changed = (literal(kind.value, TEXT) for kind in kinds)
    return case((over, ended), (new, begun), else_=changed)


def _text(column: ColumnElement[Any], sqlite: bool, days: int = 0) -> ColumnElement[Any]:
    """Return a day or moment as ISO 8601, alike on both databases; SQLite keeps them nearly so."""
    moment = issubclass(column.type.python_type, datetime)
    if sqlite:
        text = type_coerce(column, String)
        if days:
            return func.date(text, f"{days} days")
        return func.replace(text, " ", "T") if moment else text
    return func.to_char(
        column + days if days else column, 'YYYY-MM-DD"T"HH24:MI:SS.US' if moment else "YYYY-MM-DD"
    )
