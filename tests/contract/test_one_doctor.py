"""The doctor in GetListing and GetCareManagers: at most one, the same, only while listed (rules 6 and 10)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from register.database import Register
from register.model import FixedContact, Record, Unit
from tests.asking import care_managers, get_listing, values
from tests.databases import keep
from tests.producers import make_producer
from tests.records import (
    ANNA,
    COUNTY,
    LONG_AGO,
    NOW,
    OTHER_COUNTY,
    PROVIDER,
    REGION_TYPE,
    TODAY,
    contact,
    doctor,
    listing,
    note,
    place,
    residents,
    unit,
)

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
CLINIC, CENTRE, FAR_AWAY = unit("clinic"), unit("centre"), unit("faraway", county=OTHER_COUNTY)
BRANCH = unit("branch", care_unit=CLINIC.hsa_id, listable=False)
DORA, DAVID, DISA = doctor("dahl"), doctor("david"), doctor("disa")
REGIONAL = {"code": REGION_TYPE[0], "code_system": REGION_TYPE[1]}


def doctors(register: Register, *records: Record, county: str = COUNTY) -> list[str]:
    """Return the HSA-ids of the doctors in both answers about one resident, which must agree."""
    keep(register, PROVIDER, CLINIC, BRANCH, CENTRE, FAR_AWAY, DORA, DAVID, DISA, *residents(ANNA))
    keep(register, *records)
    app = make_producer(register)
    listed = values(get_listing(app, county=county), "listings/healthcarePersonnel/id")
    contacts = [one for one in care_managers(app) if values(one, "code/code") == ["2"]]
    assert listed == [id for one in contacts for id in values(one, "practitioner/hsaId/extension")]
    return listed


Changes = dict[str, Any]
CASES: dict[str, tuple[Changes, Changes, bool]] = {
    # name: what is special about the listing and about the contact; whether the doctor is shown
    "as usual": ({}, {}, True),
    "regional listing type": (REGIONAL, {}, False),
    "PV of another code system": ({"code": "PV", "code_system": "1.2.3"}, {}, False),
    "listing ended": ({"valid_to": NOW}, {}, False),
    "listing ends in a second": ({"valid_to": NOW + SECOND}, {}, True),
    "listing begins in a second": ({"valid_from": NOW + SECOND}, {}, False),
    "last day": ({}, {"valid_to": TODAY}, True),
    "ended yesterday": ({}, {"valid_to": TODAY - DAY}, False),
    "begins today": ({}, {"valid_from": TODAY}, True),
    "begins tomorrow": ({}, {"valid_from": TODAY + DAY}, False),
    "fast vårdkontakt": ({}, {"type_code": "1"}, False),
    "at another unit": ({}, {"unit": CENTRE.hsa_id}, False),
    "at a working unit of the facility": ({}, {"unit": BRANCH.hsa_id}, True),
    "at the care unit of the facility": ({"unit": BRANCH.hsa_id}, {}, False),
}


@pytest.mark.parametrize("name", CASES)
def test_shown_with_the_pv_listing_alone(sqlite_register: Register, name: str) -> None:
    """Shown without employment and without digital choice too.

    Hidden when listing or link does not hold.
    """
    listing_changes, contact_changes, shown = CASES[name]
    found = doctors(
        sqlite_register,
        replace(listing("L", ANNA, CLINIC), **listing_changes),
        replace(contact("F", ANNA, DORA, CLINIC), **contact_changes),
    )
    # S001-001, S001-021: the appointed doctor is told with the listing
    # S000-021, S003-013, S003-064: at the unit of the primary care listing and no other
    # S000-030: not after the link has ended
    # S000-034: nor before it begins
    # S001-008, S001-013: nor when the listing has ended
    # S001-015: also while the doctor is paused
    assert found == ([str(DORA.hsa_id)] if shown else [])


def test_no_doctor_without_a_listing(sqlite_register: Register) -> None:
    """Neither a place in the queue nor a listing in another county carries the link."""
    found = doctors(
        sqlite_register,
        contact("F", ANNA, DORA, CLINIC),
        place("Q", ANNA, CLINIC),
        note("N", ANNA),
        listing("L", ANNA, CENTRE),
    )
    assert found == []


@pytest.mark.parametrize("listed", [CLINIC, BRANCH])
@pytest.mark.parametrize("closed", [CLINIC, BRANCH])
def test_no_doctor_at_a_closed_unit(sqlite_register: Register, listed: Unit, closed: Unit) -> None:
    """Nor at a working unit whose care unit is closed, though the listing there still shows."""
    records = (listing("L", ANNA, listed), contact("F", ANNA, DORA, BRANCH))
    assert doctors(sqlite_register, *records) == [str(DORA.hsa_id)]
    assert doctors(sqlite_register, *records, replace(closed, valid_to=TODAY - DAY)) == []


def linked(id: str, staff: str, **changes: Any) -> FixedContact:
    return replace(contact(id, ANNA, doctor(staff), CLINIC), **changes)


SEVERAL: dict[str, tuple[tuple[FixedContact, ...], str]] = {
    "began last": (
        (linked("F2", "dahl", valid_from=TODAY - DAY), linked("F1", "david", valid_from=TODAY)),
        "david",
    ),
    "documented last": (
        (linked("F1", "dahl", documented_at=LONG_AGO), linked("F2", "david", documented_at=LONG_AGO - DAY)),
        "dahl",
    ),
    "the day of the change": (
        (linked("F2", "dahl", valid_to=TODAY), linked("F1", "david", valid_from=TODAY)),
        "david",
    ),
    "the later one ended": (
        (linked("F1", "dahl"), linked("F2", "david", valid_from=TODAY - 2 * DAY, valid_to=TODAY - DAY)),
        "dahl",
    ),
    "the later one is at another unit": (
        (linked("F1", "dahl"), linked("F2", "david", valid_from=TODAY, unit=CENTRE.hsa_id)),
        "dahl",
    ),
    "three": ((linked("F1", "dahl"), linked("F2", "david"), linked("F3", "disa")), "disa"),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_of_several_in_the_data_one_is_shown(sqlite_register: Register, name: str) -> None:
    """GetCareManagers rule001: checked at the answer whatever the import let through."""
    contacts, shown = SEVERAL[name]
    # S000-019: one doctor is answered, whatever the data say
    # S000-032: on the day of a change the new one
    assert doctors(sqlite_register, listing("L", ANNA, CLINIC), *contacts) == [str(doctor(shown).hsa_id)]


def test_a_protected_doctor_is_left_out(sqlite_register: Register) -> None:
    """An earlier doctor is not shown instead: that would be wrong."""
    records = (
        listing("L", ANNA, CLINIC),
        linked("F1", "dahl"),
        linked("F2", "david", valid_from=TODAY - DAY),
    )
    assert doctors(sqlite_register, *records) == [str(DAVID.hsa_id)]
    assert doctors(sqlite_register, *records, replace(DAVID, protected=True)) == []


def test_the_doctor_is_on_one_entry_of_get_listing(sqlite_register: Register) -> None:
    """Not on another type at the same facility, nor on a place in its queue."""
    found = doctors(
        sqlite_register,
        listing("L1", ANNA, CLINIC, **REGIONAL),
        listing("L2", ANNA, CLINIC),
        place("Q", ANNA, CLINIC),
        contact("F", ANNA, DORA, CLINIC),
    )
    assert found == [str(DORA.hsa_id)]
    entries = get_listing(make_producer(sqlite_register)).findall("{*}listings")
    (entry,) = (one for one in entries if one.find("{*}healthcarePersonnel") is not None)
    assert values(entry, "listingType/code") == ["PV"]
    assert values(entry, "isInQueue") == ["false"]
    assert len(entries) == 3


def test_the_county_of_the_listing_shows_the_doctor(sqlite_register: Register) -> None:
    """And no other county where the resident is listed too."""
    records = (
        listing("L1", ANNA, FAR_AWAY),
        listing("L2", ANNA, CLINIC),
        contact("F", ANNA, DORA, FAR_AWAY),
    )
    assert doctors(sqlite_register, *records, county=OTHER_COUNTY) == [str(DORA.hsa_id)]
    answer = get_listing(make_producer(sqlite_register), county=COUNTY)
    assert values(answer, "listings/healthcareFacility/id") == [str(CLINIC.hsa_id)]
    assert values(answer, "listings/healthcarePersonnel/id") == []


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"title": "ST-läkare", "befattning": "203010"}, ["ST-läkare"]),
        ({"befattning": "201010"}, ["Överläkare"]),
        ({"befattning": "999999"}, []),
        ({}, []),
    ],
    ids=["title", "befattning alone", "befattning not in the list", "neither"],
)
def test_title_in_get_listing(sqlite_register: Register, changes: Changes, title: list[str]) -> None:
    """Carelisting has no coded title: free text, else the name of the befattning."""
    records = (listing("L", ANNA, CLINIC), contact("F", ANNA, DORA, CLINIC), replace(DORA, **changes))
    keep(sqlite_register, PROVIDER, CLINIC, *residents(ANNA), *records)
    answer = get_listing(make_producer(sqlite_register))
    # S003-058: the title, else the name of the befattning
    assert values(answer, "listings/healthcarePersonnel/title") == title
