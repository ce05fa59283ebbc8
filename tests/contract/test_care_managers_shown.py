"""GetCareManagers 1.0: which contacts are shown, by period, unit, type and the request's filters."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from contracts import oids
from register.database import Register
from register.model import CareProvider, FixedContact, Unit
from tests.asking import ask, care_managers, values
from tests.databases import keep
from tests.messages import code, identity, person
from tests.messages import hsa as named
from tests.producers import SOURCE_SYSTEM, make_producer
from tests.records import (
    ANNA,
    BO,
    OTHER_COUNTY,
    PROVIDER,
    TODAY,
    contact,
    doctor,
    hsa,
    listing,
    lower,
    residents,
    unit,
    upper,
)

DAY = timedelta(days=1)
CLINIC, CENTRE = unit("clinic"), unit("centre")
NORA, OLLE, DORA = doctor("nora"), doctor("olle"), doctor("dahl")

PERIODS: dict[str, tuple[date, date | None, list[str] | None]] = {
    # name: first day, last day; start and end in the answer, None when the contact is not in it
    "until further notice": (date(2025, 1, 1), None, ["20250101"]),
    "last day": (TODAY, TODAY, ["20260310", "20260310"]),
    "ended yesterday": (TODAY - 9 * DAY, TODAY - DAY, None),
    "begins tomorrow": (TODAY + DAY, None, None),
    "begins today": (TODAY, TODAY + DAY, ["20260310", "20260311"]),
    "last year of the schema": (TODAY, date(2099, 12, 31), ["20260310", "20991231"]),
    "a year the schema has not": (TODAY, date(9999, 12, 31), ["20260310"]),
}


@pytest.mark.parametrize("name", PERIODS)
def test_period(sqlite_register: Register, name: str) -> None:
    """Neither before nor after, and no end until further notice."""
    begins, ends, period = PERIODS[name]
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        NORA,
        *residents(ANNA),
        contact("F1", ANNA, NORA, CLINIC, type_code="1", valid_from=begins, valid_to=ends),
    )
    found = [values(one, "period/*") for one in care_managers(make_producer(sqlite_register))]
    # S000-034: not shown before its first day
    # S000-035: shown without an end when it is until further notice
    # S001-066: an earlier contact is not shown
    # S003-117: not shown after its last day
    assert found == ([] if period is None else [period])


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, True),
        ({"valid_to": TODAY - DAY}, False),
        ({"valid_from": TODAY + DAY}, False),
        ({"county": OTHER_COUNTY}, True),
        ({"listable": False}, True),
    ],
    ids=["open", "closed", "not open yet", "other county", "not listable"],
)
def test_units(sqlite_register: Register, changes: dict[str, Any], shown: bool) -> None:
    """Any unit may have contacts, in whatever county, while it is open."""
    at: Unit = replace(CLINIC, **changes)
    below = unit("branch", care_unit=at.hsa_id)
    contacts: list[FixedContact] = [
        contact("F1", ANNA, NORA, at, type_code="1"),
        contact("F2", ANNA, NORA, below, type_code="1"),
    ]
    keep(sqlite_register, PROVIDER, at, below, NORA, *residents(ANNA), *contacts)
    # S000-038, S003-024: any kind of unit can have care contacts, in whatever county
    assert len(care_managers(make_producer(sqlite_register))) == (2 if shown else 0)


def test_several_contacts_of_one_type_and_one_person_in_two_roles(sqlite_register: Register) -> None:
    """An unknown type is sent, for the list is open; others' contacts are not."""
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        CENTRE,
        NORA,
        doctor("olle"),
        replace(doctor("secret"), protected=True),
        *residents(ANNA, BO),
        listing("L1", ANNA, CLINIC),
        contact("F1", ANNA, NORA, CLINIC, type_code="1"),
        contact("F2", ANNA, NORA, CLINIC),
        contact("F3", ANNA, doctor("olle"), CENTRE, type_code="1"),
        contact("F4", ANNA, doctor("olle"), CENTRE, type_code="4"),
        contact("F5", ANNA, doctor("olle"), CENTRE, type_code="77"),
        contact("F6", ANNA, doctor("secret"), CENTRE, type_code="1"),
        contact("F7", BO, doctor("olle"), CENTRE, type_code="3"),
    )
    app = make_producer(sqlite_register)
    found = [(*values(one, "code/code"), *values(one, "practitioner/name")) for one in care_managers(app)]
    # S003-027: the doctor is shown as fast vårdkontakt too, who has been appointed that
    # S003-036: two care contacts of two units are both shown
    assert found == [
        ("1", "Dora Nora"),
        ("1", "Dora Olle"),
        ("2", "Dora Nora"),
        ("4", "Dora Olle"),
        ("77", "Dora Olle"),
    ]
    assert values(care_managers(app)[-1], "code/displayName") == []


MUNICIPALITY = CareProvider(hsa("kommun"), "Kommunen")
HOME_CARE = unit("homecare", provider=MUNICIPALITY.hsa_id)
TEAM_AREA = unit("area", provider=MUNICIPALITY.hsa_id, care_unit=HOME_CARE.hsa_id)
TYPES = oids.FIXED_CONTACT_TYPE
PROCESS = "1.2.752.113.9"


@pytest.fixture
def four(sqlite_register: Register) -> Register:
    """Contacts to filter: types 1 and 2 at the clinic; 3, and one no list has, in home care."""
    keep(
        sqlite_register,
        PROVIDER,
        MUNICIPALITY,
        CLINIC,
        HOME_CARE,
        TEAM_AREA,
        NORA,
        OLLE,
        DORA,
        *residents(ANNA),
        listing("L", ANNA, CLINIC),
        contact("A", ANNA, NORA, CLINIC, type_code="1", care_process_root=PROCESS, care_process_id="7a"),
        contact("B", ANNA, DORA, CLINIC),
        contact("C", ANNA, OLLE, TEAM_AREA, type_code="3"),
        contact("D", ANNA, OLLE, HOME_CARE, type_code="77", care_process_root="1.2.3", care_process_id="7a"),
    )
    return sqlite_register


FILTERS: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "none": ((), ["1", "2", "3", "77"]),
    "care giver": ((named("careGiverId", PROVIDER.hsa_id),), ["1", "2"]),
    "care giver, other letter case": ((named("careGiverId", lower(MUNICIPALITY.hsa_id)),), ["3", "77"]),
    "unknown care giver": ((named("careGiverId", hsa("nobody")),), []),
    "care unit": ((named("careUnitId", CLINIC.hsa_id),), ["1", "2"]),
    "care unit of a working unit": ((named("careUnitId", upper(HOME_CARE.hsa_id)),), ["3", "77"]),
    "working unit": ((named("careUnitId", TEAM_AREA.hsa_id),), []),
    "unit as care giver": ((named("careGiverId", CLINIC.hsa_id),), []),
    "type": ((code("careManagerType", "2", TYPES),), ["2"]),
    "two types": ((code("careManagerType", "3", TYPES), code("careManagerType", "1", TYPES)), ["1", "3"]),
    "a type no list has": ((code("careManagerType", "77", TYPES),), ["77"]),
    "type nobody has": ((code("careManagerType", "4", TYPES),), []),
    "type of another code system": ((code("careManagerType", "1", "1.2.3"),), []),
    "type with leading blanks": ((code("careManagerType", " 1", f" {TYPES}"),), ["1"]),  # C22
    "type without code system": (("<careManagerType><c:code>1</c:code></careManagerType>",), ["1"]),
    "type by name alone": (
        ("<careManagerType><c:displayName>fast vårdkontakt</c:displayName></careManagerType>",),
        [],
    ),
    "type with another name": (
        (
            f"<careManagerType><c:code>1</c:code><c:codeSystem>{TYPES}</c:codeSystem>"
            "<c:displayName>fast läkarkontakt i primärvård</c:displayName></careManagerType>",
        ),
        ["1"],
    ),
    "care process": ((identity("careProcessId", PROCESS, "7a"),), ["1"]),
    "care process, other series": ((identity("careProcessId", "1.2.752.113.8", "7a"),), []),
    "care process, other letter case": ((identity("careProcessId", PROCESS, "7A"),), []),
    "care process without extension": ((f"<careProcessId><c:root>{PROCESS}</c:root></careProcessId>",), []),
    "all": (
        (
            named("careGiverId", PROVIDER.hsa_id),
            named("careUnitId", CLINIC.hsa_id),
            code("careManagerType", "1", TYPES),
            identity("careProcessId", PROCESS, "7a"),
        ),
        ["1"],
    ),
    "care giver and unit that do not belong together": (
        (named("careGiverId", PROVIDER.hsa_id), named("careUnitId", HOME_CARE.hsa_id)),
        [],
    ),
    "unit and type": (
        (named("careUnitId", HOME_CARE.hsa_id), code("careManagerType", "1", TYPES)),
        [],
    ),
}


@pytest.mark.parametrize("name", FILTERS)
def test_filters_must_all_hold(four: Register, name: str) -> None:
    """Codes are compared with their code system and never by name, HSA-ids whatever their letter case."""
    filters, types = FILTERS[name]
    found = care_managers(make_producer(four), ANNA, *filters)
    assert [values(one, "code/code") for one in found] == [[one] for one in types]


@pytest.mark.parametrize(
    "filters",
    [
        identity("careGiverId", oids.PERSONNUMMER, PROVIDER.hsa_id),
        named("careUnitId", "no HSA-id at all"),
        named("careUnitId", ""),
        f"<careGiverId><c:root>{oids.HSA_ID}</c:root></careGiverId>",
    ],
    ids=["root of another series", "no HSA-id", "empty", "no extension"],
)
def test_a_filter_that_is_no_hsa_id_is_a_fault(four: Register, filters: str) -> None:
    """The contract has no resultCode, and an empty answer would say that there is no contact."""
    app = make_producer(four)
    answer = ask(app, "GetCareManagers", person("patientId", ANNA), filters, address=SOURCE_SYSTEM)
    assert "FK302" in answer.findtext("faultstring")
