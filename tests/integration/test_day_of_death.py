"""A day of death that has not come hides nothing; when it comes, everything has ended."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from contacts import appointing, coverage, index_marks, kept, lists, staff
from contacts.contact_log import NotAllowed, StaffEdit
from contracts.clock import utc
from contracts.codes import DOCTOR_CONTACT
from listings.facilities import find_facility
from listings.upkeep import settle
from register.database import Register
from register.model import Resident
from register.tables import outgoing
from tests.asking import care_managers, get_listing, get_listing_county, values
from tests.databases import keep
from tests.producers import CENTRE, DOCTOR, SMALL_REGION, make_producer
from tests.records import ANNA, BO, COUNTY, NOW, TODAY, contact, listing

DAY = timedelta(days=1)
TOMORROW = NOW + DAY


@pytest.fixture
def region(register: Register) -> Register:
    """Anna is listed and has a doctor, Bo is listed; the register says that both die tomorrow."""
    dying = (Resident(one, COUNTY, deceased_on=TODAY + DAY) for one in (ANNA, BO))
    keep(register, *dying, *(one for one in SMALL_REGION if not isinstance(one, Resident)))
    keep(register, listing("L2", BO, CENTRE))
    return register


def shown(register: Register, now: datetime) -> tuple[int, list[str], int]:
    """Return what the three contracts about a person show: listings, counties and contacts."""
    app = make_producer(register, now=now)
    return (
        len(values(get_listing(app), "listings/isInQueue")),
        get_listing_county(app),
        len(care_managers(app)),
    )


def test_answers(region: Register) -> None:
    assert shown(region, NOW) == (1, [COUNTY], 1)
    # S001-013: the day somebody has died no link is shown
    assert shown(region, TOMORROW) == (0, [], 0)


def figures(register: Register, now: datetime) -> dict[str, Any]:
    """Return what figures, reports and lists hold of Anna and Bo."""
    with register.reading() as connection:
        facility = find_facility(connection, CENTRE.hsa_id, COUNTY, now)
        of_doctor = DOCTOR.hsa_id, CENTRE.hsa_id, DOCTOR_CONTACT
        found = {
            "listed": facility.listed if facility else None,
            "without doctor": [one.person_id for one in lists.without_doctor(connection, now)],
            "in force": len(lists.in_force(connection, now, DOCTOR_CONTACT)),
            "patients": len(staff.patients(connection, *of_doctor, now)),
            "count": staff.counts(connection, now)[of_doctor].now,
            "coverage": sum(one.contacts for one in coverage.coverage(connection, now)),
        }
    return found | {"kept": [one.person_id for one in kept.kept_contacts(register, now)]}


def test_figures_and_reports(region: Register) -> None:
    alive = {"in force": 1, "patients": 1, "count": 1, "coverage": 1, "kept": [ANNA]}
    dead = {"in force": 0, "patients": 0, "count": 0, "coverage": 0, "kept": []}
    assert figures(region, NOW) == {"listed": 2, "without doctor": [BO], **alive}
    assert figures(region, TOMORROW) == {"listed": 0, "without doctor": [], **dead}


def test_upkeep(region: Register) -> None:
    assert settle(region, NOW, {COUNTY: 3}) == 0
    assert settle(region, TOMORROW, {COUNTY: 3}) == 2


def test_staff_appoint_who_lives(region: Register) -> None:
    wanted = replace(contact("F2", BO, DOCTOR, CENTRE), valid_from=TODAY)
    with pytest.raises(NotAllowed, match="has died"), region.writing() as connection:
        appointing.appoint(StaffEdit(connection, TOMORROW, "Karin"), wanted)
    with region.writing() as connection:
        appointing.appoint(StaffEdit(connection, NOW, "Karin"), wanted)


def test_the_engagement_index_is_told_on_the_day(region: Register) -> None:
    def swept(now: datetime) -> list[str]:
        with region.writing() as connection:
            connection.execute(outgoing.delete())
        index_marks.sweep(region, utc(now))
        with region.reading() as connection:
            return list(connection.scalars(select(outgoing.c.person_id)))

    assert swept(NOW) == []
    assert swept(TOMORROW) == [ANNA]
