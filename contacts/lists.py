"""Lists and reports of fixed contacts: what is in force on the day, the deceased left out."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, func, or_, select

from contacts.doctors import HOLDS
from contacts.staff import IN_FORCE, Member, PatientCount, counts, members
from contracts.codes import CARE_CONTACT, DOCTOR_CONTACT
from contracts.identifiers import HsaId
from register.columns import columns, record
from register.conditions import LIVES, TODAY, active_now, at, care_unit, is_care_unit, is_pv
from register.model import Employment, FixedContact, Staff, Unit
from register.tables import fixed_contact, listing, resident, staff, unit

_CHOSEN = (DOCTOR_CONTACT, CARE_CONTACT)
"""The types of contact that staff are made selectable for."""

_listed = listing.alias("listed")
_home = unit.alias("home")

_AT_LISTED_UNIT = or_(unit.c.hsa_key == _listed.c.unit_key, unit.c.care_unit_key == _listed.c.unit_key)

_HAS_DOCTOR = (
    select(fixed_contact.c.id)
    .join(unit, unit.c.hsa_key == fixed_contact.c.unit_key)
    .where(fixed_contact.c.person_id == _listed.c.person_id, _AT_LISTED_UNIT, HOLDS)
    .correlate(_listed)
    .exists()
)

_DOCTOR_TO_COME = (
    select(func.min(fixed_contact.c.valid_from))
    .join(unit, unit.c.hsa_key == fixed_contact.c.unit_key)
    .where(
        fixed_contact.c.person_id == _listed.c.person_id,
        fixed_contact.c.type_code == DOCTOR_CONTACT,
        fixed_contact.c.valid_from > TODAY,
        _AT_LISTED_UNIT,
    )
    .correlate(_listed)
    .scalar_subquery()
)

_WITHOUT_DOCTOR = (
    select(
        _listed.c.person_id,
        resident.c.protected,
        _home.c.hsa_id,
        _home.c.name,
        _listed.c.valid_from,
        _DOCTOR_TO_COME,
    )
    .join(_home, _home.c.hsa_key == _listed.c.unit_key)
    .join(resident, resident.c.person_id == _listed.c.person_id)
    .where(
        is_pv(_listed),
        active_now(_listed.c.valid_from, _listed.c.valid_to),
        LIVES,
        ~_HAS_DOCTOR,
    )
    .order_by(resident.c.protected, _listed.c.valid_from.desc(), _listed.c.person_id)
)

_IN_FORCE = (
    select(
        resident.c.protected,
        or_(care_unit.c.listable, unit.c.listable),
        *columns(FixedContact),
        *columns(Staff),
        *columns(Unit),
    )
    .select_from(fixed_contact)
    .join(unit, unit.c.hsa_key == fixed_contact.c.unit_key)
    .join(care_unit, is_care_unit)
    .join(staff, staff.c.hsa_key == fixed_contact.c.staff_key)
    .join(resident, resident.c.person_id == fixed_contact.c.person_id)
    .where(fixed_contact.c.type_code == bindparam("type_code"), IN_FORCE, LIVES)
    .order_by(
        resident.c.protected,
        unit.c.name,
        unit.c.hsa_key,
        staff.c.surname,
        staff.c.given_name,
        staff.c.hsa_key,
        fixed_contact.c.person_id,
        fixed_contact.c.id,
    )
)


@dataclass(frozen=True, slots=True)
class WithoutDoctor:
    """A resident who is listed and has no doctor.

    Attributes:
        protected: Whether the resident has protected identity.
        unit_id: HSA-id of the unit where the resident is listed, and its name.
        since: When the listing began.
        doctor_from: First day of a doctor to come.
    """

    person_id: str
    protected: bool
    unit_id: HsaId
    unit_name: str
    since: datetime
    doctor_from: date | None


@dataclass(frozen=True, slots=True)
class ContactInForce:
    """A fixed contact in force.

    Attributes:
        protected: Whether the resident has protected identity.
        primary_care: Whether it is a health centre's (hälsocentral); else it is specialist care's.
    """

    contact: FixedContact
    staff: Staff
    unit: Unit
    protected: bool
    primary_care: bool


@dataclass(frozen=True, slots=True)
class UnitTotal:
    """How many contacts in force a unit has, and how many of its staff have patients by them."""

    unit: Unit
    contacts: int
    staff: int


def without_doctor(
    connection: Connection, now: datetime, unit_key: HsaId | None = None
) -> list[WithoutDoctor]:
    """Return who is listed (PV) without a doctor, newly listed first (rows S001-009, S001-037)."""
    statement = _WITHOUT_DOCTOR
    if unit_key is not None:
        statement = statement.where(_listed.c.unit_key == unit_key)
    return [WithoutDoctor(*values) for values in connection.execute(statement, at(now))]


def in_force(
    connection: Connection, now: datetime, type_code: str, unit_key: HsaId | None = None
) -> list[ContactInForce]:
    """Return the contacts of a type in force, by unit and staff (requirement row S002-014).

    Those of residents with protected identity come last.
    """
    statement = _IN_FORCE if unit_key is None else _IN_FORCE.where(fixed_contact.c.unit_key == unit_key)
    found = []
    for protected, primary_care, *fields in connection.execute(
        statement, {"type_code": type_code, **at(now)}
    ):
        values = iter(fields)
        contact, person, place = record(FixedContact, values), record(Staff, values), record(Unit, values)
        found.append(ContactInForce(contact, person, place, protected, primary_care))
    return found


def of_resident(connection: Connection, person_id: str) -> list[tuple[FixedContact, Staff, Unit]]:
    """Return all fixed contacts a resident has in the register, also those ended and to come."""
    found = connection.execute(
        select(*columns(FixedContact), *columns(Staff), *columns(Unit))
        .select_from(fixed_contact)
        .join(staff, staff.c.hsa_key == fixed_contact.c.staff_key)
        .join(unit, unit.c.hsa_key == fixed_contact.c.unit_key)
        .where(fixed_contact.c.person_id == person_id)
        .order_by(fixed_contact.c.valid_from, fixed_contact.c.id)
    )
    rows = (iter(fields) for fields in found)
    return [(record(FixedContact, one), record(Staff, one), record(Unit, one)) for one in rows]


def totals(connection: Connection, now: datetime, type_code: str) -> list[UnitTotal]:
    """Return the number of contacts of a type at each unit that has any, by name (row S002-013)."""
    by_unit: defaultdict[HsaId, list[int]] = defaultdict(list)
    for (_, unit_key, one_type), count in counts(connection, now).items():
        if one_type == type_code and count.now:
            by_unit[unit_key].append(count.now)
    units = _units(connection)
    found = [UnitTotal(units[key], sum(have), len(have)) for key, have in by_unit.items()]
    return sorted(found, key=lambda one: (one.unit.name, str(one.unit.hsa_id)))


def workload(connection: Connection, now: datetime) -> list[tuple[Member, str]]:
    """Return members of staff and the types of contact they can be chosen as or have patients as.

    In the order of unit, name and type (requirement rows S001-029, S002-015). Who has patients at a unit and
    no longer works there is among them, so that somebody else can be found.
    """
    working = members(connection, now)
    known = {(one.staff.hsa_id, one.unit.hsa_id) for one in working}
    gone: defaultdict[tuple[HsaId, HsaId], dict[str, PatientCount]] = defaultdict(dict)
    for (staff_key, unit_key, type_code), count in counts(connection, now).items():
        if (staff_key, unit_key) not in known:
            gone[staff_key, unit_key][type_code] = count
    units, people = _units(connection), _people(connection)
    for (staff_key, unit_key), have in gone.items():
        job = Employment(staff_key, unit_key)
        working.append(Member(job, people[staff_key], units[unit_key], None, have))
    found = [
        (one, type_code)
        for one in working
        for type_code in sorted({*_CHOSEN, *one.patients})
        if one.count(type_code).now or (type_code in _CHOSEN and one.can_be(type_code))
    ]
    return sorted(found, key=_by_unit_and_name)


def _by_unit_and_name(row: tuple[Member, str]) -> tuple[str, ...]:
    one, type_code = row
    unit_id, staff_id = str(one.unit.hsa_id), str(one.staff.hsa_id)
    return one.unit.name, unit_id, one.staff.surname, one.staff.given_name, staff_id, type_code


def _units(connection: Connection) -> dict[HsaId, Unit]:
    found = (record(Unit, iter(values)) for values in connection.execute(select(*columns(Unit))))
    return {one.hsa_id: one for one in found}


def _people(connection: Connection) -> dict[HsaId, Staff]:
    found = (record(Staff, iter(values)) for values in connection.execute(select(*columns(Staff))))
    return {one.hsa_id: one for one in found}
