"""The one durable queue of what goes out: written with the change that causes it, sent afterwards.

A task is written in the transaction of the change, so that neither can be without the other. Senders take it
by `register.claims`. What it says is a matter of its subject: `listings.region_messages` of messages,
`contacts.index_marks` of posts. Times are naive UTC.

The table holds what has ended, and a whole region when a load has marked it. So statements name the rows they
are about by constants, in the words of the partial index that they go by.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    DateTime,
    FromClause,
    Insert,
    Row,
    Select,
    case,
    delete,
    insert,
    literal,
    literal_column,
    select,
    text,
    update,
)

from register.database import INSERT
from register.tables import outgoing


class TaskKind(StrEnum):
    """What a task is."""

    MESSAGE = "message"
    """Something to tell an address about a person: sent in order, and kept for a while when it has ended."""
    POST = "post"
    """A resident whose posts in the engagement index must be looked over: one task, gone when it is done."""


class TaskState(StrEnum):
    """What has become of a task."""

    WAITING = "waiting"
    """To be sent when its time comes."""
    SENDING = "sending"
    """A sender has claimed it."""
    DONE = "done"
    """The receiver did as asked."""
    REFUSED = "refused"
    """The receiver will not. A message is never sent again, a post when it is marked anew."""
    PARKED = "parked"
    """It cannot be sent before somebody repairs something. A post is tried when it is marked anew, too."""
    DROPPED = "dropped"
    """An operator gave it up, or a later message took its place."""


OPEN = (TaskState.WAITING, TaskState.SENDING, TaskState.PARKED)
"""States of messages that have not come to their end, as in ix_outgoing_message_open."""

ENDED = (TaskState.DONE, TaskState.REFUSED, TaskState.DROPPED)
"""States of messages that have, as in ix_outgoing_message_ended."""

UNSENT = (TaskState.WAITING, TaskState.SENDING)
"""States of what senders have yet to see to, as in ix_outgoing_post_unsent."""

AT_REST = (TaskState.WAITING, TaskState.PARKED)
"""States of messages that an operator can steer: neither ended nor being sent."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task in the queue.

    Attributes:
        address: LogicalAddress of the receiver; empty for a post, as where the index is, is a setting.
        person_id: Whom it is about; of a post, the resident's own identity.
        content: What a message says, as its subject has written it; empty for a post.
        correlation_id: UUID sent as x-skltp-correlation-id, the same at each attempt; empty for a post.
        request_id: The listing request that waits for the answer to a message, if any.
        version: How many times a post has been marked.
        attempts: How many times it has been tried, by the sender that has it too.
        created_at: When it was put; of a post, when it was last marked.
        next_attempt_at: When it may be tried; of one that a sender has, when the claim runs out.
        result: What came of the last attempt, for the operator; never holds personal data.
    """

    id: int
    kind: TaskKind
    address: str
    person_id: str = field(repr=False)
    content: str = field(repr=False)
    contract: str
    correlation_id: str
    request_id: str | None
    version: int
    state: TaskState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime
    attempted_at: datetime | None
    claimed_by: str | None
    result: str | None

    @classmethod
    def of(cls, row: Row[Any]) -> "Task":
        """Return the task that a row of the table is."""
        values = row._asdict()
        values |= {"kind": TaskKind(row.kind), "state": TaskState(row.state)}
        values |= {name: values[name] or "" for name in ("address", "content", "correlation_id")}
        return cls(**values)


def of_kind(kind: TaskKind, table: FromClause = outgoing) -> ColumnElement[bool]:
    """The task is of a kind, as the partial indexes say it: with a parameter they would not serve."""
    return table.c.kind == literal_column(f"'{kind}'")


def in_state(*states: TaskState, table: FromClause = outgoing) -> ColumnElement[bool]:
    """The task is in one of the states; as `of_kind` otherwise."""
    return table.c.state.in_([literal_column(f"'{state}'") for state in states])


def put(
    connection: Connection,
    address: str,
    person_id: str,
    contract: str,
    content: str,
    now: datetime,
    *,
    request_id: str | None = None,
) -> int:
    """Add a message and return its id.

    Args:
        connection: A connection of `Register.writing`, in the transaction of the change.
        address: LogicalAddress of the receiver.
        person_id: Whom it is about.
        contract: Name of the contract it is sent by.
        content: What it says, JSON.
        now: The present.
        request_id: The listing request that waits for the answer.
    """
    values = {
        "kind": TaskKind.MESSAGE,
        "address": address,
        "person_id": person_id,
        "content": content,
        "contract": contract,
        "correlation_id": str(uuid4()),
        "request_id": request_id,
        "version": 1,
        "state": TaskState.WAITING,
        "attempts": 0,
        "created_at": now,
        "next_attempt_at": now,
    }
    return int(connection.execute(insert(outgoing).returning(outgoing.c.id), values).scalar_one())


def mark(
    connection: Connection,
    people: Select[tuple[str]] | CompoundSelect[tuple[str]],
    contract: str,
    now: datetime,
) -> None:
    """Have the posts of residents looked over: one statement, however many they are.

    Who is marked already is found by ix_outgoing_post, and the mark counts. What a sender has stays with it
    and waits anew when the sender is done; what waits after a failure keeps waiting; what was refused or
    parked is tried at once.

    Args:
        connection: A connection of `Register.writing`, in the transaction of the change.
        people: A query for the residents' own identities, each once.
        contract: Name of the contract they are posted by.
        now: When the change was made.
    """
    connection.execute(marking(connection.dialect.name, people, contract, literal(now, DateTime)))


def marking(
    dialect: str,
    people: Select[tuple[str]] | CompoundSelect[tuple[str]],
    contract: str,
    now: ColumnElement[datetime],
) -> Insert:
    """Return the statement of `mark`, for whoever runs it more than once.

    Args:
        dialect: Name of the database.
        people: As for `mark`.
        contract: As for `mark`.
        now: When the change is made; a parameter, or a value.
    """
    found = people.subquery()
    values: dict[str, Any] = {"kind": TaskKind.POST, "contract": contract, "version": 1}
    values |= {"state": TaskState.WAITING, "attempts": 0}
    columns = {"person_id": found.c[0], "created_at": now, "next_attempt_at": now}
    columns |= {name: literal(value, outgoing.c[name].type) for name, value in values.items()}
    # Without a WHERE SQLite takes ON CONFLICT for the condition of a join.
    rows = select(*columns.values()).where(found.c[0].is_not(None))
    statement = INSERT[dialect](outgoing).from_select(list(columns), rows)
    kept, anew = in_state(*UNSENT), statement.excluded
    replaced: dict[str, ColumnElement[Any]] = {
        name: case((kept, outgoing.c[name]), else_=anew[name])
        for name in ("state", "attempts", "next_attempt_at", "attempted_at")
    }
    replaced |= {"version": outgoing.c.version + 1, "created_at": anew.created_at}
    marked: Insert = statement.on_conflict_do_update(
        index_elements=[outgoing.c.person_id], index_where=text("kind = 'post'"), set_=replaced
    )
    return marked


def find(connection: Connection, kind: TaskKind, task_id: int) -> Task | None:
    """Return a task of a kind by its id."""
    row = connection.execute(select(outgoing).where(outgoing.c.id == task_id, of_kind(kind))).one_or_none()
    return None if row is None else Task.of(row)


def listed(
    connection: Connection, kind: TaskKind, states: Collection[TaskState] = OPEN, limit: int | None = None
) -> list[Task]:
    """Return tasks in these states, oldest first; the latest of them if there are more than ``limit``.

    Open messages go by ix_outgoing_message_open. Else it may read all there is of a kind, for an operator.
    """
    statement = select(outgoing).where(of_kind(kind), in_state(*states))
    if kind is TaskKind.MESSAGE and set(states) <= set(OPEN):
        statement = statement.where(in_state(*OPEN))
    # + 0: to have them in order it would else read the whole table by its ids.
    found = connection.execute(statement.order_by((outgoing.c.id + 0).desc()).limit(limit)).all()
    return [Task.of(row) for row in reversed(found)]


def about(connection: Connection, address: str, person_id: str, states: Collection[TaskState]) -> list[Task]:
    """Return the messages in these states about a person to an address. Goes by ix_outgoing_message."""
    found = connection.execute(
        select(outgoing).where(
            of_kind(TaskKind.MESSAGE),
            outgoing.c.person_id == person_id,
            outgoing.c.address == address,
            in_state(*states),
        )
    )
    return [Task.of(row) for row in found]


def for_request(connection: Connection, request_id: str) -> list[Task]:
    """Return the messages that a listing request waits for. Goes by ix_outgoing_request_id."""
    found = connection.execute(select(outgoing).where(outgoing.c.request_id == request_id))
    return [Task.of(row) for row in found]


def drop(connection: Connection, task_id: int, result: str, states: Collection[TaskState] = AT_REST) -> bool:
    """Give up a message that is in one of these states; False if it is in another by now."""
    changed = connection.execute(
        update(outgoing)
        .where(outgoing.c.id == task_id, in_state(*states))
        .values(state=TaskState.DROPPED, result=result, claimed_by=None)
    )
    return bool(changed.rowcount)


def forget(connection: Connection, before: datetime) -> int:
    """Delete messages that had come to their end when they were put before ``before``; return how many.

    They say where residents were listed, which nobody needs when no repetition can come any more. Goes by
    ix_outgoing_message_ended.
    """
    return connection.execute(
        delete(outgoing).where(of_kind(TaskKind.MESSAGE), in_state(*ENDED), outgoing.c.created_at < before)
    ).rowcount
