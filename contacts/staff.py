"""Staff whom residents can have as contacts, how many patients each has, and what staff may change of it."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection, and_, case, func, or_, select, update

from contacts.contact_log import NotAllowed, StaffEdit
from contacts.doctors import HOLDS
from contracts.clock import utc
from contracts.codes import CARE_CONTACT, DOCTOR_CONTACT, TREATING_ROLE
from contracts.identifiers import HsaId
from register import hands
from register.columns import FIELD_COLUMNS, columns, record, row
from register.conditions import LIVES, TODAY, at, is_alive, valid_today
from register.database import INSERT
from register.hands import Hand
from register.model import Employment, FixedContact, Staff, Unit
from register.tables import contact_change, employment, fixed_contact, resident, staff, unit

HAS_PATIENTS = "Tilldelad har patienter på denna enhet. Dessa patienter måste då tas bort först."
"""What is said to whoever deactivates a contact with patients (seed 000, 5.2 and 6.2)."""

_CHOSEN_AS = {DOCTOR_CONTACT: "doctor", CARE_CONTACT: "care contact", TREATING_ROLE: "treating role"}
"""The types of contact that staff are made selectable for, each with a flag of its employment."""

IN_FORCE = or_(HOLDS, and_(fixed_contact.c.type_code != DOCTOR_CONTACT, valid_today(fixed_contact)))
"""The fixed contact is in force; the statement must have its ``unit``."""

_BOOKED = or_(IN_FORCE, fixed_contact.c.valid_from > TODAY)
"""The fixed contact is in force or to come: it has its place."""

_COUNTS = (
    select(
        fixed_contact.c.staff_key,
        fixed_contact.c.unit_key,
        fixed_contact.c.type_code,
        func.count(case((IN_FORCE, fixed_contact.c.person_id)).distinct()),
        func.count(fixed_contact.c.person_id.distinct()),
    )
    .join(unit, unit.c.hsa_key == fixed_contact.c.unit_key)
    .where(_BOOKED, is_alive(fixed_contact))
    .group_by(fixed_contact.c.staff_key, fixed_contact.c.unit_key, fixed_contact.c.type_code)
)

_PATIENTS = (
    select(resident.c.protected, *columns(FixedContact))
    .select_from(fixed_contact)
    .join(unit, unit.c.hsa_key == fixed_contact.c.unit_key)
    .join(resident, resident.c.person_id == fixed_contact.c.person_id)
    .where(_BOOKED, LIVES)
    .order_by(resident.c.protected, fixed_contact.c.person_id, fixed_contact.c.valid_from)
)

_LAST_CHANGED = (
    select(func.max(contact_change.c.logged_at))
    .where(
        contact_change.c.person_id == "",
        contact_change.c.unit_key == employment.c.unit_key,
        contact_change.c.staff_key == employment.c.staff_key,
    )
    .correlate(employment)
    .scalar_subquery()
)

_MEMBERS = (
    select(_LAST_CHANGED, *columns(Employment), *columns(Staff), *columns(Unit))
    .select_from(employment)
    .join(staff, staff.c.hsa_key == employment.c.staff_key)
    .join(unit, unit.c.hsa_key == employment.c.unit_key)
    .where(or_(employment.c.valid_to.is_(None), employment.c.valid_to >= TODAY))
    .order_by(unit.c.name, unit.c.hsa_key, staff.c.surname, staff.c.given_name, staff.c.hsa_key)
)


@dataclass(frozen=True, slots=True)
class PatientCount:
    """How many residents have a contact: now, and with those who will."""

    now: int = 0
    booked: int = 0


PatientCounts = defaultdict[tuple[HsaId, HsaId, str], PatientCount]
"""By staff, unit and type of contact."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff at a unit.

    Attributes:
        changed_at: When staff last changed the employment by command, UTC.
        patients: Count of residents by type of contact.
    """

    employment: Employment
    staff: Staff
    unit: Unit
    changed_at: datetime | None
    patients: dict[str, PatientCount]

    def count(self, type_code: str) -> PatientCount:
        """Return how many have the person as a contact of a type."""
        return self.patients.get(type_code, PatientCount())

    def can_be(self, type_code: str) -> bool:
        """Tell whether residents can have the person as a contact of a type at the unit."""
        if type_code == DOCTOR_CONTACT and self.staff.protected:
            return False
        return selectable_as(self.employment).get(type_code, True)

    @property
    def free(self) -> int | None:
        """Cap minus patients as a doctor, below zero where they are too many; None: no cap (row S001-030)."""
        cap = self.employment.max_patients
        return None if cap is None else cap - self.count(DOCTOR_CONTACT).now

    @property
    def room(self) -> int | None:
        """How many more can have the person as a doctor, those to come having their places; None: no cap."""
        cap = self.employment.max_patients
        return None if cap is None else max(0, cap - self.count(DOCTOR_CONTACT).booked)


def selectable_as(job: Employment) -> dict[str, bool]:
    """Tell for each type of contact that staff are made selectable for whether they are (row S000-012)."""
    return {
        DOCTOR_CONTACT: job.selectable_as_doctor,
        CARE_CONTACT: job.selectable_as_care_contact,
        TREATING_ROLE: job.selectable_as_treating_role,
    }


def counts(connection: Connection, now: datetime, unit_key: HsaId | None = None) -> PatientCounts:
    """Return how many residents have each contact, at one unit or all; the deceased do not count."""
    statement = _COUNTS if unit_key is None else _COUNTS.where(fixed_contact.c.unit_key == unit_key)
    found: PatientCounts = defaultdict(PatientCount)
    for staff_key, at_unit, type_code, linked, booked in connection.execute(statement, at(now)):
        found[staff_key, at_unit, type_code] = PatientCount(linked, booked)
    return found


def members(connection: Connection, now: datetime, unit_key: HsaId | None = None) -> list[Member]:
    """Return the staff of one unit or all whose employment has not ended, by unit and name."""
    statement = _MEMBERS if unit_key is None else _MEMBERS.where(employment.c.unit_key == unit_key)
    by_owner: defaultdict[tuple[HsaId, HsaId], dict[str, PatientCount]] = defaultdict(dict)
    for (staff_key, at_unit, type_code), count in counts(connection, now, unit_key).items():
        by_owner[staff_key, at_unit][type_code] = count
    found = []
    for changed_at, *fields in connection.execute(statement, at(now)):
        values = iter(fields)
        job, person, place = record(Employment, values), record(Staff, values), record(Unit, values)
        found.append(Member(job, person, place, changed_at, by_owner[job.staff, job.unit]))
    return found


def patients(
    connection: Connection, staff_key: HsaId, unit_key: HsaId, type_code: str, now: datetime
) -> list[tuple[FixedContact, bool]]:
    """Return who has a contact or will have, and whether they have protected identity; those come last."""
    found = connection.execute(
        _PATIENTS.where(
            fixed_contact.c.staff_key == staff_key,
            fixed_contact.c.unit_key == unit_key,
            fixed_contact.c.type_code == type_code,
        ),
        at(now),
    )
    return [(record(FixedContact, iter(fields)), protected) for protected, *fields in found]


def check_available(
    edit: StaffEdit, staff_key: HsaId, unit_key: HsaId, type_code: str, day: date, *, more: int = 1
) -> None:
    """See that somebody can get new patients at a unit (requirement rows S000-033, S000-044, S001-015).

    Args:
        edit: The circumstances.
        staff_key: Key of the member of staff.
        unit_key: Key of the unit.
        type_code: Type of contact.
        day: The first day of the contacts.
        more: How many patients there will be beside those there are.

    Raises:
        NotAllowed: The text says what is in the way.
    """
    day = max(day, edit.today)
    working = members(edit.connection, edit.now, unit_key)
    found = next((one for one in working if one.employment.staff == staff_key), None)
    obstacle = "The contact does not work at the unit." if found is None else _obstacle(found, type_code, day)
    if obstacle is not None:
        raise NotAllowed(obstacle)
    room = found.room if found is not None and type_code == DOCTOR_CONTACT else None
    if room is not None and room < more:
        raise NotAllowed(f"The doctor has room for {room} more below the cap, and {more} would come.")


def available_doctors(connection: Connection, unit_key: HsaId, now: datetime) -> list[Member]:
    """Return the doctors of a unit who can get new patients today; some may have no room."""
    working = members(connection, now, unit_key)
    return [one for one in working if _obstacle(one, DOCTOR_CONTACT, now.date()) is None]


def _obstacle(one: Member, type_code: str, day: date) -> str | None:
    """Return what keeps somebody from new patients from a day on, the cap aside."""
    if not _covers(one.employment, day):
        return "The contact does not work at the unit on that day."
    if not _covers(one.unit, day):
        return "The unit is closed on that day."
    if not one.can_be(type_code):
        return f"The contact cannot be chosen as {_CHOSEN_AS[type_code]} at the unit."
    if type_code in _CHOSEN_AS and one.employment.paused:
        return "The contact is paused and takes no new patients."
    return None


def _covers(period: Employment | Unit, day: date) -> bool:
    return (period.valid_from or day) <= day <= (period.valid_to or day)


def set_up(edit: StaffEdit, current: Employment, **values: bool | int | str | None) -> Employment:
    """Change what residents can have a member of staff as, each change with an entry in the log.

    Args:
        edit: The circumstances.
        current: The employment.
        values: Fields of `Employment` and their new values.

    Raises:
        NotAllowed: Patients are linked to a contact that is to be deactivated (requirement row S000-028),
            or the age limits exclude everybody.
    """
    new = replace(current, **values)  # type: ignore[arg-type]  # the caller names fields of the record
    if new.min_age is not None and new.max_age is not None and new.min_age > new.max_age:
        raise NotAllowed("The least age is above the greatest.")
    have = counts(edit.connection, edit.now, current.unit)
    after = selectable_as(new)
    for type_code, before in selectable_as(current).items():
        if before and not after[type_code] and have[current.staff, current.unit, type_code].booked:
            raise NotAllowed(HAS_PATIENTS)
    changed = {name: value for name, value in values.items() if getattr(current, name) != value}
    for name, value in changed.items():
        edit.log_employment(new, f"{name}: {getattr(current, name)} -> {value}")
    if changed:
        names = FIELD_COLUMNS[Employment]
        _note(edit, current.staff, current.unit)
        edit.connection.execute(
            update(employment)
            .where(
                employment.c.staff_key == current.staff,
                employment.c.unit_key == current.unit,
            )
            .values({names[name]: value for name, value in changed.items()})
        )
    return new


def add_external(edit: StaffEdit, staff_key: HsaId, unit_key: HsaId) -> Employment:
    """Let somebody who is not employed at a unit be chosen there (requirement row S000-026).

    An employment that has ended is replaced.
    """
    new = Employment(staff_key, unit_key, external=True, valid_from=edit.today)
    statement = INSERT[edit.connection.dialect.name](employment).values(row(new))
    replaced = {
        name: statement.excluded[name] for name in row(new) if name not in employment.primary_key.columns
    }
    _note(edit, staff_key, unit_key)
    edit.connection.execute(
        statement.on_conflict_do_update(index_elements=list(employment.primary_key), set_=replaced)
    )
    edit.log_employment(new, "added as external")
    return new


def _note(edit: StaffEdit, staff_key: HsaId, unit_key: HsaId) -> None:
    """Write down that staff are about to change an employment that a source may speak of, too."""
    key = {"staff_key": staff_key.key, "unit_key": unit_key.key}
    hands.note(edit.connection, employment, key, Hand.STAFF, utc(edit.now))
