"""Doctors: whom a resident has as fast läkarkontakt, and who can be chosen.

A fixed contact with code 2 holds only while the resident has a PV listing at its unit, or at the care unit
that its unit belongs to (design rule 6; requirement rows S000-021 and S003-013). The rule is written
here only.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, or_, select

from contracts.codes import DOCTOR_CONTACT, PV
from contracts.identifiers import HsaId
from register.columns import columns, record
from register.conditions import NOW, active_now, at, is_alive, is_pv, valid_today
from register.directory import directory_of
from register.figures import PATIENTS
from register.model import Listing, Staff
from register.prepared import Prepared
from register.tables import employment, figure, figures_folded, fixed_contact, listing, staff, unit


def has_pv_listing(person_id: ColumnElement[str]) -> ColumnElement[bool]:
    """The resident has a PV listing at the ``unit`` of the statement or the care unit above it."""
    return (
        select(listing.c.id)
        .where(
            listing.c.person_id == person_id,
            is_pv(listing),
            active_now(listing.c.valid_from, listing.c.valid_to),
            or_(listing.c.unit_key == unit.c.hsa_key, listing.c.unit_key == unit.c.care_unit_key),
        )
        .correlate(fixed_contact, unit)
        .exists()
    )


HOLDS = and_(
    fixed_contact.c.type_code == DOCTOR_CONTACT,
    valid_today(fixed_contact),
    has_pv_listing(fixed_contact.c.person_id),
)
"""The fixed contact is a doctor's, of today, and has a listing to hang on."""

_DOCTOR = Prepared(
    select(fixed_contact.c.id, fixed_contact.c.unit_key, fixed_contact.c.staff_key)
    .select_from(fixed_contact)
    .join(unit, unit.c.hsa_key == fixed_contact.c.unit_key)
    .where(fixed_contact.c.person_id == bindparam("person_id"), HOLDS)
    .order_by(
        fixed_contact.c.valid_from.desc(), fixed_contact.c.documented_at.desc(), fixed_contact.c.id.desc()
    )
)

_IS_FOLDED = select(figures_folded.c.until).where(figures_folded.c.until > NOW).exists()

_KEPT = (
    select(func.coalesce(func.sum(figure.c.amount), 0))
    .where(
        figure.c.unit_key == employment.c.unit_key,
        figure.c.code == employment.c.staff_key,
        figure.c.code_system == DOCTOR_CONTACT,
        figure.c.kind == PATIENTS,
        figure.c.moment <= NOW,
    )
    .correlate(employment)
    .scalar_subquery()
)

_COUNTED = (
    # A resident counts once, also on the day between two contacts.
    select(func.count(fixed_contact.c.person_id.distinct()))
    .where(
        fixed_contact.c.unit_key == employment.c.unit_key,
        fixed_contact.c.staff_key == employment.c.staff_key,
        HOLDS,
        is_alive(fixed_contact),
    )
    .correlate(employment, unit)
    .scalar_subquery()
)

_PATIENTS = case((_IS_FOLDED, _COUNTED), else_=_KEPT)
"""How many patients the doctor of an ``employment`` has: a sum of few rows, if the moment is not folded."""

_SELECTABLE = (
    select(*columns(Staff))
    .select_from(staff)
    .join(employment, employment.c.staff_key == staff.c.hsa_key)
    .join(unit, unit.c.hsa_key == employment.c.unit_key)
    .where(
        unit.c.hsa_key == bindparam("unit_key"),
        unit.c.county == bindparam("county"),
        unit.c.listable,
        unit.c.offers_choice_of_personnel,
        valid_today(unit),
        valid_today(employment),
        employment.c.selectable_as_doctor,
        ~employment.c.paused,
        ~staff.c.protected,
        or_(employment.c.max_patients.is_(None), employment.c.max_patients > _PATIENTS),
    )
    .order_by(staff.c.surname, staff.c.given_name, staff.c.hsa_id)
)


@dataclass(frozen=True, slots=True)
class DoctorLink:
    """The one doctor a resident has now.

    Attributes:
        contact_id: Id of the fixed contact with code 2.
        staff: The doctor.
        unit_keys: Where a PV listing carries the link: the contact's unit and its care unit.
    """

    contact_id: str
    staff: Staff
    unit_keys: frozenset[HsaId]

    def holds_for(self, listing: Listing) -> bool:
        """Tell whether an active listing of the resident is one the doctor is shown with."""
        return (listing.code, listing.code_system) == (PV.code, PV.system) and listing.unit in self.unit_keys


def doctor_link(
    connection: Connection, person_id: str, now: datetime, *, hidden: Collection[HsaId] = ()
) -> DoctorLink | None:
    """Return the doctor a resident has now, at most one (requirement row S000-019).

    Of several it is the one that began last, and of those the one documented last. If that doctor has
    protected identity there is none: an earlier doctor is no longer right.

    Args:
        connection: A connection to the register.
        person_id: The resident's own identity, as `find_resident` gives it.
        now: The present, Swedish local time.
        hidden: Units that are to be as if they did not exist.
    """
    found = _DOCTOR.all(connection, {"person_id": person_id, **at(now)})
    directory = directory_of(connection)
    for contact_id, unit_key, staff_key in found:
        place = directory.unit(unit_key)
        care_unit = directory.care_unit(place)
        if unit_key in hidden or not (place.is_open(now.date()) and care_unit.is_open(now.date())):
            continue
        doctor = directory.staff(staff_key)
        link = DoctorLink(contact_id, doctor, frozenset({place.hsa_id, care_unit.hsa_id}))
        return None if doctor.protected else link
    return None


def selectable_doctors(connection: Connection, unit: HsaId, county: str, now: datetime) -> list[Staff]:
    """Return the doctors a resident can choose at a unit, in the order of surname, given name and HSA-id.

    They work there today, are selectable, not paused, not full and without protected identity (requirement
    rows S000-033 and S001-015). There are none at a unit that is unknown, closed, not listable, of another
    county, or without digital choice of doctor.

    Args:
        connection: A connection to the register.
        unit: HSA-id of the unit.
        county: Two-digit county code.
        now: The present, Swedish local time.
    """
    values = {"unit_key": unit, "county": county, **at(now)}
    return [record(Staff, iter(fields)) for fields in connection.execute(_SELECTABLE, values)]
