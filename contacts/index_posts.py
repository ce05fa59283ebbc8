"""The posts that the engagement index has from us, as it cannot be asked.

A sender may die before it sees whether the index took a post. What it may have posted is known all the same:
before a post is sent it is written down as one that the index may have. Times are naive UTC.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select, update

from contacts import index_marks
from register.database import INSERT
from register.tables import index_post

_CHUNK = 1000
"""Keys in one IN list."""


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


def everybody(connection: Connection) -> list[str]:
    """Return the own identities of all who have had a fixed contact or a post, in order."""
    return list(connection.scalars(index_marks.everybody().order_by("person_id")))
