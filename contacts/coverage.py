"""How much of what 1177 shows the register has about its fixed contacts, counted by source.

The rows are those of the survey of the regions (seed 003, chapter 7), the columns what chapter 6 wants to
know. One statement counts them all: contacts that share staff, unit, team and choices are put together first,
and names, notes and routes are looked up once for each such group.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, case, false, func, or_, select

from contracts.codes import LOCAL_CONTACT_TYPES
from register.conditions import HAS_DIED, at, care_unit, is_care_unit, valid_today
from register.model import Audience
from register.tables import (
    contact_route,
    fixed_contact,
    import_batch,
    import_file,
    resident,
    staff,
    team,
    unit,
)


class Detail(StrEnum):
    """Something to know about a fixed contact. A unit's is that of the unit or of the care unit above it."""

    NAME = "name"
    """Given name and surname (requirement rows S003-056, S003-071, S003-087)."""
    HSA_ID = "hsa_id"
    """Of the person (S003-057, S003-072, S003-102, S003-104)."""
    BEFATTNING = "befattning"
    """As a code (S003-058, S003-073)."""
    TITLE = "title"
    """In free text (S003-104)."""
    DIRECT_PHONE = "direct_phone"
    """A number straight to the person, whoever may see it (S003-059, S003-074, S003-090)."""
    DIRECT_PHONE_SHOWN = "direct_phone_shown"
    """Such a number that this patient may see (S003-061)."""
    TEAM = "team"
    """(S003-063, S003-076, S003-093)."""
    TEAM_PHONE = "team_phone"
    """A number of the team that patients may see (S003-078, S003-095)."""
    TEAM_HOURS = "team_hours"
    """The hours of a route to the team that patients may see (S003-095)."""
    COMMENT = "comment"
    """A note on the contact or the team that the patient may read (S003-094)."""
    UNIT_ADDRESS = "unit_address"
    """The visiting address (S003-066, S003-081)."""
    UNIT_TOWN = "unit_town"
    """(S003-067, S003-082, S003-096)."""
    UNIT_PHONE = "unit_phone"
    """A number that patients may see (S003-069, S003-084, S003-097)."""
    UNIT_STAFF_PHONE = "unit_staff_phone"
    """A number for care staff only (S003-070, S003-085)."""
    UNIT_E_SERVICE = "unit_e_service"
    """An address on the web that patients may see (S003-068, S003-083, S003-097)."""
    REACHABLE = "reachable"
    """The patient sees a route to the person, team, unit, care unit or provider (S001-002, S003-086)."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many fixed contacts of a source and type there are, and how many have each detail.

    Attributes:
        source: Name of the source that last changed the contacts; None for what commands and calls made.
    """

    source: str | None
    type_code: str
    contacts: int
    have: Mapping[Detail, int]


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _any(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.max(_number(condition))


_OF_PATIENTS = contact_route.c.audience == Audience.PATIENT
_PHONE = contact_route.c.system == "phone"

_own = (
    select(
        contact_route.c.staff_key,
        contact_route.c.unit_key,
        _any(_OF_PATIENTS).label("open"),
        _any(contact_route.c.audience == Audience.BY_CHOICE).label("by_choice"),
        _any(_PHONE).label("phone"),
        _any(_PHONE & _OF_PATIENTS).label("open_phone"),
        _any(_PHONE & (contact_route.c.audience == Audience.BY_CHOICE)).label("phone_by_choice"),
    )
    .where(contact_route.c.staff_key.is_not(None))
    .group_by(contact_route.c.staff_key, contact_route.c.unit_key)
    .cte("own_routes")
)

_of_team = (
    select(
        contact_route.c.team_id,
        _any(_OF_PATIENTS).label("open"),
        _any(_PHONE & _OF_PATIENTS).label("open_phone"),
        _any(_OF_PATIENTS & (contact_route.c.hours != "")).label("hours"),
    )
    .where(contact_route.c.team_id.is_not(None))
    .group_by(contact_route.c.team_id)
    .cte("team_routes")
)

_of_unit = (
    select(
        contact_route.c.unit_key,
        _any(_OF_PATIENTS).label("open"),
        _any(_PHONE & _OF_PATIENTS).label("open_phone"),
        _any(_PHONE & ~_OF_PATIENTS).label("staff_phone"),
        _any(_OF_PATIENTS & (contact_route.c.system == "url")).label("e_service"),
    )
    .where(contact_route.c.unit_key.is_not(None), contact_route.c.staff_key.is_(None))
    .group_by(contact_route.c.unit_key)
    .cte("unit_routes")
)
_of_care_unit = _of_unit.alias("care_unit_routes")

_of_provider = (
    select(contact_route.c.provider_key)
    .where(contact_route.c.provider_key.is_not(None), _OF_PATIENTS)
    .distinct()
    .cte("provider_routes")
)

_SHARED = (
    fixed_contact.c.loaded_from,
    fixed_contact.c.type_code,
    fixed_contact.c.staff_key,
    fixed_contact.c.unit_key,
    fixed_contact.c.team_id,
    fixed_contact.c.direct_number_visible,
    func.coalesce(fixed_contact.c.external_notes != "", false()).label("comment"),
)

# Looked up once, not resident by resident: DISTINCT keeps SQLite from doing that.
_never_shown = (
    select(resident.c.person_id).where(or_(resident.c.protected, HAS_DIED)).distinct().cte("never_shown")
)

_held = (
    select(*_SHARED, func.count().label("contacts"))
    .select_from(fixed_contact)
    .outerjoin(_never_shown, _never_shown.c.person_id == fixed_contact.c.person_id)
    .where(
        valid_today(fixed_contact),
        fixed_contact.c.type_code.not_in(list(LOCAL_CONTACT_TYPES)),
        _never_shown.c.person_id.is_(None),
    )
    .group_by(*_SHARED)
    .cte("held")
)


def _of_units(column: str) -> ColumnElement[bool]:
    return or_(_of_unit.c[column] == 1, _of_care_unit.c[column] == 1)


_HAS: Mapping[Detail, ColumnElement[bool]] = {
    Detail.NAME: and_(staff.c.given_name != "", staff.c.surname != ""),
    Detail.HSA_ID: staff.c.hsa_id != "",
    Detail.BEFATTNING: staff.c.befattning != "",
    Detail.TITLE: staff.c.title != "",
    Detail.DIRECT_PHONE: _own.c.phone == 1,
    Detail.DIRECT_PHONE_SHOWN: or_(
        _own.c.open_phone == 1, and_(_held.c.direct_number_visible, _own.c.phone_by_choice == 1)
    ),
    Detail.TEAM: team.c.name != "",
    Detail.TEAM_PHONE: _of_team.c.open_phone == 1,
    Detail.TEAM_HOURS: _of_team.c.hours == 1,
    Detail.COMMENT: or_(_held.c.comment, team.c.external_notes != ""),
    Detail.UNIT_ADDRESS: or_(unit.c.visiting_address != "", care_unit.c.visiting_address != ""),
    Detail.UNIT_TOWN: or_(unit.c.visiting_town != "", care_unit.c.visiting_town != ""),
    Detail.UNIT_PHONE: _of_units("open_phone"),
    Detail.UNIT_STAFF_PHONE: _of_units("staff_phone"),
    Detail.UNIT_E_SERVICE: _of_units("e_service"),
    Detail.REACHABLE: or_(
        _own.c.open == 1,
        and_(_held.c.direct_number_visible, _own.c.by_choice == 1),
        _of_team.c.open == 1,
        _of_units("open"),
        _of_provider.c.provider_key.is_not(None),
    ),
}

_COVERAGE = (
    select(
        import_batch.c.source,
        _held.c.type_code,
        func.sum(_held.c.contacts),
        *(func.sum(_held.c.contacts * _number(_HAS[detail])) for detail in Detail),
    )
    .select_from(_held)
    .join(staff, staff.c.hsa_key == _held.c.staff_key)
    .join(unit, unit.c.hsa_key == _held.c.unit_key)
    .join(care_unit, is_care_unit)
    .outerjoin(team, team.c.id == _held.c.team_id)
    .outerjoin(_own, and_(_own.c.staff_key == _held.c.staff_key, _own.c.unit_key == _held.c.unit_key))
    .outerjoin(_of_team, _of_team.c.team_id == _held.c.team_id)
    .outerjoin(_of_unit, _of_unit.c.unit_key == unit.c.hsa_key)
    .outerjoin(_of_care_unit, _of_care_unit.c.unit_key == care_unit.c.hsa_key)
    .outerjoin(_of_provider, _of_provider.c.provider_key == care_unit.c.provider_key)
    .outerjoin(import_file, import_file.c.id == _held.c.loaded_from)
    .outerjoin(import_batch, import_batch.c.id == import_file.c.batch_id)
    .group_by(import_batch.c.source, _held.c.type_code)
    .order_by(import_batch.c.source.nulls_last(), _held.c.type_code)
)


def coverage(connection: Connection, now: datetime) -> list[Coverage]:
    """Count the fixed contacts of today and their details, by source and type (requirement row S003-104).

    Contacts of protected and deceased residents are left out, and those of the kinds that no contract
    carries, as in the other findings about the quality of the data (`contacts.findings`).

    Args:
        connection: A connection to the register.
        now: The present, Swedish local time.

    Returns:
        In the order of source and type, what no source brought last.
    """
    return [
        Coverage(source, type_code, int(contacts), dict(zip(Detail, map(int, have), strict=True)))
        for source, type_code, contacts, *have in connection.execute(_COVERAGE, at(now))
    ]
