"""Beginning and ending a fixed contact, for whoever does it: staff, or a change of listing."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, update

from register import feed, hands
from register.columns import row
from register.feed import FeedOrigin
from register.hands import Hand, Left
from register.model import FixedContact
from register.tables import fixed_contact


class Link(NamedTuple):
    """What must be known of a fixed contact to end it."""

    id: str
    person_id: str
    valid_from: date


def add(connection: Connection, contact: FixedContact, hand: Hand, now: datetime, cause: str) -> None:
    """Add a fixed contact. What it replaces is for the caller to end.

    Args:
        connection: A connection of `Register.writing`.
        contact: The contact.
        hand: Who adds it.
        now: The present, naive UTC.
        cause: Contract or command that asks for it.
    """
    note(connection, contact.id, contact.person_id, hand, now)
    connection.execute(insert(fixed_contact), row(contact))
    tell(connection, contact.id, FeedOrigin(now, cause, hand), begun=True)


def end(
    connection: Connection,
    link: Link,
    last_day: date,
    hand: Hand,
    now: datetime,
    cause: str,
    left: Left | None = None,
) -> None:
    """Let a fixed contact count on its last day, and no longer.

    One that begins after that day has not been in force for a whole day, or at all: its row goes, and the
    caller's log keeps it.

    Args:
        connection: A connection of `Register.writing`.
        link: The contact.
        last_day: Its last day; yesterday, for it to be gone at once.
        hand: Who ends it.
        now: The present, naive UTC.
        cause: Contract or command that asks for it.
        left: What the resident had been, if it ends by her death or move.
    """
    origin = FeedOrigin(now, cause, hand)
    if left is None:
        note(connection, link.id, link.person_id, hand, now)
    else:
        hands.follow(connection, fixed_contact, {"id": link.id}, left, now, person_id=link.person_id)
    own = fixed_contact.c.id == link.id
    if link.valid_from <= last_day:
        connection.execute(update(fixed_contact).where(own).values(valid_to=last_day))
        tell(connection, link.id, origin)
    else:
        tell(connection, link.id, origin, gone=True)
        connection.execute(delete(fixed_contact).where(own))


def tell(
    connection: Connection, contact_id: str, origin: FeedOrigin, *, begun: bool = False, gone: bool = False
) -> None:
    """Tell other systems what has become of a contact, or is about to where it goes entirely."""
    feed.add_one(connection, fixed_contact, contact_id, origin, begun=begun, gone=gone)


def note(connection: Connection, contact_id: str, person_id: str, hand: Hand, now: datetime) -> None:
    """Write down that a hand is about to make or change a contact that a source may speak of, too."""
    hands.note(connection, fixed_contact, {"id": contact_id}, hand, now, person_id=person_id)
