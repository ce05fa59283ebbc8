"""Appointing, ending and changing fixed contacts by the rules staff work under.

A resident has one doctor (code 2) at a time: a new one ends the one before the day before it begins
(requirement rows S000-019, S000-032, S003-116). Everything is written in the caller's transaction, with an
entry in the log and the resident marked for the engagement index (requirement row S000-013).
"""

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select, update

from contacts import index_marks, staff, writing
from contacts.contact_log import NotAllowed, StaffEdit
from contacts.doctors import has_pv_listing
from contracts.clock import utc
from contracts.codes import CARE_CONTACT, DOCTOR_CONTACT
from contracts.identifiers import HsaId
from register.columns import FIELD_COLUMNS, columns, record
from register.conditions import at
from register.feed import FeedOrigin
from register.hands import Hand
from register.model import FixedContact
from register.residents import find_resident
from register.tables import fixed_contact, team, unit

COMMAND = "fastkontakt contacts"
"""Cause of the changes of contacts that staff make, in the feed of changes."""

_DAY = timedelta(days=1)

_LISTED = select(unit.c.hsa_key).where(
    unit.c.hsa_key == bindparam("unit_key"), has_pv_listing(bindparam("person_id"))
)


def find(edit: StaffEdit, contact_id: str) -> FixedContact | None:
    """Return a fixed contact by its id."""
    found = edit.connection.execute(select(*columns(FixedContact)).where(fixed_contact.c.id == contact_id))
    values = found.one_or_none()
    return None if values is None else record(FixedContact, iter(values))


def ids_beginning(edit: StaffEdit, text: str) -> list[str]:
    """Return up to two ids of contacts that begin so, or go on so after the time that those made here have.

    The second reads all ids, for somebody who types one.
    """
    plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    id = fixed_contact.c.id
    begins = or_(*(id.like(f"{before}{plain}%", escape="\\") for before in ("", "_" * 20 + "-")))
    return list(edit.connection.scalars(select(id).where(begins).order_by(id).limit(2)))


def of_type(edit: StaffEdit, person_id: str, type_code: str, *, ending_from: date) -> list[FixedContact]:
    """Return a resident's contacts of a type that count on a day or later, first begun first."""
    found = edit.connection.execute(
        select(*columns(FixedContact))
        .where(
            fixed_contact.c.person_id == person_id,
            fixed_contact.c.type_code == type_code,
            or_(fixed_contact.c.valid_to.is_(None), fixed_contact.c.valid_to >= ending_from),
        )
        .order_by(fixed_contact.c.valid_from, fixed_contact.c.id)
    )
    return [record(FixedContact, iter(values)) for values in found]


def appoint(edit: StaffEdit, wanted: FixedContact, *, max_care_contacts: int | None = None) -> None:
    """Appoint a fixed contact; a doctor takes the place of the one there is.

    Args:
        edit: The circumstances.
        wanted: The contact, as it is to be kept.
        max_care_contacts: How many contacts with code 1 a resident may have (requirement row S000-041).

    Raises:
        NotAllowed: The rules refuse it.
    """
    if wanted.valid_to is not None and wanted.valid_to < max(wanted.valid_from, edit.today):
        raise NotAllowed("The contact would end before it begins, or has ended already.")
    person = find_resident(edit.connection, wanted.person_id)
    if person is None or person.is_deceased(edit.today):
        raise NotAllowed("There is no such resident, or the resident has died.")
    _check_team(edit, wanted)
    beside = overlapping(edit, wanted)
    if any(_who(one) == _who(wanted) for one in beside):
        raise NotAllowed("The resident has this contact already: see fastkontakt contacts change.")
    most = max_care_contacts if wanted.type_code == CARE_CONTACT else None
    if most is not None and len(beside) >= most:
        raise NotAllowed(f"The resident has {len(beside)} with code 1 already, as many as are allowed.")
    staff.check_available(edit, *_who(wanted), wanted.type_code, wanted.valid_from)
    if wanted.type_code == DOCTOR_CONTACT:
        _check_listed(edit, wanted)
        end_other_doctors(edit, beside, wanted.valid_from)
    begin(edit, wanted)


def end(edit: StaffEdit, contact: FixedContact, last_day: date | None = None) -> None:
    """End a fixed contact that has not ended.

    Args:
        edit: The circumstances.
        contact: The contact. One that begins today or later goes entirely; the log keeps it.
        last_day: Its last day; None for it to be gone at once (requirement rows S000-037, S000-046).

    Raises:
        NotAllowed: It has ended, or the day is not one of its days.
    """
    if contact.valid_to is not None and contact.valid_to < (last_day or edit.today):
        raise NotAllowed(f"The contact ends or has ended on {contact.valid_to}.")
    if last_day is not None and last_day < contact.valid_from:
        raise NotAllowed(f"The contact begins on {contact.valid_from}; without a day it is taken back.")
    end_on(edit, contact, last_day or edit.today - _DAY)


def change(edit: StaffEdit, contact: FixedContact, **values: Any) -> None:
    """Change a fixed contact that has not ended.

    Args:
        edit: The circumstances.
        contact: The contact.
        values: Fields of `FixedContact` and their new values; whom it is with is not changed but appointed.

    Raises:
        NotAllowed: It has ended, or would end before today or beside another doctor.
    """
    new = replace(contact, **values)
    if contact.valid_to is not None and contact.valid_to < edit.today:
        raise NotAllowed(f"The contact has ended on {contact.valid_to}.")
    if new.valid_to is not None and new.valid_to < max(new.valid_from, edit.today):
        raise NotAllowed(
            "The contact would end before it begins, or has ended: see fastkontakt contacts end."
        )
    _check_team(edit, new)
    if new.type_code == DOCTOR_CONTACT and new.valid_to != contact.valid_to:
        after = [one for one in overlapping(edit, new) if one.valid_from > new.valid_from]
        if after:
            raise NotAllowed(f"The resident has another doctor from {after[0].valid_from}.")
    changed = [one.name for one in fields(new) if getattr(new, one.name) != getattr(contact, one.name)]
    if not changed:
        return
    writing.note(edit.connection, contact.id, contact.person_id, Hand.STAFF, utc(edit.now))
    edit.connection.execute(
        update(fixed_contact)
        .where(fixed_contact.c.id == contact.id)
        .values({FIELD_COLUMNS[FixedContact][name]: getattr(new, name) for name in changed})
    )
    writing.tell(edit.connection, contact.id, FeedOrigin(utc(edit.now), COMMAND, Hand.STAFF))
    edit.log(new, f"changed: {', '.join(changed)}")
    _mark(edit, new)


def _who(contact: FixedContact) -> tuple[HsaId, HsaId]:
    return contact.staff, contact.unit


def overlapping(edit: StaffEdit, contact: FixedContact) -> list[FixedContact]:
    """Return the resident's other contacts of the type with which it would share a day."""
    others = of_type(edit, contact.person_id, contact.type_code, ending_from=contact.valid_from)
    last_day = contact.valid_to or date.max
    return [one for one in others if one.id != contact.id and one.valid_from <= last_day]


def _check_team(edit: StaffEdit, contact: FixedContact) -> None:
    if contact.team is None:
        return
    found = edit.connection.execute(
        select(team.c.id)
        .join(unit, or_(team.c.unit_key == unit.c.hsa_key, team.c.unit_key == unit.c.care_unit_key))
        .where(team.c.id == contact.team, unit.c.hsa_key == contact.unit)
    )
    if found.one_or_none() is None:
        raise NotAllowed("There is no such team at the unit.")


def _check_listed(edit: StaffEdit, doctor: FixedContact) -> None:
    """A doctor is had where the resident is listed (requirement rows S000-021, S001-012)."""
    later = doctor.valid_from > edit.today
    moment = datetime.combine(doctor.valid_from, time.max) if later else edit.now
    wanted = {"unit_key": doctor.unit, "person_id": doctor.person_id}
    if edit.connection.execute(_LISTED, {**wanted, **at(moment)}).one_or_none() is None:
        raise NotAllowed("The resident is not listed (PV) at the unit on that day.")


def end_other_doctors(edit: StaffEdit, doctors: Iterable[FixedContact], first_day: date) -> None:
    """End the doctors that a resident has or will have when a new one begins.

    Raises:
        NotAllowed: One of them has begun on that day or after it: what has been in force stays in the record.
    """
    for one in doctors:
        if first_day <= one.valid_from < edit.today:
            raise NotAllowed(
                f"The resident has a doctor since {one.valid_from}; the new one must begin after that day."
            )
        end_on(edit, one, first_day - _DAY)


def begin(edit: StaffEdit, contact: FixedContact) -> None:
    """Add a contact that has been found to be in order, with all that goes with it."""
    writing.add(edit.connection, contact, Hand.STAFF, utc(edit.now), COMMAND)
    edit.log(contact, "appointed")
    _mark(edit, contact)


def end_on(edit: StaffEdit, contact: FixedContact, last_day: date) -> None:
    """Let a contact count on a day for the last time, with all that goes with it."""
    link = writing.Link(contact.id, contact.person_id, contact.valid_from)
    writing.end(edit.connection, link, last_day, Hand.STAFF, utc(edit.now), COMMAND)
    edit.log(contact, "ended")
    _mark(edit, contact)


def _mark(edit: StaffEdit, contact: FixedContact) -> None:
    index_marks.mark(edit.connection, [contact.person_id], utc(edit.now))
