"""Marked residents as senders take them, and the posts that the engagement index has from us.

A claim runs out, so that what a sender leaves behind when it dies is done by another. What it may have
posted is known all the same: before a post is sent it is written down as one that the index may have. Times
are naive UTC.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, and_, bindparam, case, delete, func, or_, select, update

from contacts import index_marks
from contacts.index_marks import State
from register.database import INSERT, Register
from register.outbox import CLOCKS_DIFFER, LONGEST_CLAIM, LONGEST_WAIT
from register.tables import index_post, index_task

_CHUNK = 1000
"""Keys in one IN list."""


@dataclass(frozen=True, slots=True)
class Task:
    """A resident whose posts are to be looked over.

    Attributes:
        version: Number of the latest mark.
        marked_at: When that was.
        attempts: How many times it has been tried, this one included.
    """

    resident_id: str = field(repr=False)
    version: int
    marked_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Claim:
    """Residents that one sender looks over, until a time."""

    name: str
    until: datetime
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Post:
    """A post that the index has from us, or may have.

    Attributes:
        person_id: The identity it is posted for.
        data_controller: The accountable organisation.
        resident_id: The resident's own identity in the register.
        deleted: Whether it has been removed from the index.
        most_recent_content: YYYYMMDDhhmmss, Swedish local time.
        content: What tells the contacts it stands for from others; empty for a removed one, and None while it
            is not known whether the index has it so.
        posted_at: When it was last sent.
    """

    person_id: str = field(repr=False)
    data_controller: str
    resident_id: str = field(repr=False)
    deleted: bool
    most_recent_content: str
    content: str | None
    posted_at: datetime

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from other posts of ours."""
        return self.person_id, self.data_controller


def claim(register: Register, limit: int, now: datetime) -> Claim | None:
    """Take the residents whose time has come, those who have waited longest first; None if there are none.

    Args:
        register: The register.
        limit: How many at most.
        now: The present. The claim holds for `LONGEST_CLAIM`.
    """
    farthest = case(
        (index_task.c.state == State.SENDING, now + LONGEST_CLAIM + CLOCKS_DIFFER),
        else_=now + LONGEST_WAIT + CLOCKS_DIFFER,  # later than any wait: a clock has been set back
    )
    due = (
        select(index_task.c.person_id)
        .where(
            index_task.c.state.in_([State.WAITING, State.SENDING]),
            or_(index_task.c.next_attempt_at <= now, index_task.c.next_attempt_at > farthest),
        )
        .order_by(index_task.c.next_attempt_at, index_task.c.person_id)
        .limit(limit)
    )
    name, until = str(uuid4()), now + LONGEST_CLAIM
    with register.writing() as connection:
        rows = connection.execute(
            update(index_task)
            .where(index_task.c.person_id.in_(due))
            .values(
                state=State.SENDING,
                attempts=index_task.c.attempts + 1,
                next_attempt_at=until,
                claimed_by=name,
            )
            .returning(
                index_task.c.person_id, index_task.c.version, index_task.c.marked_at, index_task.c.attempts
            )
        ).all()
    return Claim(name, until, tuple(Task(*row) for row in sorted(rows))) if rows else None


def still_claimed(connection: Connection, held: Claim) -> set[str]:
    """Return the residents of a claim that no other sender has taken over since it ran out."""
    return set(connection.scalars(select(index_task.c.person_id).where(index_task.c.claimed_by == held.name)))


def finish(connection: Connection, held: Claim, tasks: Iterable[Task], now: datetime) -> None:
    """End tasks whose posts the index has; one that has been marked again meanwhile waits anew."""
    rows = [{"person": task.resident_id, "seen": task.version} for task in tasks]
    if not rows:
        return
    own = and_(index_task.c.person_id == bindparam("person"), index_task.c.claimed_by == held.name)
    connection.execute(delete(index_task).where(own, index_task.c.version == bindparam("seen")), rows)
    connection.execute(
        update(index_task)
        .where(own, index_task.c.version != bindparam("seen"))
        .values(state=State.WAITING, claimed_by=None, attempts=0, next_attempt_at=now, result=None),
        rows,
    )


def put_back(
    connection: Connection,
    held: Claim,
    task: Task,
    state: State,
    at: datetime,
    result: str | None = None,
    *,
    tried: bool = True,
) -> None:
    """Give a task back that is not done.

    Args:
        connection: A connection of `Register.writing`.
        held: The claim it belongs to.
        task: The task.
        state: Its new state; it waits in any case if it has been marked again meanwhile.
        at: When it is to be looked over again.
        result: Why, for the operator; never holds personal data.
        tried: False if it was not tried, so that the attempt does not count.
    """
    seen = index_task.c.version == task.version
    connection.execute(
        update(index_task)
        .where(index_task.c.person_id == task.resident_id, index_task.c.claimed_by == held.name)
        .values(
            state=case((seen, state), else_=State.WAITING),
            attempts=task.attempts if tried else task.attempts - 1,
            next_attempt_at=at,
            claimed_by=None,
            result=result,
        )
    )


def posts(connection: Connection, resident_id: str, person_id: str | None) -> list[Post]:
    """Return the posts about a resident, and those for the identity that is to be posted, whoever had it."""
    found = connection.execute(
        select(index_post)
        .where(or_(index_post.c.resident_id == resident_id, index_post.c.person_id == person_id))
        .order_by(index_post.c.person_id, index_post.c.data_controller)
    )
    return [Post(**row) for row in found.mappings()]


def write(connection: Connection, written: Iterable[Post]) -> None:
    """Keep posts, each in place of the one with its key."""
    rows = [{column.name: getattr(post, column.name) for column in index_post.c} for post in written]
    if rows:
        statement = INSERT[connection.dialect.name](index_post)
        others = {
            column.name: statement.excluded[column.name] for column in index_post.c if not column.primary_key
        }
        connection.execute(
            statement.on_conflict_do_update(index_elements=list(index_post.primary_key), set_=others), rows
        )


def maybe(post: Post) -> Post:
    """Return a post that is about to be sent as one of which nobody knows whether the index has it."""
    return replace(post, content=None)


def forget(connection: Connection, post: Post) -> None:
    """Strike out a post that the index never took."""
    connection.execute(
        delete(index_post).where(
            index_post.c.person_id == post.person_id, index_post.c.data_controller == post.data_controller
        )
    )


def resend(connection: Connection, person_ids: Sequence[str], now: datetime) -> None:
    """Have residents' posts sent again, also those that the index has by what is known here.

    Args:
        connection: A connection of `Register.writing`.
        person_ids: The residents' own identities.
        now: The present.
    """
    for start in range(0, len(person_ids), _CHUNK):
        some = person_ids[start : start + _CHUNK]
        doubted = update(index_post).values(content=None).where(index_post.c.resident_id.in_(some))
        connection.execute(doubted)
        index_marks.mark(connection, some, now)


def given_up(connection: Connection) -> list[str]:
    """Return the residents whose posts were refused or parked."""
    found = select(index_task.c.person_id).where(index_task.c.state.in_([State.REFUSED, State.PARKED]))
    return list(connection.scalars(found.order_by(index_task.c.person_id)))


def is_marked(connection: Connection, resident_id: str) -> bool:
    """Tell whether a resident is marked, whatever has come of it."""
    return (
        connection.scalar(select(index_task.c.state).where(index_task.c.person_id == resident_id)) is not None
    )


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand.

    Attributes:
        posted: Posts that the index has.
        residents: How many residents are marked, by state.
        oldest: When the mark was made that has waited longest; None when nothing waits.
        results: How many residents have which result, of those refused or parked.
    """

    posted: int
    residents: dict[State, int]
    oldest: datetime | None
    results: dict[str, int]


def status(connection: Connection) -> Status:
    """Return how things stand."""
    task = index_task.c
    given = select(task.result, func.count()).where(task.state.in_([State.REFUSED, State.PARKED]))
    posted = (
        select(func.count()).select_from(index_post).where(~index_post.c.deleted, index_post.c.content != "")
    )
    return Status(
        connection.execute(posted).scalar_one(),
        {
            State(state): count
            for state, count in connection.execute(select(task.state, func.count()).group_by(task.state))
        },
        connection.scalar(select(func.min(task.marked_at)).where(task.state == State.WAITING)),
        {result or "": count for result, count in connection.execute(given.group_by(task.result))},
    )


def everybody(connection: Connection) -> list[str]:
    """Return the own identities of all who have had a fixed contact or a post, in order."""
    return list(connection.scalars(index_marks.everybody().order_by("person_id")))
