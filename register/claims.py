"""Who sends what goes out, and when: claims that run out, and pauses of addresses that give no answer.

A sender that dies leaves its tasks to the next. What is sent twice for that reason is harmless (RIV-TA Basic
Profile 2.1, rule 22; carelisting TKB 4.2.1; TKB-EI pR4, pR5). Messages about one person to one address are
sent in their order.

Times are naive UTC. A time that lies so far ahead that it cannot be right, because a clock has been set back,
counts as past; the clocks of several machines may differ by `CLOCKS_DIFFER`.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    delete,
    insert,
    or_,
    select,
    update,
)

from register.database import Register
from register.outgoing import AT_REST, OPEN, UNSENT, Task, TaskKind, TaskState, in_state, of_kind
from register.tables import outgoing, outgoing_pause

LONGEST_CLAIM = timedelta(minutes=5)
"""How long a sender may keep a task; far longer than any call takes."""

LONGEST_WAIT = timedelta(days=2)
"""The longest time between two attempts, whatever a setting says."""

CLOCKS_DIFFER = timedelta(minutes=5)
"""How much later it may be for another sender without a clock having been set back."""


def due_addresses(register: Register, now: datetime) -> list[str]:
    """Return the addresses with a message to send now, in order. Goes by ix_outgoing_message_open."""
    statement = (
        select(outgoing.c.address)
        .where(of_kind(TaskKind.MESSAGE), in_state(*OPEN), _is_due(now), _is_next(), ~_is_paused(now))
        .distinct()
        .order_by(outgoing.c.address)
    )
    with register.reading() as connection:
        return [str(address) for address in connection.scalars(statement)]


def claim(
    register: Register,
    kind: TaskKind,
    sender: str,
    now: datetime,
    *,
    address: str | None = None,
    limit: int = 1,
) -> list[Task]:
    """Take tasks whose time has come, so that no other sender does.

    Messages to an address go oldest first, by ix_outgoing_message_open. Posts go by how long they have
    waited, by ix_outgoing_post_unsent; whether the index is `paused` is for their sender to ask.

    Args:
        register: The register.
        kind: What to take.
        sender: Name of the sender, unique for each.
        now: The present. The claim holds for `LONGEST_CLAIM`.
        address: LogicalAddress that messages go to.
        limit: How many at most.
    """
    due = select(outgoing.c.id).where(of_kind(kind), _is_due(now)).limit(limit)
    if kind is TaskKind.MESSAGE:
        due = due.where(in_state(*OPEN), outgoing.c.address == address, _is_next(), ~_is_paused(now))
        due = due.order_by(outgoing.c.id)
    else:
        due = due.where(in_state(*UNSENT)).order_by(outgoing.c.next_attempt_at, outgoing.c.id)
    with register.writing() as connection:
        return _claim(connection, due, sender, now)


def claim_at_once(connection: Connection, task_id: int, sender: str, now: datetime) -> bool:
    """Take a message in the transaction that puts it, to send it as soon as that has ended.

    Returns:
        Whether it is the sender's. It is left waiting if it is not the next in order, or if nothing is sent
        to its address just now.
    """
    due = select(outgoing.c.id).where(outgoing.c.id == task_id, _is_next(), ~_is_paused(now))
    return bool(_claim(connection, due, sender, now))


def _claim(connection: Connection, due: Select[tuple[int]], sender: str, now: datetime) -> list[Task]:
    rows = connection.execute(
        update(outgoing)
        .where(outgoing.c.id.in_(due))
        .values(
            state=TaskState.SENDING,
            attempts=outgoing.c.attempts + 1,
            attempted_at=now,
            next_attempt_at=now + LONGEST_CLAIM,
            claimed_by=sender,
        )
        .returning(outgoing)
    )
    return sorted(map(Task.of, rows), key=lambda task: task.id)


def still_claimed(connection: Connection, tasks: Collection[Task]) -> list[Task]:
    """Return the tasks, of one claim, that no other sender has taken over since it ran out."""
    rows = connection.execute(
        select(outgoing.c.id, outgoing.c.claimed_by, outgoing.c.attempts).where(
            outgoing.c.id.in_([task.id for task in tasks]), outgoing.c.state == TaskState.SENDING
        )
    )
    held = {tuple(row) for row in rows}
    return [task for task in tasks if (task.id, task.claimed_by, task.attempts) in held]


_OWN = and_(
    outgoing.c.id == bindparam("task"),
    outgoing.c.state == TaskState.SENDING,
    outgoing.c.claimed_by == bindparam("sender"),
    outgoing.c.attempts == bindparam("attempt"),
)
"""The claim on a task is the sender's, and has not been taken over."""

_SEEN = outgoing.c.version == bindparam("seen")
"""Nobody has marked it anew since it was claimed."""

_DELETE = delete(outgoing).where(_OWN, _SEEN)

_GIVE_BACK = (
    update(outgoing)
    .where(_OWN)
    .values(
        state=case((_SEEN, bindparam("becomes", type_=String)), else_=TaskState.WAITING),
        attempts=bindparam("tried", type_=Integer),
        next_attempt_at=bindparam("at", type_=DateTime),
        claimed_by=None,
        result=bindparam("why", type_=String),
    )
)


def give_back(
    connection: Connection,
    tasks: Collection[Task],
    state: TaskState,
    at: datetime,
    result: str | None = None,
    *,
    tried: bool = True,
) -> int:
    """Give back tasks of one kind: at their end, to be sent again later, or parked. Goes by their ids.

    A post that is done is deleted. One that has been marked anew meanwhile waits, whatever came of it.

    Args:
        connection: A connection of `Register.writing`.
        tasks: The tasks, as they were claimed.
        state: What becomes of them.
        at: When they are to be tried again; the present for those that are not.
        result: Why, for the operator; never holds personal data.
        tried: False if they were not tried, so that the attempt does not count.

    Returns:
        How many were the sender's to give back. The claim on others has run out, and another's answer counts.
    """
    if not tasks:
        return 0
    posted = state is TaskState.DONE and all(task.kind is TaskKind.POST for task in tasks)
    rows = [
        {
            "task": task.id,
            "sender": task.claimed_by,
            "attempt": task.attempts,
            "seen": task.version,
            "becomes": state,
            "tried": task.attempts if tried else task.attempts - 1,
            "at": at,
            "why": result,
        }
        for task in tasks
    ]
    if not posted:
        return connection.execute(_GIVE_BACK, rows).rowcount
    deleted = connection.execute(_DELETE, rows).rowcount
    left = [row | {"tried": 0} for row in rows]  # by now only those that have been marked anew
    return deleted + connection.execute(_GIVE_BACK, left).rowcount


def retry(connection: Connection, message: Task, now: datetime) -> bool:
    """Have a waiting or parked message sent at once; False if it is in another state by now."""
    resume(connection, message.address)
    changed = connection.execute(
        update(outgoing)
        .where(outgoing.c.id == message.id, in_state(*AT_REST))
        .values(state=TaskState.WAITING, next_attempt_at=now)
    )
    return bool(changed.rowcount)


def paused(connection: Connection, now: datetime) -> dict[str, datetime]:
    """Return the addresses that nothing is sent to just now, and until when."""
    rows = connection.execute(
        select(outgoing_pause.c.address, outgoing_pause.c.until)
        .where(_in_force(now))
        .order_by(outgoing_pause.c.address)
    )
    return {row.address: row.until for row in rows}


def pause(connection: Connection, address: str, now: datetime, until: datetime) -> None:
    """Send nothing to an address that does not answer before ``until``."""
    resume(connection, address)
    connection.execute(insert(outgoing_pause), {"address": address, "since": now, "until": until})


def resume(connection: Connection, address: str) -> None:
    """End a pause."""
    connection.execute(delete(outgoing_pause).where(outgoing_pause.c.address == address))


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Its time has come, or the claim on it has run out, or a clock has been set back."""
    time = outgoing.c.next_attempt_at
    return or_(
        and_(
            outgoing.c.state == TaskState.WAITING,
            or_(
                time <= now,
                time > now + LONGEST_WAIT + CLOCKS_DIFFER,
                outgoing.c.attempted_at.is_(None),
                outgoing.c.attempted_at > now + CLOCKS_DIFFER,
            ),
        ),
        and_(
            outgoing.c.state == TaskState.SENDING,
            or_(time <= now, time > now + LONGEST_CLAIM + CLOCKS_DIFFER),
        ),
    )


_earlier = outgoing.alias("earlier")


def _is_next() -> ColumnElement[bool]:
    """No earlier message about the person to the address is still to be sent. Goes by ix_outgoing_message."""
    return ~(
        select(_earlier.c.id)
        .where(
            of_kind(TaskKind.MESSAGE, _earlier),
            in_state(*UNSENT, table=_earlier),
            _earlier.c.person_id == outgoing.c.person_id,
            _earlier.c.address == outgoing.c.address,
            _earlier.c.id < outgoing.c.id,
        )
        .correlate(outgoing)
        .exists()
    )


def _is_paused(now: datetime) -> ColumnElement[bool]:
    return (
        select(outgoing_pause.c.address)
        .where(outgoing_pause.c.address == outgoing.c.address, _in_force(now))
        .correlate(outgoing)
        .exists()
    )


def _in_force(now: datetime) -> ColumnElement[bool]:
    """The pause has not run out; one that begins in what is yet to come was set by a wrong clock."""
    return and_(outgoing_pause.c.since <= now + CLOCKS_DIFFER, outgoing_pause.c.until > now)
