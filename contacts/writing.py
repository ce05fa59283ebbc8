"""Beginning and ending a fixed contact, for whoever does it: staff, or a change of listing."""

from datetime import date

from sqlalchemy import Connection, delete, insert, update

from register.columns import row
from register.model import FixedContact
from register.tables import fixed_contact


def add(connection: Connection, contact: FixedContact) -> None:
    """Add a fixed contact. What it replaces is for the caller to end."""
    connection.execute(insert(fixed_contact), row(contact))


def end(connection: Connection, contact_id: str, valid_from: date, last_day: date) -> None:
    """Let a fixed contact count on its last day, and no longer.

    One that begins after that day has not been in force for a whole day, or at all: its row goes, and the
    caller's log keeps it.

    Args:
        connection: A connection of `Register.writing`.
        contact_id: The contact.
        valid_from: Its first day.
        last_day: Its last day; yesterday, for it to be gone at once.
    """
    own = fixed_contact.c.id == contact_id
    if valid_from <= last_day:
        connection.execute(update(fixed_contact).where(own).values(valid_to=last_day))
    else:
        connection.execute(delete(fixed_contact).where(own))
