"""Protected and deceased persons get the answer an unknown person gets, to the byte (rule 5)."""

from datetime import date
from typing import Any

import pytest

from register.database import Register
from register.model import Record, Resident
from tests.databases import keep
from tests.messages import actor, envelope, identity, path, person, request
from tests.producers import SOURCE_SYSTEM, make_producer
from tests.records import (
    ANNA,
    BO,
    CLARA,
    COUNTY,
    DAN,
    EVA,
    FINN,
    OTHER_ID,
    PROVIDER,
    REGION_TYPE,
    contact,
    doctor,
    listing,
    note,
    phone,
    place,
    unit,
    works_at,
)
from tests.soap import check_exchange
from tests.wsgi import Response, post

UNKNOWN, LIVING, PROTECTED, DECEASED, BOTH, LINKED = ANNA, BO, CLARA, DAN, EVA, FINN
CLINIC = unit("clinic", max_listings=1, offers_queue=True, offers_choice_of_personnel=True)
DORA = doctor("dahl")


def records(person_id: str) -> tuple[Record, ...]:
    """Return everything a register can hold about a resident."""
    regional = {"code": REGION_TYPE[0], "code_system": REGION_TYPE[1]}
    return (
        listing(f"L{person_id}", person_id, CLINIC, counts_as_change=True),
        place(f"Q{person_id}", person_id, CLINIC, **regional),
        note(f"N{person_id}", person_id, **regional),
        contact(f"F{person_id}", person_id, DORA, CLINIC),
        contact(f"G{person_id}", person_id, DORA, CLINIC, type_code="1", direct_number_visible=True),
    )


@pytest.fixture
def filled(sqlite_register: Register) -> Register:
    people = (
        Resident(LIVING, COUNTY),
        Resident(PROTECTED, COUNTY, protected=True, other_ids=(LINKED,)),
        Resident(DECEASED, COUNTY, deceased_on=date(2026, 3, 9), other_ids=(OTHER_ID,)),
        Resident(BOTH, COUNTY, protected=True, deceased_on=date(2026, 3, 10)),
    )
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        DORA,
        works_at(DORA, CLINIC),
        phone("1", unit=CLINIC.hsa_id),
        *people,
        *(record for one in people for record in records(one.person_id)),
    )
    return sqlite_register


def asked(contract: str, number: str) -> bytes:
    """Return a request about a person, the same for everybody but for the number."""
    who = person("patientId" if contract == "GetCareManagers" else "personId", number)
    parts = {
        "GetListing": (actor("REGION", PROVIDER.hsa_id), who),
        "GetListingCounty": (actor("REGION", PROVIDER.hsa_id), who),
        "GetListingTypes": (who, identity("homeCountyCode", "1.2.752.129.2.2.1.18", COUNTY)),
        "GetAvailableHealthcarePersonnel": (
            who,
            f"<healthcareFacilityHSAId>{CLINIC.hsa_id}</healthcareFacilityHSAId>",
        ),
        "GetCareManagers": (who,),
    }
    return envelope(
        request(contract, *parts[contract]), SOURCE_SYSTEM if contract == "GetCareManagers" else COUNTY
    )


def answer(register: Register, contract: str, number: str, settings: dict[str, Any]) -> Response:
    body = asked(contract, number)
    response = post(make_producer(register, regions={COUNTY: settings}), path(contract), body)
    check_exchange(body, response.body)
    return response


DEPENDS_ON_PERSON = {
    "GetListing": True,
    "GetListingCounty": True,
    "GetListingTypes": False,
    "GetAvailableHealthcarePersonnel": False,
    "GetCareManagers": True,
}


@pytest.mark.parametrize("contract", DEPENDS_ON_PERSON)
@pytest.mark.parametrize("choosers", ["everybody", "residents"])
def test_the_answer_an_unknown_person_gets(filled: Register, contract: str, choosers: str) -> None:
    """Whoever is hidden, by coordination number too."""
    settings = {"personnel_for": choosers}
    unknown = answer(filled, contract, UNKNOWN, settings)
    for number in (PROTECTED, LINKED, DECEASED, OTHER_ID, BOTH):
        # S000-007, S001-061: of a protected person the answer is the one about a stranger, to the byte
        assert answer(filled, contract, number, settings) == unknown
    # What was compared is not the same for everybody, where the contract tells something about a person.
    tells = DEPENDS_ON_PERSON[contract] or (
        contract == "GetAvailableHealthcarePersonnel" and choosers == "residents"
    )
    assert (answer(filled, contract, LIVING, settings) != unknown) == tells
