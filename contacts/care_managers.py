"""A resident's fixed contacts with everything GetCareManagers shows about them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, or_, select

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
from register.model import CareProvider, ContactRoute, FixedContact, Staff, Team, Unit
from register.tables import care_provider, contact_route, fixed_contact, staff, team, unit


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

_CONTACTS = (
    select(*CONTACT_COLUMNS)
    .select_from(CONTACT_TABLES)
    .where(
        fixed_contact.c.person_id == bindparam("person_id"),
        valid_today(fixed_contact),
        or_(fixed_contact.c.type_code != DOCTOR_CONTACT, fixed_contact.c.id == bindparam("doctor_contact")),
        fixed_contact.c.type_code.not_in(list(LOCAL_CONTACT_TYPES)),
        valid_today(unit),
        valid_today(care_unit),
    )
    .order_by(fixed_contact.c.type_code, fixed_contact.c.valid_from, fixed_contact.c.id)
)

_ROUTES = (
    select(*columns(ContactRoute))
    .where(
        or_(
            and_(
                contact_route.c.unit_key.in_(bindparam("units", expanding=True)),
                or_(
                    contact_route.c.staff_key.is_(None),
                    contact_route.c.staff_key.in_(bindparam("staff", expanding=True)),
                ),
            ),
            contact_route.c.team_id.in_(bindparam("teams", expanding=True)),
            contact_route.c.provider_key.in_(bindparam("providers", expanding=True)),
        )
    )
    .order_by(contact_route.c.id)
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
    found = [
        one if one.team is None or one.team.unit not in hidden else replace(one, team=None)
        for one in map(read_contact, connection.execute(_CONTACTS, parameters))
        if one.contact.unit not in hidden and is_contact_code(one.contact.type_code)
    ]
    found = _allowed(found, max_care_contacts, lone_coordinator)
    return with_routes(connection, [one for one in found if not one.staff.protected])


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
    if not found:
        return []
    owners: dict[str, set[Any]] = {
        "units": {one.hsa_id for contact in found for one in (contact.unit, contact.care_unit)},
        "staff": {contact.staff.hsa_id for contact in found},
        "teams": {contact.team.id for contact in found if contact.team is not None},
        "providers": {contact.provider.hsa_id for contact in found},
    }
    routes: defaultdict[tuple[HsaId | str | None, ...], list[ContactRoute]] = defaultdict(list)
    for values in connection.execute(_ROUTES, {name: list(keys) for name, keys in owners.items()}):
        one = record(ContactRoute, iter(values))
        routes[one.staff, one.unit, one.team, one.provider].append(one)
    complete = []
    for contact in found:
        unit_key, care_unit_key = contact.unit.hsa_id, contact.care_unit.hsa_id
        complete.append(
            replace(
                contact,
                own_routes=tuple(routes[contact.staff.hsa_id, unit_key, None, None]),
                team_routes=tuple(routes[None, None, contact.team.id, None]) if contact.team else (),
                unit_routes=tuple(routes[None, unit_key, None, None]),
                care_unit_routes=tuple(routes[None, care_unit_key, None, None]),
                provider_routes=tuple(routes[None, None, None, contact.provider.hsa_id]),
            )
        )
    return complete
