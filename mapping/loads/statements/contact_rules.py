"""Fixed contacts of a load against the register: who can be chosen, who is full, whom a row supersedes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Delete, Select, Table, and_, case, delete, exists, func, literal, or_, select

from contacts.doctors import HOLDS
from contracts.codes import CARE_CONTACT, DOCTOR_CONTACT, TREATING_ROLE
from mapping.loads.statements.shared import files_of
from register.conditions import is_pv
from register.tables import employment, fixed_contact, listing, resident, unit


def delete_known(staged: Table, today: date) -> Delete:
    """Take out rows that name a contact whom the resident has on their day; a past day means today.

    Cost: n times the contacts of one resident, which are found by ix_fixed_contact_person_id.
    """
    day = case((staged.c.valid_from > today, staged.c.valid_from), else_=literal(today))
    return delete(staged).where(
        exists()
        .where(
            fixed_contact.c.person_id == staged.c.person_id,
            fixed_contact.c.type_code == staged.c.type_code,
            fixed_contact.c.staff_key == staged.c.staff_key,
            # Equal, but not by the index of the unit: that would read all patients of the doctor for a row.
            fixed_contact.c.unit_key.between(staged.c.unit_key, staged.c.unit_key),
            fixed_contact.c.valid_from <= day,
            or_(fixed_contact.c.valid_to.is_(None), fixed_contact.c.valid_to >= day),
        )
        .correlate(staged)
    )


def not_employed(staged: Table, today: date) -> Select[int, int]:
    """Find contacts whose staff cannot be chosen for them at the unit on their day; a past day means today.

    Cost: n; employments are found by their key.
    """
    day = case((staged.c.valid_from > today, staged.c.valid_from), else_=literal(today))
    works = exists().where(
        employment.c.staff_key == staged.c.staff_key,
        employment.c.unit_key == staged.c.unit_key,
        or_(employment.c.valid_from.is_(None), employment.c.valid_from <= day),
        or_(employment.c.valid_to.is_(None), employment.c.valid_to >= day),
        case(
            (staged.c.type_code == DOCTOR_CONTACT, employment.c.selectable_as_doctor),
            (staged.c.type_code == CARE_CONTACT, employment.c.selectable_as_care_contact),
            (staged.c.type_code == TREATING_ROLE, employment.c.selectable_as_treating_role),
            else_=literal(True),
        ),
    )
    return (
        select(staged.c.loaded_from, staged.c.loaded_line)
        .where(~works.correlate(staged))
        .order_by(staged.c.loaded_from, staged.c.loaded_line)
    )


def not_listed(staged: Table, now: datetime) -> Select[int, int]:
    """Find contacts of residents who are not listed (PV) at the unit, or its care unit, on the day.

    Those with protected identity are not in the listing system (requirement row S001-061): nothing tells them
    from others who are not listed.

    Cost: n times the listings of one resident, which are found by ix_listing_person_id; resident and unit are
    found by their keys.
    """
    today = now.date()
    here = (
        select(listing.c.id)
        .join(resident, resident.c.person_id == listing.c.person_id)
        .join(unit, or_(listing.c.unit_key == unit.c.hsa_key, listing.c.unit_key == unit.c.care_unit_key))
        .where(
            listing.c.person_id == staged.c.person_id,
            is_pv(listing),
            ~resident.c.protected,
            unit.c.hsa_key == staged.c.unit_key,
            case(
                (
                    staged.c.valid_from <= today,
                    and_(
                        listing.c.valid_from <= now,
                        or_(listing.c.valid_to.is_(None), listing.c.valid_to > now),
                    ),
                ),
                else_=and_(
                    func.date(listing.c.valid_from) <= staged.c.valid_from,
                    or_(
                        listing.c.valid_to.is_(None),
                        func.date(listing.c.valid_to) > staged.c.valid_from,
                    ),
                ),
            ),
        )
    )
    return (
        select(staged.c.loaded_from, staged.c.loaded_line)
        .where(~here.correlate(staged).exists())
        .order_by(staged.c.loaded_from, staged.c.loaded_line)
    )


def paused(staged: Table) -> Select[int, int]:
    """Find contacts with staff who take no new patients at the unit.

    Cost: n; employments are found by their key.
    """
    return (
        select(staged.c.loaded_from, staged.c.loaded_line)
        .join_from(
            staged,
            employment,
            and_(
                employment.c.staff_key == staged.c.staff_key,
                employment.c.unit_key == staged.c.unit_key,
            ),
        )
        .where(employment.c.paused)
        .order_by(staged.c.loaded_from, staged.c.loaded_line)
    )


def capped_doctors(staged: Table) -> Select[Any]:
    """Find the doctors of the rows who have a cap at the unit, and how many patients they have there.

    A resident whom the load is about does not count: who is moved to another doctor makes room. Takes the
    values of `register.conditions.at`.

    Cost: n, and the patients of each of these doctors, who are found by ix_fixed_contact_unit_key, their
    listings by ix_listing_person_id.

    Returns:
        The statement for staff and unit, the cap, and the number of patients.
    """
    doctors = (
        select(staged.c.staff_key, staged.c.unit_key)
        .where(staged.c.type_code == DOCTOR_CONTACT)
        .distinct()
        .subquery("doctors")
    )
    patients = (
        select(func.count(fixed_contact.c.person_id.distinct()))
        .join_from(fixed_contact, unit, unit.c.hsa_key == fixed_contact.c.unit_key)
        .where(
            fixed_contact.c.staff_key == employment.c.staff_key,
            fixed_contact.c.unit_key == employment.c.unit_key,
            HOLDS,
            fixed_contact.c.person_id.not_in(
                select(staged.c.person_id).where(staged.c.type_code == DOCTOR_CONTACT)
            ),
        )
        .correlate(employment)
        .scalar_subquery()
    )
    return (
        select(employment.c.staff_key, employment.c.unit_key, employment.c.max_patients, patients)
        .join_from(
            doctors,
            employment,
            and_(
                employment.c.staff_key == doctors.c.staff_key,
                employment.c.unit_key == doctors.c.unit_key,
            ),
        )
        .where(employment.c.max_patients.is_not(None))
        .order_by(employment.c.staff_key, employment.c.unit_key)
    )


def of_capped_doctors(staged: Table) -> Select[Any]:
    """Find the rows of doctors with a cap: staff, unit, and the place of the row, in this order.

    Cost: n; employments are found by their key.
    """
    return (
        select(staged.c.staff_key, staged.c.unit_key, staged.c.loaded_from, staged.c.loaded_line)
        .join_from(
            staged,
            employment,
            and_(
                employment.c.staff_key == staged.c.staff_key,
                employment.c.unit_key == staged.c.unit_key,
            ),
        )
        .where(staged.c.type_code == DOCTOR_CONTACT, employment.c.max_patients.is_not(None))
        .order_by(staged.c.staff_key, staged.c.unit_key, staged.c.loaded_from, staged.c.loaded_line)
    )


def superseding_others(staged: Table, source: str, first_file: int) -> Select[int, int]:
    """Find rows that would end a contact whom another source has brought.

    A contact has its successor's type and resident, and is there on its first day or later. Cost: n times the
    contacts of one resident, which are found by ix_fixed_contact_person_id.
    """
    theirs = exists().where(
        fixed_contact.c.person_id == staged.c.person_id,
        fixed_contact.c.type_code == staged.c.type_code,
        fixed_contact.c.id != staged.c.id,
        or_(fixed_contact.c.valid_to.is_(None), fixed_contact.c.valid_to >= staged.c.valid_from),
        fixed_contact.c.loaded_from < first_file,
        fixed_contact.c.loaded_from.not_in(files_of(source)),
    )
    return (
        select(staged.c.loaded_from, staged.c.loaded_line)
        .where(theirs.correlate(staged))
        .order_by(staged.c.loaded_from, staged.c.loaded_line)
    )


def begun_later(staged: Table, today: date) -> Select[Any]:
    """Find rows that would put a contact before one who has been in force since their day, and since when.

    Cost: n times the contacts of one resident, which are found by ix_fixed_contact_person_id.
    """
    return (
        select(staged.c.loaded_from, staged.c.loaded_line, fixed_contact.c.valid_from)
        .join_from(
            staged,
            fixed_contact,
            and_(
                fixed_contact.c.person_id == staged.c.person_id,
                fixed_contact.c.type_code == staged.c.type_code,
                fixed_contact.c.id != staged.c.id,
            ),
        )
        .where(
            or_(fixed_contact.c.valid_to.is_(None), fixed_contact.c.valid_to >= staged.c.valid_from),
            fixed_contact.c.valid_from >= staged.c.valid_from,
            fixed_contact.c.valid_from < today,
        )
        .order_by(staged.c.loaded_from, staged.c.loaded_line)
    )


def superseded(staged: Table) -> Select[Any]:
    """Find the contacts whom the rows supersede, and the first day of the row as ``superseded_from``.

    Cost: n times the contacts of one resident, which are found by ix_fixed_contact_person_id.
    """
    return (
        select(*fixed_contact.c, staged.c.valid_from.label("superseded_from"))
        .join_from(
            staged,
            fixed_contact,
            and_(
                fixed_contact.c.person_id == staged.c.person_id,
                fixed_contact.c.type_code == staged.c.type_code,
                fixed_contact.c.id != staged.c.id,
            ),
        )
        .where(or_(fixed_contact.c.valid_to.is_(None), fixed_contact.c.valid_to >= staged.c.valid_from))
    )
