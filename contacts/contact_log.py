"""Who changes contacts and why, and the log of it (requirement rows S000-037, S000-040, S003-025).

The log has what staff do with contacts, and with the employments that contacts are chosen from: an entry of
the latter kind has an empty person and an empty contact.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from heapq import merge
from operator import attrgetter

from sqlalchemy import Connection, insert, select

from contracts.clock import utc
from contracts.codes import DOCTOR_CONTACT
from contracts.identifiers import HsaId
from register.model import Employment, FixedContact
from register.tables import contact_change, listing_change

DOCTOR_CHOSEN = "doctor_chosen"
DOCTOR_ENDED = "doctor_ended"
"""Entries of the log of changes of listings that are about the doctor, who comes and goes with a listing."""


class NotAllowed(Exception):
    """A change that the rules refuse; the text says why and holds no personal data.

    The transaction must be rolled back.
    """


@dataclass(frozen=True, slots=True)
class StaffEdit:
    """The circumstances of changes that staff make in one transaction.

    Attributes:
        connection: A connection of `Register.writing`.
        now: The present, Swedish local time.
        by: Who makes them.
        reason: Why.
        people: Whose contacts have been changed so far.
    """

    connection: Connection
    now: datetime
    by: str
    reason: str | None = None
    people: set[str] = field(default_factory=set)

    @property
    def today(self) -> date:
        """The Swedish calendar day."""
        return self.now.date()

    def log(self, contact: FixedContact, kind: str) -> None:
        """Add an entry about a fixed contact."""
        self.people.add(contact.person_id)
        self._write(
            person_id=contact.person_id,
            contact_id=contact.id,
            kind=kind,
            type_code=contact.type_code,
            staff_key=contact.staff,
            unit_key=contact.unit,
        )

    def log_employment(self, employment: Employment, kind: str) -> None:
        """Add an entry about what residents can have a member of staff as."""
        self._write(
            person_id="",
            contact_id="",
            kind=kind,
            type_code="",
            staff_key=employment.staff,
            unit_key=employment.unit,
        )

    def _write(self, **values: str | HsaId) -> None:
        self.connection.execute(
            insert(contact_change),
            {**values, "logged_at": utc(self.now), "changed_by": self.by, "reason": self.reason},
        )


@dataclass(frozen=True, slots=True)
class ContactEntry:
    """What has been done to a resident's fixed contacts.

    Attributes:
        logged_at: When, UTC.
        kind: What, in a word or a few.
        type_code: Type of the contact.
        staff_key: Key of the contact's HSA-id; None where a change of listing has done it.
        by: Who did it, as far as is known.
        reason: Why; for a change of listing without a reason, the contract or command that asked for it.
    """

    logged_at: datetime
    kind: str
    type_code: str
    unit_key: HsaId | None
    staff_key: HsaId | None
    by: str | None
    reason: str | None


def history(connection: Connection, person_id: str) -> Iterator[ContactEntry]:
    """Yield what staff and changes of listings have done to a resident's contacts, oldest first.

    Args:
        connection: A connection to the register.
        person_id: The resident's own identity.
    """
    of_staff = connection.execute(
        select(contact_change).where(contact_change.c.person_id == person_id).order_by(contact_change.c.id)
    )
    of_listings = connection.execute(
        select(listing_change)
        .where(
            listing_change.c.person_id == person_id,
            listing_change.c.kind.in_([DOCTOR_CHOSEN, DOCTOR_ENDED]),
        )
        .order_by(listing_change.c.id)
    )
    return merge(
        (
            ContactEntry(
                one.logged_at,
                one.kind,
                one.type_code,
                one.unit_key,
                one.staff_key,
                one.changed_by,
                one.reason,
            )
            for one in of_staff
        ),
        (
            ContactEntry(
                one.logged_at,
                one.kind,
                DOCTOR_CONTACT,
                one.unit_key,
                None,
                one.actor_id,
                one.reason or one.source,
            )
            for one in of_listings
        ),
        key=attrgetter("logged_at"),
    )
