"""A resident's fixed contacts with everything GetCareManagers shows about them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, literal_column, or_, select

from contacts.doctors import doctor_link
from contracts.codes import (
    CARE_CONTACT,
    COORDINATING_CONTACT,
    DOCTOR_CONTACT,
    FEWEST_TO_COORDINATE,
    LOCAL_CONTACT_TYPES,
    is_contact_code,
)
from contracts.identifiers import HsaId
from register.columns import columns, record
from register.conditions import at, care_unit, is_care_unit, valid_today
from register.directory import Directory, directory_of
from register.model import CareProvider, ContactRoute, FixedContact, Staff, Team, Unit
from register.prepared import Prepared
from register.tables import care_provider, fixed_contact, staff, team, unit


@dataclass(frozen=True, slots=True)
class CareManager:
    """A fixed contact with everything GetCareManagers shows about it.

    Attributes:
        unit: The unit where the contact works.
        care_unit: The care unit that answers for it; the same as ``unit`` unless that is a working unit.
        provider: The care provider of the care unit.
        own_routes: Routes to the person in the work at ``unit``.
    """

    contact: FixedContact
    staff: Staff
    unit: Unit
    care_unit: Unit
    provider: CareProvider
    team: Team | None = None
    own_routes: tuple[ContactRoute, ...] = ()
    team_routes: tuple[ContactRoute, ...] = ()
    unit_routes: tuple[ContactRoute, ...] = ()
    care_unit_routes: tuple[ContactRoute, ...] = ()
    provider_routes: tuple[ContactRoute, ...] = ()


CONTACT_COLUMNS = (
    *columns(FixedContact),
    *columns(Staff),
    *columns(Unit),
    *columns(Unit, care_unit),
    *columns(CareProvider),
    team.c.id.is_not(None),
    *columns(Team),
)
"""What to select from `CONTACT_TABLES` for `read_contact`."""

CONTACT_TABLES = (
    fixed_contact.join(staff, staff.c.hsa_key == fixed_contact.c.staff_key)
    .join(unit, unit.c.hsa_key == fixed_contact.c.unit_key)
    .join(care_unit, is_care_unit)
    .join(care_provider, care_provider.c.hsa_key == care_unit.c.provider_key)
    .outerjoin(team, team.c.id == fixed_contact.c.team_id)
)
"""A fixed contact with all it names."""

_CONTACTS = Prepared(
    select(*columns(FixedContact))
    .where(
        fixed_contact.c.person_id == bindparam("person_id"),
        valid_today(fixed_contact),
        or_(fixed_contact.c.type_code != DOCTOR_CONTACT, fixed_contact.c.id == bindparam("doctor_contact")),
        fixed_contact.c.type_code.not_in([literal_column(f"'{one}'") for one in LOCAL_CONTACT_TYPES]),
    )
    .order_by(fixed_contact.c.type_code, fixed_contact.c.valid_from, fixed_contact.c.id)
)


def care_managers_of(
    connection: Connection,
    person_id: str,
    now: datetime,
    *,
    max_care_contacts: int | None = None,
    lone_coordinator: bool = True,
    hidden: Collection[HsaId] = (),
) -> list[CareManager]:
    """Return a resident's fixed contacts of today, in the order of type, first day and id.

    Left out are contacts at closed units, those of the kinds that no contract carries, those whose type is a
    text and no code, and those with staff who have protected identity, in whose place no other steps. A
    doctor (code 2) is shown only while the PV listing it hangs on is active, and it is the same one that
    `listed_at` shows (design rules 6 and 10).

    Args:
        connection: A connection to the register.
        person_id: The resident's own identity, as `find_resident` gives it.
        now: The present, Swedish local time.
        max_care_contacts: How many contacts with code 1 there may be: those appointed last (seed conflict 1).
        lone_coordinator: Whether a contact with code 4 is returned where there are not two with code 1 for
            it to coordinate (requirement row S003-038).
        hidden: Units that are to be as if they did not exist, with their teams.
    """
    link = doctor_link(connection, person_id, now, hidden=hidden)
    parameters = {"person_id": person_id, "doctor_contact": link and link.contact_id, **at(now)}
    contacts = _CONTACTS.records(FixedContact, connection, parameters)
    directory, today = directory_of(connection), now.date()
    found = [
        one
        for one in (_with_directory(directory, contact, hidden) for contact in contacts)
        if one.contact.unit not in hidden
        and one.unit.is_open(today)
        and one.care_unit.is_open(today)
        and is_contact_code(one.contact.type_code)
    ]
    found = _allowed(found, max_care_contacts, lone_coordinator)
    return [_with_routes(directory, one) for one in found if not one.staff.protected]


def _with_directory(directory: Directory, contact: FixedContact, hidden: Collection[HsaId]) -> CareManager:
    """Return a contact with what it names; a team of a hidden unit is not there."""
    unit_of_contact = directory.unit(contact.unit)
    care_unit_of_contact = directory.care_unit(unit_of_contact)
    team_of_contact = None if contact.team is None else directory.team(contact.team)
    if team_of_contact is not None and team_of_contact.unit in hidden:
        team_of_contact = None
    return CareManager(
        contact,
        directory.staff(contact.staff),
        unit_of_contact,
        care_unit_of_contact,
        directory.provider(care_unit_of_contact.provider),
        team_of_contact,
    )


def _allowed(
    found: list[CareManager], max_care_contacts: int | None, lone_coordinator: bool
) -> list[CareManager]:
    care_contacts = [one for one in found if one.contact.type_code == CARE_CONTACT]
    left_out: set[str] = set()
    if max_care_contacts is not None:
        by_appointment = sorted(care_contacts, key=_appointed, reverse=True)
        left_out = {one.contact.id for one in by_appointment[max_care_contacts:]}
    if len(care_contacts) < FEWEST_TO_COORDINATE and not lone_coordinator:
        left_out |= {one.contact.id for one in found if one.contact.type_code == COORDINATING_CONTACT}
    return [one for one in found if one.contact.id not in left_out]


def _appointed(one: CareManager) -> tuple[date, datetime, str]:
    """Return what contacts are compared by to tell which was appointed last, as for doctors."""
    return one.contact.valid_from, one.contact.documented_at, one.contact.id


def read_contact(row: Iterable[Any]) -> CareManager:
    """Read a contact, without its routes, from a row with the columns of `CONTACT_COLUMNS`."""
    values = iter(row)
    return CareManager(
        contact=record(FixedContact, values),
        staff=record(Staff, values),
        unit=record(Unit, values),
        care_unit=record(Unit, values),
        provider=record(CareProvider, values),
        team=record(Team, values) if next(values) else None,
    )


def with_routes(connection: Connection, found: Sequence[CareManager]) -> list[CareManager]:
    """Attach the routes of everybody the contacts name, in the order of id."""
    directory = directory_of(connection)
    return [_with_routes(directory, one) for one in found]


def _with_routes(directory: Directory, one: CareManager) -> CareManager:
    unit_key, care_unit_key = one.unit.hsa_id, one.care_unit.hsa_id
    return replace(
        one,
        own_routes=directory.staff_routes(one.staff.hsa_id, unit_key),
        team_routes=() if one.team is None else directory.team_routes(one.team.id),
        unit_routes=directory.unit_routes(unit_key),
        care_unit_routes=directory.unit_routes(care_unit_key),
        provider_routes=directory.provider_routes(one.provider.hsa_id),
    )
