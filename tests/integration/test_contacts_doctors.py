"""The one doctor of a resident, and the doctors to choose from (contacts.doctors).

What a resident's doctor is shows in GetListing and in GetCareManagers: every test of it asks both.
"""

from datetime import date, datetime, timedelta

import pytest

from contacts.care_managers import care_managers_of
from contacts.doctors import selectable_doctors
from contracts.codes import CARE_CONTACT
from contracts.identifiers import HsaId
from listings.current import listed_at
from register.database import Register
from register.model import Record, Resident, Staff
from tests.databases import keep
from tests.records import (
    ANNA,
    BO,
    CLARA,
    COUNTY,
    DAN,
    LONG_AGO,
    NOW,
    OTHER_COUNTY,
    PROVIDER,
    REGION_TYPE,
    TODAY,
    contact,
    doctor,
    hsa,
    listing,
    lower,
    residents,
    unit,
    works_at,
)

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
ALFA, BETA = unit("alfa", offers_choice_of_personnel=True), unit("beta", offers_choice_of_personnel=True)
ROOM = unit("room", care_unit=lower(ALFA.hsa_id), listable=False)
DORA, EMIL = doctor("dora"), doctor("emil")


@pytest.fixture
def region(register: Register) -> Register:
    keep(register, PROVIDER, ALFA, BETA, ROOM, DORA, EMIL, *residents(ANNA, BO, CLARA))
    return register


def told(*staff: Staff) -> list[str]:
    """Staff as they would be shown: with their HSA-ids compared as such, letter case would not count."""
    return [repr(one) for one in staff]


def doctors(register: Register, now: datetime = NOW) -> list[str | None]:
    """The doctor of each listing in the county, having seen that the contacts tell the same."""
    with register.reading() as connection:
        of_listings = [
            str(one.doctor.hsa_id) if one.doctor else None for one in listed_at(connection, ANNA, COUNTY, now)
        ]
        of_contacts = [str(one.staff.hsa_id) for one in care_managers_of(connection, ANNA, now)]
    assert of_contacts == [one for one in of_listings if one is not None]
    return of_listings


def test_the_doctor_of_a_listing(region: Register) -> None:
    keep(region, listing("1", ANNA, ALFA), contact("1", ANNA, DORA, ALFA))
    assert doctors(region) == [str(DORA.hsa_id)]


def test_a_doctor_who_works_at_a_unit_below_the_listed_one(region: Register) -> None:
    keep(region, listing("1", ANNA, ALFA), contact("1", ANNA, DORA, ROOM))
    assert doctors(region) == [str(DORA.hsa_id)]


def test_not_a_doctor_above_or_beside_the_listed_unit(region: Register) -> None:
    keep(region, listing("1", ANNA, ROOM), contact("1", ANNA, DORA, ALFA))
    keep(region, listing("2", ANNA, ALFA, valid_to=LONG_AGO), contact("2", ANNA, DORA, BETA))
    assert doctors(region) == [None]


@pytest.mark.parametrize(
    "ended",
    [
        listing("1", ANNA, ALFA, valid_to=NOW),
        listing("1", ANNA, ALFA, valid_from=NOW + MOMENT),
        listing("1", ANNA, BETA),
        listing("1", ANNA, ALFA, code=REGION_TYPE[0]),
        listing("1", ANNA, ALFA, code_system=REGION_TYPE[1]),
        listing("1", BO, ALFA),
    ],
    ids=["ended", "to come", "elsewhere", "of another type", "of another code system", "somebody else's"],
)
def test_a_doctor_link_ends_with_its_listing(region: Register, ended: Record) -> None:
    keep(region, ended, contact("1", ANNA, DORA, ALFA))
    assert set(doctors(region)) <= {None}


def test_the_doctor_shows_with_the_primary_care_listing_only(region: Register) -> None:
    keep(
        region,
        listing("1", ANNA, ALFA, code=REGION_TYPE[0], code_system=REGION_TYPE[1]),
        listing("2", ANNA, ALFA, valid_from=NOW),
        contact("1", ANNA, DORA, ALFA),
    )
    assert doctors(region) == [None, str(DORA.hsa_id)]


def test_the_first_and_the_last_day_count(region: Register) -> None:
    keep(region, listing("1", ANNA, ALFA), contact("1", ANNA, DORA, ALFA, valid_from=TODAY, valid_to=TODAY))
    midnight = datetime(TODAY.year, TODAY.month, TODAY.day)
    assert doctors(region, midnight - MOMENT) == [None]
    assert doctors(region, midnight) == [str(DORA.hsa_id)]
    assert doctors(region, midnight + DAY - MOMENT) == [str(DORA.hsa_id)]
    assert doctors(region, midnight + DAY) == [None]


def test_of_several_the_one_that_began_last(region: Register) -> None:
    keep(
        region,
        listing("1", ANNA, ALFA),
        contact("old", ANNA, DORA, ALFA, valid_to=TODAY, documented_at=NOW),
        contact("new", ANNA, EMIL, ALFA, valid_from=TODAY, documented_at=LONG_AGO),
        contact("to come", ANNA, DORA, ALFA, valid_from=TODAY + DAY),
    )
    assert doctors(region) == [str(EMIL.hsa_id)]


def test_of_those_that_began_on_one_day_the_one_documented_last(region: Register) -> None:
    keep(
        region,
        listing("1", ANNA, ALFA),
        contact("a", ANNA, EMIL, ALFA, documented_at=LONG_AGO + MOMENT),
        contact("b", ANNA, DORA, ALFA, documented_at=LONG_AGO),
    )
    assert doctors(region) == [str(EMIL.hsa_id)]
    keep(region, contact("b", ANNA, DORA, ALFA, documented_at=LONG_AGO + MOMENT))
    assert doctors(region) == [str(DORA.hsa_id)]  # all the same: the greater id, on every machine


def test_one_doctor_though_two_listings_could_carry_one_each(region: Register) -> None:
    keep(
        region,
        listing("1", ANNA, ALFA),
        listing("2", ANNA, BETA, valid_from=NOW),
        contact("1", ANNA, DORA, ALFA),
        contact("2", ANNA, EMIL, BETA, valid_from=TODAY),
    )
    assert doctors(region) == [None, str(EMIL.hsa_id)]


def test_a_later_doctor_at_a_unit_where_the_resident_is_not_listed_changes_nothing(region: Register) -> None:
    keep(
        region,
        listing("1", ANNA, ALFA),
        contact("1", ANNA, DORA, ALFA),
        contact("2", ANNA, EMIL, BETA, valid_from=TODAY),
    )
    assert doctors(region) == [str(DORA.hsa_id)]


def test_the_listing_may_be_in_another_county_of_the_register(region: Register) -> None:
    far = unit("far", county=OTHER_COUNTY)
    keep(region, far, listing("1", ANNA, far), contact("1", ANNA, DORA, far))
    with region.reading() as connection:
        assert listed_at(connection, ANNA, COUNTY, NOW) == []
        assert [repr(one.doctor) for one in listed_at(connection, ANNA, OTHER_COUNTY, NOW)] == told(DORA)
        assert told(*(one.staff for one in care_managers_of(connection, ANNA, NOW))) == told(DORA)


def test_a_doctor_with_protected_identity_never_shows(region: Register) -> None:
    hidden = doctor("hidden", protected=True)
    keep(
        region,
        hidden,
        listing("1", ANNA, ALFA),
        contact("1", ANNA, DORA, ALFA, valid_to=TODAY),
        contact("2", ANNA, hidden, ALFA, valid_from=TODAY),
    )
    assert doctors(region, NOW - DAY) == [str(DORA.hsa_id)]
    assert doctors(region) == [None]  # nor does the doctor before, who is no longer right


@pytest.mark.parametrize("period", [{"valid_to": TODAY - DAY}, {"valid_from": TODAY + DAY}])
def test_no_doctor_at_a_unit_that_is_closed(region: Register, period: dict[str, date]) -> None:
    keep(
        region,
        unit("room", care_unit=ALFA.hsa_id, **period),
        listing("1", ANNA, ALFA),
        contact("1", ANNA, DORA, ROOM),
    )
    assert doctors(region) == [None]


# Doctors to choose from ---------------------------------------------------------------------------


def selectable(
    register: Register, unit_key: HsaId = ALFA.hsa_id, county: str = COUNTY, now: datetime = NOW
) -> list[str]:
    with register.reading() as connection:
        return told(*selectable_doctors(connection, unit_key, county, now))


def test_doctors_in_the_order_of_surname_given_name_and_hsa_id(region: Register) -> None:
    in_order = [
        doctor("4", surname="Ek", given_name="Bo"),
        doctor("2", surname="Ek", given_name="Eva"),
        doctor("3", surname="Ek", given_name="Eva"),
        doctor("1", surname="Öman", given_name="Ada", middle_name="M", befattning="201010", title="Läkare"),
    ]
    keep(region, *in_order, *(works_at(one, ALFA) for one in reversed(in_order)))
    assert selectable(region) == told(*in_order)
    assert selectable(region, lower(ALFA.hsa_id)) == told(*in_order)
    assert selectable(region, BETA.hsa_id) == []


@pytest.mark.parametrize(
    "employment",
    [
        {"selectable_as_doctor": False, "selectable_as_care_contact": True},
        {"paused": True},
        {"max_patients": 0},
        {"valid_from": TODAY + DAY},
        {"valid_to": TODAY - DAY},
    ],
    ids=lambda values: next(iter(values)),
)
def test_who_cannot_be_chosen(region: Register, employment: dict[str, object]) -> None:
    keep(region, works_at(DORA, ALFA, **employment), works_at(EMIL, ALFA, valid_from=TODAY, valid_to=TODAY))
    assert selectable(region) == told(EMIL)


def test_staff_with_protected_identity_cannot_be_chosen(region: Register) -> None:
    hidden = doctor("hidden", protected=True)
    keep(region, hidden, works_at(hidden, ALFA))
    assert selectable(region) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"offers_choice_of_personnel": False},
        {"listable": False},
        {"county": OTHER_COUNTY},
        {"valid_to": TODAY - DAY},
        {"valid_from": TODAY + DAY},
    ],
    ids=lambda values: next(iter(values)),
)
def test_units_without_a_choice(region: Register, changed: dict[str, object]) -> None:
    keep(region, works_at(DORA, ALFA))
    assert selectable(region) == told(DORA)
    keep(region, unit("alfa", **({"offers_choice_of_personnel": True} | changed)))
    assert selectable(region) == []
    assert selectable(region, hsa("unknown")) == []


def test_a_doctor_with_all_the_patients_allowed_is_full(region: Register) -> None:
    """Only patients whose link holds today take up a place."""
    keep(
        region,
        Resident(DAN, deceased_on=TODAY),
        works_at(DORA, ALFA, max_patients=2),
        works_at(DORA, BETA, max_patients=2),
        *(listing(person, person, ALFA) for person in (ANNA, BO, DAN)),
        listing(CLARA, CLARA, BETA),
        contact("1", ANNA, DORA, ALFA, valid_to=TODAY),
        contact("1, too", ANNA, DORA, ALFA, valid_from=TODAY),
        contact("dead", DAN, DORA, ALFA),
        contact("ended", BO, DORA, ALFA, valid_to=TODAY - DAY),
        contact("to come", BO, DORA, ALFA, valid_from=TODAY + DAY),
        contact("other type", BO, DORA, ALFA, type_code=CARE_CONTACT),
        contact("other doctor", BO, EMIL, ALFA),
        contact("moved", CLARA, DORA, ALFA),
        contact("elsewhere", CLARA, DORA, BETA),
    )
    assert selectable(region) == told(DORA)
    keep(region, contact("2", BO, DORA, ALFA))
    assert selectable(region) == []
    assert selectable(region, BETA.hsa_id) == told(DORA)
    keep(region, works_at(DORA, ALFA, max_patients=3))
    assert selectable(region) == told(DORA)
    keep(region, works_at(DORA, ALFA))
    assert selectable(region) == told(DORA)
