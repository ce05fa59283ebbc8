"""A resident's fixed contacts with everything GetCareManagers shows about them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select

from contracts.codes import DOCTOR_CONTACT
from contracts.identifiers import hsa_key
from register.model import CareProvider, Contact, ContactRoute, FixedContact, Staff, Team, Unit
from register.queries.conditions import care_unit, is_care_unit, valid_on
from register.queries.doctors import doctor_link
from register.rows import columns, record
from register.tables import care_provider, contact_route, fixed_contact, staff, team, unit


def contacts(connection: Connection, person_id: str, now: datetime) -> list[Contact]:
    """Return a resident's fixed contacts of today, in the order of type, first day and id.

    Left out are contacts at closed units and with staff who have protected identity. A doctor (code 2) is
    shown only while the PV listing it hangs on is active, and it is the same one that `listed_at` shows
    (design rules 6 and 10).

    Args:
        connection: A connection to the register.
        person_id: The resident's own identity, as `find_resident` gives it.
        now: The present, Swedish local time.
    """
    link = doctor_link(connection, person_id, now)
    rows = connection.execute(
        select(
            *columns(FixedContact),
            *columns(Staff),
            *columns(Unit),
            *columns(Unit, care_unit),
            *columns(CareProvider),
            team.c.id.is_not(None),
            *columns(Team),
        )
        .select_from(fixed_contact)
        .join(staff, staff.c.hsa_key == fixed_contact.c.staff_key)
        .join(unit, unit.c.hsa_key == fixed_contact.c.unit_key)
        .join(care_unit, is_care_unit)
        .join(care_provider, care_provider.c.hsa_key == care_unit.c.provider_key)
        .outerjoin(team, team.c.id == fixed_contact.c.team_id)
        .where(
            fixed_contact.c.person_id == person_id,
            valid_on(fixed_contact, now.date()),
            or_(
                fixed_contact.c.type_code != DOCTOR_CONTACT,
                fixed_contact.c.id == (None if link is None else link.contact_id),
            ),
            ~staff.c.protected,
            valid_on(unit, now.date()),
            valid_on(care_unit, now.date()),
        )
        .order_by(fixed_contact.c.type_code, fixed_contact.c.valid_from, fixed_contact.c.id)
    )
    found = []
    for row in rows:
        values = iter(row)
        found.append(
            Contact(
                contact=record(FixedContact, values),
                staff=record(Staff, values),
                unit=record(Unit, values),
                care_unit=record(Unit, values),
                provider=record(CareProvider, values),
                team=record(Team, values) if next(values) else None,
            )
        )
    return _with_routes(connection, found)


def _with_routes(connection: Connection, found: Sequence[Contact]) -> list[Contact]:
    """Attach the routes of everybody the contacts name, in the order of id."""
    if not found:
        return []
    route = contact_route.c
    units = {hsa_key(unit.hsa_id) for contact in found for unit in (contact.unit, contact.care_unit)}
    rows = connection.execute(
        select(*columns(ContactRoute))
        .where(
            or_(
                and_(
                    route.unit_key.in_(units),
                    or_(
                        route.staff_key.is_(None),
                        route.staff_key.in_({hsa_key(contact.staff.hsa_id) for contact in found}),
                    ),
                ),
                route.team_id.in_({contact.team.id for contact in found if contact.team is not None}),
                route.provider_key.in_({hsa_key(contact.provider.hsa_id) for contact in found}),
            )
        )
        .order_by(route.id)
    )
    routes: defaultdict[tuple[str | None, ...], list[ContactRoute]] = defaultdict(list)
    for values in rows:
        one = record(ContactRoute, iter(values))
        routes[one.staff, one.unit, one.team, one.provider].append(one)
    with_routes = []
    for contact in found:
        unit_key, care_unit_key = hsa_key(contact.unit.hsa_id), hsa_key(contact.care_unit.hsa_id)
        with_routes.append(
            replace(
                contact,
                own_routes=tuple(routes[hsa_key(contact.staff.hsa_id), unit_key, None, None]),
                team_routes=tuple(routes[None, None, contact.team.id, None]) if contact.team else (),
                unit_routes=tuple(routes[None, unit_key, None, None]),
                care_unit_routes=tuple(routes[None, care_unit_key, None, None]),
                provider_routes=tuple(routes[None, None, None, hsa_key(contact.provider.hsa_id)]),
            )
        )
    return with_routes
