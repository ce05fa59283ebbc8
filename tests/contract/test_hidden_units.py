"""Units whose data a consumer may not get: its answers are those of a register without them."""

from pathlib import Path

import pytest
from lxml import etree

from producer.wsgi import Producer
from register.database import Register
from register.model import CareProvider, Record, Unit
from tests.asking import ask, outline
from tests.databases import keep, opened_copy
from tests.messages import actor, person
from tests.producers import SOURCE_SYSTEM, make_producer
from tests.records import (
    ANNA,
    PROVIDER,
    TODAY,
    contact,
    doctor,
    hsa,
    listing,
    lower,
    phone,
    place,
    residents,
    team,
    unit,
    works_at,
)

CONSUMER, OTHER = str(hsa("portal")), str(hsa("overview"))
ORIGINAL = "x-rivta-original-serviceconsumer-hsaid"
ON_BEHALF_OF = "x-rivta-acting-on-behalf-of-hsaid"
PRIVATE = CareProvider(hsa("private"), "Omtanke AB")
CLINIC = unit("clinic", provider=PRIVATE.hsa_id, offers_choice_of_personnel=True)
BRANCH = unit("branch", provider=PROVIDER.hsa_id, care_unit=CLINIC.hsa_id, listable=False)
CENTRE = unit("centre", max_listings=0, offers_queue=True, offers_choice_of_personnel=True)
NORA, DORA, DISA = doctor("nora"), doctor("dahl"), doctor("disa")
CLINIC_TEAM = team("T1", BRANCH)

ASKED: dict[str, tuple[str, tuple[str, ...]]] = {
    "GetCareManagers": (SOURCE_SYSTEM, (person("patientId", ANNA),)),
    "GetListing": ("14", (actor(), person("personId", ANNA))),
    "GetListingCounty": ("14", (actor(), person("personId", ANNA))),
    "GetAvailableHealthcareFacilities": ("14", ()),
    "GetAvailableHealthcarePersonnel": (
        "14",
        (
            person("personId", ANNA),
            f"<healthcareFacilityHSAId>{CLINIC.hsa_id}</healthcareFacilityHSAId>",
        ),
    ),
}


def of_clinic(one: Record) -> bool:
    """Tell whether a record is the clinic's own, or of a unit below it."""
    names = {at.hsa_id for at in (CLINIC, BRANCH)}
    if isinstance(one, Unit):
        return one.hsa_id in names
    at = getattr(one, "unit", None)
    return at in names


RECORDS: tuple[Record, ...] = (
    PROVIDER,
    PRIVATE,
    CLINIC,
    BRANCH,
    CENTRE,
    NORA,
    DORA,
    DISA,
    CLINIC_TEAM,
    works_at(DORA, CLINIC),
    works_at(DISA, CENTRE),
    *residents(ANNA),
    listing("L1", ANNA, CLINIC),
    listing("L2", ANNA, CENTRE),
    place("Q1", ANNA, CENTRE),
    contact("F1", ANNA, DORA, BRANCH, valid_from=TODAY),  # would be the doctor, having begun last
    contact("F2", ANNA, DISA, CENTRE),
    contact("F3", ANNA, NORA, BRANCH, type_code="1"),
    contact("F4", ANNA, NORA, CENTRE, type_code="1", team=CLINIC_TEAM.id),
    contact("F5", ANNA, NORA, CENTRE, type_code="4"),
    phone("1", unit=CLINIC.hsa_id),
    phone("2", unit=CENTRE.hsa_id),
    phone("3", team=CLINIC_TEAM.id),
)


def without_clinic() -> list[Record]:
    """Return the records of a register that has never heard of the clinic, its branch and their team."""
    kept = [one for one in RECORDS if not of_clinic(one) and getattr(one, "team", None) != CLINIC_TEAM.id]
    return [*kept, contact("F4", ANNA, NORA, CENTRE, type_code="1")]


def answers(app: Producer, headers: dict[str, str]) -> dict[str, list[str]]:
    return {
        name: outline(ask(app, name, *parts, address=address, headers=headers))
        for name, (address, parts) in ASKED.items()
    }


COORDINATED = {"source_system_id": SOURCE_SYSTEM, "lone_coordinator": "omit"}
Expected = dict[str, dict[str, list[str]]]
"""Register and contract -> the outline of the answer."""


@pytest.fixture(scope="module")
def expected(sqlite_template: Path) -> Expected:
    """The answers of a register with the clinic and of one without it."""
    found = {}
    for name, records in {"all": RECORDS, "without": tuple(without_clinic())}.items():
        with opened_copy(sqlite_template) as register:
            keep(register, *records)
            found[name] = answers(make_producer(register, care_managers=COORDINATED), {})
    return found


@pytest.mark.parametrize("hidden", [str(CLINIC.hsa_id), str(lower(CLINIC.hsa_id)), str(PRIVATE.hsa_id)])
@pytest.mark.parametrize(
    ("headers", "hides"),
    [
        ({ORIGINAL: CONSUMER}, True),
        ({ORIGINAL: CONSUMER.upper()}, True),
        ({ON_BEHALF_OF: CONSUMER}, True),
        ({ORIGINAL: OTHER, ON_BEHALF_OF: CONSUMER}, True),
        ({ORIGINAL: OTHER}, False),
        ({}, False),
    ],
    ids=["consumer", "letter case", "on behalf of", "both headers", "another consumer", "no header"],
)
def test_as_if_the_units_did_not_exist(
    sqlite_register: Register,
    expected: Expected,
    hidden: str,
    headers: dict[str, str],
    hides: bool,
) -> None:
    """A listing, doctor, contact, team and choice at them; the rest is as it would be without."""
    keep(sqlite_register, *RECORDS)
    app = make_producer(
        sqlite_register, care_managers=COORDINATED, access={"hidden_units": {CONSUMER: [hidden], OTHER: []}}
    )
    # S002-007: each consumer sees all units but those set as hidden from it
    assert answers(app, headers) == expected["without" if hides else "all"]


def test_the_two_registers_differ_in_every_contract(expected: Expected) -> None:
    same = [name for name, told in expected["all"].items() if told == expected["without"][name]]
    assert same == ["GetListingCounty"]  # the resident is listed in the county still, at the centre


def test_a_listing_at_a_hidden_unit_is_no_county(sqlite_register: Register) -> None:
    keep(sqlite_register, PROVIDER, PRIVATE, CLINIC, *residents(ANNA), listing("L1", ANNA, CLINIC))
    app = make_producer(sqlite_register, access={"hidden_units": {CONSUMER: [str(CLINIC.hsa_id)]}})
    address, parts = ASKED["GetListingCounty"]
    for headers, counties in (({}, 1), ({ORIGINAL: CONSUMER}, 0)):
        answer = ask(app, "GetListingCounty", *parts, address=address, headers=headers)
        assert len(answer.findall("{*}listingCounties")) == counties, etree.tostring(answer)


def test_a_working_unit_alone_is_hidden(sqlite_register: Register) -> None:
    """Its care unit and the contacts there are not."""
    keep(sqlite_register, *RECORDS)
    app = make_producer(sqlite_register, access={"hidden_units": {CONSUMER: [str(BRANCH.hsa_id)]}})
    answer = "\n".join(answers(app, {ORIGINAL: CONSUMER})["GetListing"])
    assert str(CLINIC.hsa_id) in answer
    assert str(DORA.hsa_id) not in answer
    assert str(DISA.hsa_id) in answer
