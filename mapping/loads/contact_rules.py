"""What the register must say about the fixed contacts of a load, and whose place they take.

The rules are those of the upload of fast läkarkontakt (seed 001, "Ladda upp via fil"; requirement rows
S001-012, S001-015, S001-019, S001-055, S001-056). A link that began before today is checked against today:
what is uploaded is who the contact is now (S001-044).
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, delete, distinct, exists, func, literal, or_, select

from contacts.doctors import HOLDS
from contracts.codes import CARE_CONTACT, DOCTOR_CONTACT, PV
from mapping.loads.load_log import LoadLog, RecordChange
from mapping.loads.staging import Place, Stage
from mapping.loads.vanished import ended_before
from register.conditions import at
from register.model import FixedContact
from register.tables import employment, fixed_contact, listing, resident, unit

_AT_A_TIME = 1000


def employed(stage: Stage, now: datetime) -> list[Place]:
    """Return the contacts whose staff cannot be chosen for them at the unit on their first day."""
    own, day = stage.table.c, _day(stage, now.date())
    selectable = case(
        (own.type_code == DOCTOR_CONTACT, employment.c.selectable_as_doctor),
        (own.type_code == CARE_CONTACT, employment.c.selectable_as_care_contact),
        else_=literal(True),
    )
    works = exists().where(
        *_at_unit(stage),
        or_(employment.c.valid_from.is_(None), employment.c.valid_from <= day),
        or_(employment.c.valid_to.is_(None), employment.c.valid_to >= day),
        selectable,
    )
    return stage.places(~works.correlate(stage.table))


def listed(stage: Stage, now: datetime) -> list[Place]:
    """Return the contacts of residents who are not listed (PV) at the unit, or its care unit, on the day.

    Those with protected identity are not in the listing system (requirement row S001-061): nothing tells them
    from others who are not listed.
    """
    own, today = stage.table.c, now.date()
    begins, ends = listing.c.valid_from, listing.c.valid_to
    active = case(
        (own.valid_from <= today, and_(begins <= now, or_(ends.is_(None), ends > now))),
        else_=and_(
            func.date(begins) <= own.valid_from, or_(ends.is_(None), func.date(ends) > own.valid_from)
        ),
    )
    here = exists().where(
        listing.c.person_id == own.person_id,
        listing.c.code == PV.code,
        listing.c.code_system == PV.system,
        resident.c.person_id == own.person_id,
        ~resident.c.protected,
        unit.c.hsa_key == own.unit_key,
        or_(listing.c.unit_key == unit.c.hsa_key, listing.c.unit_key == unit.c.care_unit_key),
        active,
    )
    return stage.places(~here.correlate(stage.table))


def paused(stage: Stage) -> list[Place]:
    """Return the contacts with staff who take no new patients at the unit."""
    pausing = exists().where(*_at_unit(stage), employment.c.paused)
    return stage.places(pausing.correlate(stage.table))


def beyond_cap(stage: Stage, now: datetime) -> Iterator[tuple[Place, int]]:
    """Yield the doctors' contacts that are more than the cap allows, the last of the file, and the cap.

    Who has the doctor already and is moved to another by the load makes room.
    """
    own = stage.table.c
    doctors = own.type_code == DOCTOR_CONTACT
    capped = (
        select(employment.c.staff_key, employment.c.unit_key, employment.c.max_patients)
        .where(
            employment.c.max_patients.is_not(None),
            exists().where(*_at_unit(stage), doctors).correlate(employment),
        )
        .order_by(employment.c.staff_key, employment.c.unit_key)
    )
    for staff_key, unit_key, cap in stage.connection.execute(capped).all():
        patients = (
            select(func.count(distinct(fixed_contact.c.person_id)))
            .join(unit, unit.c.hsa_key == fixed_contact.c.unit_key)
            .where(
                fixed_contact.c.staff_key == staff_key,
                fixed_contact.c.unit_key == unit_key,
                HOLDS,
                fixed_contact.c.person_id.not_in(select(own.person_id).where(doctors)),
            )
        )
        there = stage.connection.scalar(patients, at(now)) or 0
        new = stage.places(and_(own.staff_key == staff_key, own.unit_key == unit_key, doctors))
        for place in new[max(cap - there, 0) :]:
            yield place, cap


def drop_standing(stage: Stage, today: date) -> int:
    """Take out the rows that name a contact whom the resident has on that day, and return how many.

    A day that has passed means the present one.
    """
    own, there, day = stage.table.c, fixed_contact.c, _day(stage, today)
    same = [there[name] == own[name] for name in ("person_id", "type_code", "staff_key", "unit_key")]
    holds = and_(there.valid_from <= day, or_(there.valid_to.is_(None), there.valid_to >= day))
    stands = exists().where(*same, holds)
    gone = delete(stage.table).where(stands.correlate(stage.table))
    return stage.connection.execute(gone).rowcount


def begun_later(stage: Stage, today: date) -> list[tuple[Place, date]]:
    """Find rows that would put a contact before one who has been in force since their day.

    Returns:
        Place of the row, and the first day of the contact that the resident has.
    """
    there = fixed_contact.c
    later = (
        select(*stage.place, there.valid_from)
        .join_from(stage.table, fixed_contact, _in_the_way(stage))
        .where(there.valid_from >= stage.table.c.valid_from, there.valid_from < today)
        .order_by(*stage.place)
    )
    return [(Place(file, line), day) for file, line, day in stage.connection.execute(later)]


def of_others(stage: Stage, journal: LoadLog) -> list[Place]:
    """Find rows that would end a contact whom another source has brought."""
    theirs = and_(fixed_contact.c.loaded_from.is_not(None), ~journal.of_source(fixed_contact))
    return stage.places(exists().where(_in_the_way(stage), theirs).correlate(stage.table))


def make_way(stage: Stage, journal: LoadLog) -> Counter[str]:
    """End the contacts whose place those of the stage take, the day before (requirement row S000-032).

    Returns:
        How many are ``ended``, and ``removed`` since they had not begun.
    """
    names = [column.name for column in fixed_contact.c]
    found = stage.connection.execute(
        select(*fixed_contact.c, stage.table.c.valid_from.label("first_day"))
        .join_from(stage.table, fixed_contact, _in_the_way(stage))
        .execution_options(yield_per=_AT_A_TIME)
    )
    counts: Counter[str] = Counter()
    for rows in found.partitions():
        changes: list[RecordChange] = []
        for *values, first_day in rows:
            before = dict(zip(names, values, strict=True))
            changes.append((before, ended_before(before, first_day)))
        ended, removed = journal.end(FixedContact, changes)
        counts.update(ended=ended, removed=removed)
    return counts


def _in_the_way(stage: Stage) -> ColumnElement[bool]:
    """The fixed contact is another of the type that the resident has on the row's first day or later."""
    own, there = stage.table.c, fixed_contact.c
    return and_(
        there.person_id == own.person_id,
        there.type_code == own.type_code,
        there.id != own.id,
        or_(there.valid_to.is_(None), there.valid_to >= own.valid_from),
    )


def _at_unit(stage: Stage) -> tuple[ColumnElement[bool], ...]:
    own = stage.table.c
    return employment.c.staff_key == own.staff_key, employment.c.unit_key == own.unit_key


def _day(stage: Stage, today: date) -> ColumnElement[date]:
    own = stage.table.c.valid_from
    return case((own > today, own), else_=literal(today))
