"""GetAvailableHealthcarePersonnel 2.0: the doctors to choose from at a facility (carelisting facts 2.3)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts.codes import PV
from contracts.identifiers import HsaId
from register.database import Register
from register.model import Employment, ListingType, Record, Resident, Staff, Unit, UnitListingType
from tests.asking import ask, ask_ok, outline, response, result, values
from tests.databases import keep
from tests.messages import code, create_listing, envelope, path, person
from tests.producers import make_producer
from tests.records import (
    ANNA,
    BO,
    CLARA,
    COUNTY,
    DAN,
    EVA,
    LONG_AGO,
    NOW,
    OTHER_COUNTY,
    OTHER_ID,
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
from tests.wsgi import post

DAY = timedelta(days=1)
CONTRACT = "GetAvailableHealthcarePersonnel"
CLINIC = unit("clinic", offers_choice_of_personnel=True)
CENTRE = unit("centre", offers_choice_of_personnel=True)
DORA = doctor("dahl")
AT_DORA = works_at(DORA, CLINIC)


def facility(id: str | HsaId = CLINIC.hsa_id) -> str:
    return f"<healthcareFacilityHSAId>{id}</healthcareFacilityHSAId>"


def choices(
    register: Register, *parts: str, person_id: str = ANNA, county: str = COUNTY, **settings: Any
) -> list[str]:
    """Return the HSA-ids of the doctors in the answer."""
    app = make_producer(register, regions={COUNTY: settings, OTHER_COUNTY: settings})
    asked = (person("personId", person_id), *(parts or (facility(),)))
    return values(ask_ok(app, CONTRACT, *asked, address=county), "healthcarePersonnel/id")


def test_a_whole_answer(sqlite_register: Register) -> None:
    """Only selectable doctors of the facility, names in full."""
    asa = Staff(hsa("asa"), "Åsa", "Ek", middle_name="Maria", befattning="201010")
    care_contact = doctor("nurse")
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        CENTRE,
        DORA,
        asa,
        care_contact,
        doctor("elsewhere"),
        AT_DORA,
        works_at(asa, CLINIC),
        works_at(care_contact, CLINIC, selectable_as_doctor=False, selectable_as_care_contact=True),
        works_at(doctor("elsewhere"), CENTRE),
    )
    answer = ask_ok(make_producer(sqlite_register), CONTRACT, person("personId", ANNA), facility())
    expected = f"""
    <healthcarePersonnel>
      <c:id>{hsa("dahl")}</c:id>
      <c:name>Dora Dahl</c:name>
    </healthcarePersonnel>
    <healthcarePersonnel>
      <c:id>{hsa("asa")}</c:id>
      <c:name>Åsa Maria Ek</c:name>
      <c:title>Överläkare</c:title>
    </healthcarePersonnel>
    <resultCode>OK</resultCode>
    """
    # S000-011: who has been made selectable as doctor can be chosen, a care contact cannot
    # S000-022: of those who work at the unit
    # S003-056: given name, middle name and surname
    assert outline(answer) == outline(response(CONTRACT, expected))


CASES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], bool]] = {
    # name: what is special about the unit, the doctor and the employment; whether the doctor can be chosen
    "as usual": ({}, {}, {}, True),
    "no choice at the facility": ({"offers_choice_of_personnel": False}, {}, {}, False),
    "facility takes no listings": ({"listable": False}, {}, {}, False),
    "facility in another county": ({"county": OTHER_COUNTY}, {}, {}, False),
    "facility closed yesterday": ({"valid_to": TODAY - DAY}, {}, {}, False),
    "facility closes today": ({"valid_to": TODAY}, {}, {}, True),
    "protected doctor": ({}, {"protected": True}, {}, False),
    "paused": ({}, {}, {"paused": True}, False),
    "not selectable": ({}, {}, {"selectable_as_doctor": False}, False),
    "external": ({}, {}, {"external": True}, True),
    "last day at the facility": ({}, {}, {"valid_to": TODAY}, True),
    "has left": ({}, {}, {"valid_to": TODAY - DAY}, False),
    "begins tomorrow": ({}, {}, {"valid_from": TODAY + DAY}, False),
    "takes nobody": ({}, {}, {"max_patients": 0}, False),
    "cap not reached": ({}, {}, {"max_patients": 1}, True),
}


@pytest.mark.parametrize("name", CASES)
def test_who_can_be_chosen(sqlite_register: Register, name: str) -> None:
    """Nobody where there is no choice, nor who is paused; externals too."""
    at, who, employed, shown = CASES[name]
    records: tuple[Unit, Staff, Employment] = (
        replace(CLINIC, **at),
        replace(DORA, **who),
        replace(AT_DORA, **employed),
    )
    keep(sqlite_register, PROVIDER, *records)
    # S000-026: somebody added from outside can be chosen
    # S001-011: nobody where the unit offers no choice
    # S001-015: nor who is paused
    assert choices(sqlite_register) == ([str(DORA.hsa_id)] if shown else [])


def patient(person_id: str, **changes: Any) -> tuple[Record, ...]:
    """Return a listing at the clinic and a link to its doctor."""
    linked = replace(contact(f"F{person_id}", person_id, DORA, CLINIC), **changes)
    return listing(f"L{person_id}", person_id, CLINIC), linked


@pytest.mark.parametrize(
    ("third", "full"),
    [
        (patient(CLARA), True),
        (patient(CLARA, valid_to=TODAY), True),
        (patient(CLARA, valid_to=TODAY - DAY), False),
        (patient(CLARA, valid_from=TODAY + DAY), False),
        (patient(CLARA, type_code="1"), False),
        (patient(CLARA, unit=CENTRE.hsa_id), False),
        (patient(CLARA)[1:], False),
        ((contact("again", BO, DORA, CLINIC, valid_from=TODAY),), False),
        (patient(DAN), False),
    ],
    ids=[
        "linked",
        "last day",
        "ended",
        "to come",
        "vårdkontakt",
        "at another unit",
        "not listed",
        "linked twice",
        "deceased",
    ],
)
def test_the_cap_counts_the_doctors_patients_here_today(
    sqlite_register: Register, third: tuple[Record, ...], full: bool
) -> None:
    """Chosen from those that are not full."""
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        CENTRE,
        DORA,
        replace(AT_DORA, max_patients=2),
        *residents(ANNA, BO, CLARA),
        Resident(DAN, COUNTY, deceased_on=LONG_AGO.date()),
        *patient(BO),
        *third,
    )
    # S000-033, S001-019: who is full cannot be chosen
    assert choices(sqlite_register) == ([] if full else [str(DORA.hsa_id)])


@pytest.mark.parametrize(
    ("id", "shown"),
    [
        (lower(CLINIC.hsa_id), True),
        (f" {CLINIC.hsa_id} ", True),
        (hsa("nobody"), False),
        ("no HSA-id at all", False),
        ("", False),
    ],
)
def test_the_facility_by_its_id(sqlite_register: Register, id: str | HsaId, shown: bool) -> None:
    """Whatever the letter case; an unknown facility is no error."""
    keep(sqlite_register, PROVIDER, CLINIC, DORA, AT_DORA)
    assert choices(sqlite_register, facility(id)) == ([str(DORA.hsa_id)] if shown else [])


@pytest.mark.parametrize("kind", [PV.key, REGION_TYPE], ids=["PV", "regional"])
@pytest.mark.parametrize("unit_offers", [(), (PV.key,), (REGION_TYPE,), (PV.key, REGION_TYPE)])
def test_who_is_offered_for_a_type_is_accepted_with_it_and_nobody_else(
    sqlite_register: Register, kind: tuple[str, str], unit_offers: tuple[tuple[str, str], ...]
) -> None:
    """GetAvailableHealthcarePersonnel and CreateListing agree; a refusal says that the type is in the way."""
    types = (UnitListingType(CLINIC.hsa_id, *one) for one in unit_offers)
    regional = ListingType(COUNTY, *REGION_TYPE, "Barnavårdscentral")
    keep(sqlite_register, PROVIDER, CLINIC, DORA, AT_DORA, regional, *residents(ANNA), *types)
    offered = choices(sqlite_register, facility(), code("listingTypes", *kind))
    asked = create_listing(ANNA, CLINIC.hsa_id, doctor=DORA.hsa_id, kind=kind)
    answer = post(make_producer(sqlite_register), path("CreateListing"), envelope(asked, COUNTY)).result
    assert (answer[0] == "OK") == (offered == [str(DORA.hsa_id)])
    if kind == REGION_TYPE and kind in unit_offers:
        assert answer[1] is not None
        assert "primärvård" in answer[1]


NATIONAL, REGIONAL = code("listingTypes", PV.code, PV.system), code("listingTypes", *REGION_TYPE)


@pytest.mark.parametrize(
    ("offered", "asked", "shown"),
    [
        ((), (NATIONAL,), True),
        ((), (REGIONAL,), False),
        ((), (code("listingTypes", PV.code, REGION_TYPE[1]),), False),
        ((), (code("listingTypes", " PV ", f" {PV.system}"),), True),
        ((REGION_TYPE,), (NATIONAL,), False),
        ((REGION_TYPE,), (NATIONAL, REGIONAL), False),
        ((REGION_TYPE,), (), False),
        (((PV.code, PV.system), REGION_TYPE), (), True),
        (((PV.code, PV.system), REGION_TYPE), (REGIONAL,), False),
        (((PV.code, PV.system), REGION_TYPE), (REGIONAL, NATIONAL), True),
    ],
)
def test_types_that_a_doctor_can_be_chosen_with(
    sqlite_register: Register, offered: tuple[tuple[str, str], ...], asked: tuple[str, ...], shown: bool
) -> None:
    """As CreateListing, which refuses a doctor with any type but PV."""
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        DORA,
        AT_DORA,
        *(UnitListingType(CLINIC.hsa_id, *one) for one in offered),
    )
    assert choices(sqlite_register, facility(), *asked) == ([str(DORA.hsa_id)] if shown else [])


@pytest.mark.parametrize(
    ("resident", "shown"),
    [
        (Resident(ANNA, COUNTY), True),
        (Resident(EVA, COUNTY, other_ids=(ANNA,)), True),
        (Resident(ANNA, OTHER_COUNTY), False),
        (Resident(ANNA), False),
        (Resident(ANNA, COUNTY, protected=True), False),
        (Resident(ANNA, COUNTY, deceased_on=NOW.date()), False),
        (Resident(EVA, COUNTY), False),
    ],
    ids=["own", "own, by another number", "of another", "of none", "protected", "deceased", "unknown"],
)
@pytest.mark.parametrize("choosers", ["everybody", "residents"])
def test_whom_the_region_lets_choose(
    sqlite_register: Register, resident: Resident, shown: bool, choosers: str
) -> None:
    """Everybody unless set; where it is only residents, a protected one gets what a stranger gets."""
    keep(sqlite_register, PROVIDER, CLINIC, DORA, AT_DORA, resident)
    found = choices(sqlite_register, personnel_for=choosers)
    assert found == ([str(DORA.hsa_id)] if shown or choosers == "everybody" else [])


def test_each_county_answers_for_its_own_facilities(sqlite_register: Register) -> None:
    keep(sqlite_register, PROVIDER, CLINIC, DORA, AT_DORA)
    assert choices(sqlite_register, county=OTHER_COUNTY) == []
    assert choices(sqlite_register, person_id=OTHER_ID) == [str(DORA.hsa_id)]  # a coordination number


def test_an_unknown_facility_has_no_types(sqlite_register: Register) -> None:
    keep(sqlite_register, PROVIDER, CLINIC, DORA, AT_DORA)
    assert choices(sqlite_register, facility(hsa("nobody")), NATIONAL) == []


def test_a_reserve_number_is_not_allowed(sqlite_register: Register) -> None:
    keep(sqlite_register, PROVIDER, CLINIC, DORA, AT_DORA)
    asked = (person("personId", "98240301AA06"), facility())
    answer = ask(make_producer(sqlite_register), CONTRACT, *asked)
    assert result(answer)[0] == "ERROR"
    assert values(answer, "healthcarePersonnel/id") == []
