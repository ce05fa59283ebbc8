"""Which residents' posts in the engagement index must be looked over: marked with the change that causes it.

A change never writes a post. It marks the resident in its own transaction, and what the index should hold is
worked out when the post is sent: so many changes make one post, and the index never gets to see a removal and
an addition close together, of which it drops the second (SKLTP EI, EiCollectionAggregationStrategy).

Marks are tasks in the queue of what goes out (`register.outgoing`), one for each resident. They are kept
whether or not an index is set up, for the day it is.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from contracts.clock import swedish
from contracts.codes import DOCTOR_CONTACT
from register import outgoing
from register.conditions import NOW
from register.database import Register
from register.model import CareProvider, FixedContact, Listing, Resident, Staff, Unit
from register.outgoing import TaskKind, TaskState, in_state, of_kind
from register.prepared import Prepared
from register.tables import fixed_contact, index_post, index_sweep, listing, resident, unit
from register.tables import outgoing as task

_CONTRACT = "Update"

_GIVEN_UP = (TaskState.REFUSED, TaskState.PARKED)

_OF_PERSON = (FixedContact, Listing, Resident)
"""Records that say something about the posts of the one resident they are about."""

_DECIDING: dict[type, tuple[str, ...]] = {
    Unit: ("valid_from", "valid_to", "provider_key", "care_unit_key"),
    Staff: ("protected",),
    CareProvider: ("organisation_number",),
}
"""Columns that decide whether GetCareManagers shows a contact, or for which organisation it is posted."""


def mark(connection: Connection, person_ids: Collection[str], now: datetime) -> None:
    """Have the posts of residents looked over, as `register.outgoing.mark` says.

    Args:
        connection: A connection of `Register.writing`, in the transaction of the change.
        person_ids: The residents' own identities.
        now: When the change was made, naive UTC.
    """
    if person_ids:
        mark_selected(connection, _these(connection, person_ids), now)


def mark_with_contacts(connection: Connection, person_ids: Collection[str], now: datetime) -> None:
    """Mark those of the residents who have, or have had, a fixed contact; as `mark` otherwise.

    Args:
        connection: A connection of `Register.writing`.
        person_ids: At most a few thousand.
        now: As in `mark`.
    """
    if person_ids:
        mark_where(connection, fixed_contact.c.person_id.in_(_these(connection, person_ids)), now)


def mark_with_contact(connection: Connection, person_id: str, now: datetime) -> None:
    """Mark a resident who has, or has had, a fixed contact; as `mark` otherwise."""
    _of_one(connection.dialect.name).run(connection, {"person_id": person_id, "now": now})


@cache
def _of_one(dialect: str) -> Prepared:
    one = select(fixed_contact.c.person_id).where(fixed_contact.c.person_id == bindparam("person_id"))
    return Prepared(outgoing.marking(dialect, one.distinct(), _CONTRACT, NOW))


def mark_all(connection: Connection, now: datetime) -> int:
    """Mark every resident that has or has had a fixed contact or a post, and return how many are marked."""
    people = everybody()
    mark_selected(connection, people, now)
    return connection.execute(select(func.count()).select_from(people.subquery())).scalar_one()


def everybody() -> CompoundSelect[tuple[str]]:
    """Return the query for the own identities of all who have, or have had, a fixed contact or a post."""
    return select(fixed_contact.c.person_id).union(select(index_post.c.resident_id))


def changed(
    connection: Connection,
    record_type: type,
    before: Mapping[Any, Mapping[str, Any]],
    after: Mapping[Any, Mapping[str, Any]],
    now: datetime,
) -> None:
    """Mark the residents whose posts follow from records that have been written.

    Args:
        connection: A connection of `Register.writing`.
        record_type: The type of the records.
        before: Rows of the records that were there, by primary key, of those that differ.
        after: Rows as they are now, of those that differ or are new; at most a few thousand.
        now: As in `mark`.
    """
    if record_type in _OF_PERSON:
        # A new resident has no contact yet, and a new contact makes its resident one who has.
        rows = [*before.values(), *(after.values() if record_type is not Resident else ())]
        people = {row["person_id"] for row in rows}
        if record_type is FixedContact:
            mark(connection, people, now)
        else:
            mark_with_contacts(connection, people, now)
    elif record_type in _DECIDING:
        names = _DECIDING[record_type]
        keys = [
            row["hsa_key"]
            for key, row in before.items()
            if any(row[name] != after[key][name] for name in names)
        ]
        if keys:
            mark_where(connection, _OF_OWNER[record_type](keys), now)


def sweep(register: Register, now: datetime) -> None:
    """Mark the residents for whom a new day brings a change, once a day whoever calls.

    Args:
        register: The register.
        now: The present, naive UTC.
    """
    today = swedish(now).date()
    with register.reading() as connection:
        last_day = connection.scalar(select(index_sweep.c.swept_on))
    if last_day is not None and last_day >= today:
        return
    with register.writing() as connection:
        last_day = connection.scalar(select(index_sweep.c.swept_on))
        if last_day is not None and last_day >= today:
            return
        mark_due(connection, last_day or today, today, now)
        connection.execute(delete(index_sweep))
        connection.execute(insert(index_sweep), {"swept_on": today})


def mark_due(connection: Connection, last_day: date, today: date, now: datetime) -> None:
    """Mark the residents who died, or whose contact, unit or doctor's listing begins or ends by its date.

    Args:
        connection: A connection of `Register.writing`.
        last_day: The last day this was done for; it is done for that day again, as it may have been early.
        today: The present day in Sweden.
        now: As in `mark`.
    """
    day = timedelta(days=1)

    def turns(begins: ColumnElement[date], ends: ColumnElement[date]) -> ColumnElement[bool]:
        """It begins, or was valid for the last time the day before, on one of the days."""
        return or_(begins.between(last_day, today), ends.between(last_day - day, today - day))

    units = select(unit.c.hsa_key).where(turns(unit.c.valid_from, unit.c.valid_to))
    start = datetime.combine(last_day, datetime.min.time())
    end = datetime.combine(today + day, datetime.min.time())
    listed = select(listing.c.person_id).where(
        or_(
            and_(listing.c.valid_from >= start, listing.c.valid_from < end),
            and_(listing.c.valid_to >= start, listing.c.valid_to < end),
        )
    )
    died = select(resident.c.person_id).where(resident.c.deceased_on.between(last_day, today))
    mark_where(
        connection,
        or_(
            turns(fixed_contact.c.valid_from, fixed_contact.c.valid_to),
            fixed_contact.c.unit_key.in_(_with_working_units(units)),
            and_(fixed_contact.c.type_code == DOCTOR_CONTACT, fixed_contact.c.person_id.in_(listed)),
            fixed_contact.c.person_id.in_(died),
        ),
        now,
    )


_MARKS = task.c.kind != TaskKind.MESSAGE
"""All marks, where most of the table is read: by an index of posts SQLite would go back and forth in it."""


def given_up(connection: Connection) -> list[str]:
    """Return the residents whose posts were refused or parked. It reads all marks, for an operator."""
    found = select(task.c.person_id).where(_MARKS, in_state(*_GIVEN_UP))
    return list(connection.scalars(found.order_by(task.c.person_id)))


def hasten(connection: Connection, now: datetime, person_ids: Collection[str] | None = None) -> None:
    """Make due what waits for a later time; for an operator.

    Args:
        connection: A connection of `Register.writing`.
        now: The present, naive UTC.
        person_ids: The residents' own identities; all who wait for None.
    """
    later = update(task).where(_MARKS, in_state(TaskState.WAITING), task.c.next_attempt_at > now)
    if person_ids is not None:
        later = later.where(task.c.person_id.in_(_these(connection, person_ids)))
    connection.execute(later.values(next_attempt_at=now))


def is_marked(connection: Connection, resident_id: str) -> bool:
    """Tell whether a resident is marked, whatever has come of it. Goes by ix_outgoing_post."""
    found = select(task.c.id).where(of_kind(TaskKind.POST), task.c.person_id == resident_id)
    return connection.execute(found).first() is not None


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand.

    Attributes:
        posted: Posts that the index has.
        residents: How many residents are marked, by state.
        oldest: When the mark was made that has waited longest; None when nothing waits.
        next: When the first of those that wait is due; None when nothing waits.
        results: How many residents have which result, of those refused or parked.
    """

    posted: int
    residents: Mapping[TaskState, int]
    oldest: datetime | None
    next: datetime | None
    results: Mapping[str, int]


def status(connection: Connection) -> Status:
    """Return how things stand. It reads all marks and posts, for an operator."""
    in_index = and_(~index_post.c.deleted, index_post.c.content != "")
    posted = select(func.count()).select_from(index_post).where(in_index)
    marked = select(task.c.state, task.c.result, func.count(), func.min(task.c.created_at))
    marked = marked.add_columns(func.min(task.c.next_attempt_at))
    groups = connection.execute(marked.where(_MARKS).group_by(task.c.state, task.c.result)).all()
    residents, results = Counter[TaskState](), Counter[str]()
    for state, result, count, *_ in groups:
        residents[TaskState(state)] += count
        if state in _GIVEN_UP:
            results[result or ""] += count
    waiting = [(since, due) for state, _, _, since, due in groups if state == TaskState.WAITING]
    return Status(
        connection.execute(posted).scalar_one(),
        residents,
        min((since for since, _ in waiting), default=None),
        min((due for _, due in waiting), default=None),
        results,
    )


def _these(connection: Connection, person_ids: Collection[str]) -> Select[tuple[str]]:
    """Return identities as a query with one parameter: thousands of parameters take their time to bind."""
    text = literal(json.dumps(sorted(set(person_ids))))
    if connection.dialect.name == "sqlite":
        rows = func.json_each(text).table_valued("value")
    else:
        rows = func.json_array_elements_text(cast(text, JSON)).table_valued("value")
    return select(rows.c.value.label("person_id"))


def mark_where(connection: Connection, condition: ColumnElement[bool], now: datetime) -> None:
    """Mark the residents whose fixed contacts fit a condition; as `mark` otherwise."""
    mark_selected(connection, select(fixed_contact.c.person_id).where(condition).distinct(), now)


def mark_selected(
    connection: Connection, people: Select[tuple[str]] | CompoundSelect[tuple[str]], now: datetime
) -> None:
    """Mark the residents that a query finds; as `mark` otherwise."""
    outgoing.mark(connection, people, _CONTRACT, now)


def _with_working_units(keys: Any) -> Any:
    """Return units, given by keys or a query for them, and the working units below them."""
    return select(unit.c.hsa_key).where(or_(unit.c.hsa_key.in_(keys), unit.c.care_unit_key.in_(keys)))


def _of_provider(keys: Sequence[str]) -> ColumnElement[bool]:
    units = select(unit.c.hsa_key).where(unit.c.provider_key.in_(keys))
    return fixed_contact.c.unit_key.in_(_with_working_units(units))


_OF_OWNER: dict[type, Callable[[Sequence[str]], ColumnElement[bool]]] = {
    Unit: lambda keys: fixed_contact.c.unit_key.in_(_with_working_units(keys)),
    Staff: lambda keys: fixed_contact.c.staff_key.in_(keys),
    CareProvider: _of_provider,
}
"""Which fixed contacts follow from records, by their keys."""
