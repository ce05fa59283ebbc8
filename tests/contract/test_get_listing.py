"""GetListing 2.1: which listings and queue places are shown, and what of each (carelisting facts 2.5)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.codes import PV
from register.database import Register
from register.model import ListingType, Resident, UnitListingType
from tests.asking import ask, get_listing, outline, response, result, values
from tests.databases import keep
from tests.messages import actor, identity, person
from tests.producers import make_producer
from tests.records import (
    ANNA,
    BO,
    CLARA,
    COUNTY,
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
    place,
    residents,
    unit,
    works_at,
)

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
CLINIC, CENTRE = unit("clinic"), unit("centre")
FAR_AWAY = unit("faraway", county=OTHER_COUNTY)
DORA = doctor("dahl")
BVC = ListingType(COUNTY, *REGION_TYPE, display_name="Barnavårdscentral")
REGIONAL = {"code": BVC.code, "code_system": BVC.code_system}

WHOLE = f"""
<listings>
  <c:validFromDate>2024-07-01T00:00:00</c:validFromDate>
  <c:validToDate>2026-12-31T23:59:59</c:validToDate>
  <c:listingType>
    <c:code>PV</c:code>
    <c:codeSystem>1.2.752.129.5.1.27</c:codeSystem>
    <c:displayName>Primärvårdslistning</c:displayName>
  </c:listingType>
  <c:healthcareFacility>
    <c:id>{hsa("clinic")}</c:id>
    <c:name>Vårdcentralen Ängö &amp; Öja</c:name>
    <c:hasQueue>false</c:hasQueue>
    <c:supportsHealthcarePersonnel>true</c:supportsHealthcarePersonnel>
  </c:healthcareFacility>
  <c:healthcarePersonnel>
    <c:id>{hsa("dahl")}</c:id>
    <c:name>Dora Åsa Dahl</c:name>
    <c:title>Distriktsläkare</c:title>
  </c:healthcarePersonnel>
  <c:isInQueue>false</c:isInQueue>
  <e:remainingChanges>2</e:remainingChanges>
</listings>
<listings>
  <c:listingType>
    <c:code>BVC</c:code>
    <c:codeSystem>1.2.752.113.11.0.2.1.1</c:codeSystem>
    <c:displayName>Barnavårdscentral</c:displayName>
  </c:listingType>
  <c:healthcareFacility>
    <c:id>{hsa("centre")}</c:id>
    <c:name>Centre</c:name>
    <c:hasQueue>true</c:hasQueue>
    <c:supportedListingTypes>
      <c:code>BVC</c:code>
      <c:codeSystem>1.2.752.113.11.0.2.1.1</c:codeSystem>
      <c:displayName>Barnavårdscentral</c:displayName>
    </c:supportedListingTypes>
    <c:supportedListingTypes>
      <c:code>PV</c:code>
      <c:codeSystem>1.2.752.129.5.1.27</c:codeSystem>
      <c:displayName>Primärvårdslistning</c:displayName>
    </c:supportedListingTypes>
    <c:supportsHealthcarePersonnel>false</c:supportsHealthcarePersonnel>
    <e:queueLength>1</e:queueLength>
    <e:estimatedWaitInQueue>90</e:estimatedWaitInQueue>
  </c:healthcareFacility>
  <c:isInQueue>true</c:isInQueue>
  <e:queuePosition>2</e:queuePosition>
  <e:estimatedWaitInQueue>45</e:estimatedWaitInQueue>
</listings>
<resultCode>OK</resultCode>
"""


def test_a_whole_answer(sqlite_register: Register) -> None:
    """Listed at one facility and queuing at another (IS flow 6), all each can have.

    The facility's queue is the one for PV, which its cap is for; the position is in the queue for the type.
    """
    clinic = replace(CLINIC, name="Vårdcentralen Ängö & Öja", offers_choice_of_personnel=True)
    centre = replace(CENTRE, max_listings=0, offers_queue=True, estimated_wait_days=90)
    dora = replace(DORA, middle_name="Åsa", title="Distriktsläkare")
    keep(
        sqlite_register,
        PROVIDER,
        clinic,
        centre,
        BVC,
        UnitListingType(centre.hsa_id, *REGION_TYPE),
        UnitListingType(centre.hsa_id, *PV.key),
        dora,
        works_at(dora, clinic),
        *residents(ANNA, BO),
        listing(
            "L1",
            ANNA,
            clinic,
            valid_from=datetime(2024, 7, 1),
            valid_to=datetime(2026, 12, 31, 23, 59, 59),
        ),
        # Used up a re-listing of this year although it ended; not shown itself.
        listing("L2", ANNA, clinic, valid_from=NOW - 9 * DAY, valid_to=NOW - DAY, counts_as_change=True),
        contact("F1", ANNA, dora, clinic),
        place("Q1", BO, centre, **REGIONAL),
        place("Q0", BO, centre),
        place("Q2", ANNA, centre, queued_at=NOW - DAY, estimated_wait_days=45, **REGIONAL),
    )
    answer = get_listing(make_producer(sqlite_register))
    # S000-008: the unit that the resident has chosen, by id and name
    # S001-010: the doctor's name beside it
    assert outline(answer) == outline(response("GetListing", WHOLE))


@pytest.mark.parametrize(
    ("period", "shown"),
    [
        ((NOW, None), True),
        ((NOW + SECOND, None), False),
        ((NOW - DAY, NOW + SECOND), True),
        ((NOW - DAY, NOW), False),
        ((NOW - DAY, NOW - SECOND), False),
        ((NOW + DAY, NOW + 2 * DAY), False),
    ],
    ids=["begins now", "begins in a second", "ends in a second", "ends now", "has ended", "will begin"],
)
def test_only_what_is_active_now(
    sqlite_register: Register, period: tuple[datetime, datetime | None], shown: bool
) -> None:
    """History stays in the register."""
    begins, ends = period
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        CENTRE,
        *residents(ANNA),
        listing("L1", ANNA, CLINIC, valid_from=begins, valid_to=ends),
        place("Q1", ANNA, CENTRE, queued_at=begins, left_at=ends),
    )
    found = values(get_listing(make_producer(sqlite_register)), "listings/healthcareFacility/id")
    # S000-009: an ended listing is history, and never answered
    assert found == ([str(CLINIC.hsa_id), str(CENTRE.hsa_id)] if shown else [])


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"valid_to": TODAY}, True),
        ({"valid_to": TODAY - DAY}, False),
        ({"valid_from": TODAY}, True),
        ({"valid_from": TODAY + DAY}, False),
        ({"listable": False}, True),
        ({"county": OTHER_COUNTY}, False),
    ],
    ids=["last day", "closed", "first day", "not open yet", "takes no new listings", "other county"],
)
def test_only_at_open_units_of_the_county(
    sqlite_register: Register, changes: dict[str, Any], shown: bool
) -> None:
    at = unit("clinic", **changes)
    keep(
        sqlite_register,
        PROVIDER,
        at,
        *residents(ANNA),
        listing("L1", ANNA, at),
        place("Q1", ANNA, at, **REGIONAL),
    )
    found = values(get_listing(make_producer(sqlite_register)), "listings/healthcareFacility/id")
    assert found == ([str(at.hsa_id)] * 2 if shown else [])


def test_each_county_answers_for_its_own_facilities(sqlite_register: Register) -> None:
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        FAR_AWAY,
        *residents(ANNA),
        listing("L1", ANNA, CLINIC),
        listing("L2", ANNA, FAR_AWAY, **REGIONAL),
    )
    app = make_producer(sqlite_register)
    for county, at in ((COUNTY, CLINIC), (OTHER_COUNTY, FAR_AWAY)):
        answer = get_listing(app, county=county)
        assert values(answer, "listings/healthcareFacility/id") == [str(at.hsa_id)]


def test_others_are_not_shown(sqlite_register: Register) -> None:
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        *residents(ANNA, BO),
        listing("L1", BO, CLINIC),
        place("Q1", BO, CLINIC, **REGIONAL),
    )
    app = make_producer(sqlite_register)
    assert values(get_listing(app), "listings/healthcareFacility/id") == []
    assert values(get_listing(app, CLARA), "listings/healthcareFacility/id") == []


def test_queue_position_counts_those_who_queue_now(sqlite_register: Register) -> None:
    """The wait is left out where it is not known."""
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        *residents(ANNA, BO, CLARA),
        Resident(OTHER_ID, COUNTY, deceased_on=TODAY - DAY),
        place("left", BO, CLINIC, left_at=NOW - DAY),
        place("died", OTHER_ID, CLINIC),
        place("first", CLARA, CLINIC, queued_at=LONG_AGO + DAY),
        place("mine", ANNA, CLINIC, queued_at=LONG_AGO + 2 * DAY),
        place("after", BO, CLINIC, queued_at=LONG_AGO + 3 * DAY),
    )
    answer = get_listing(make_producer(sqlite_register))
    assert values(answer, "listings/isInQueue") == ["true"]
    assert values(answer, "listings/queuePosition") == ["2"]
    for left_out in ("estimatedWaitInQueue", "validFromDate", "validToDate", "healthcarePersonnel"):
        assert values(answer, f"listings/{left_out}") == []


@pytest.mark.parametrize(
    ("listed_as", "name"),
    [
        ((PV.code, PV.system), "Primärvårdslistning"),
        (REGION_TYPE, "Barnavårdscentral"),
        (("MVC", BVC.code_system), "MVC"),  # no longer among the region's types
        (("BVC", "1.2.3"), "BVC"),
    ],
)
def test_display_name_is_always_there(
    sqlite_register: Register, listed_as: tuple[str, str], name: str
) -> None:
    """Contradiction C9. PV has its national name, whatever the region calls it."""
    code, code_system = listed_as
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        BVC,
        ListingType(COUNTY, PV.code, PV.system, "Hälsoval"),
        ListingType(OTHER_COUNTY, "MVC", BVC.code_system, "Mödravård hos grannen"),
        *residents(ANNA),
        listing("L1", ANNA, CLINIC, code=code, code_system=code_system),
    )
    answer = get_listing(make_producer(sqlite_register))
    assert values(answer, "listings/listingType/displayName") == [name]
    assert values(answer, "listings/listingType/codeSystem") == [code_system]


def test_a_person_is_found_by_every_number(sqlite_register: Register) -> None:
    """Coordination numbers are allowed (contradiction C8), as one's own number and as an earlier one."""
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        CENTRE,
        Resident(ANNA, COUNTY, other_ids=(OTHER_ID, BO)),
        Resident("197010632391", COUNTY),
        Resident(CLARA, COUNTY, other_ids=(BO,)),
        listing("L1", ANNA, CLINIC),
        listing("L2", "197010632391", CENTRE),
        listing("L3", CLARA, CENTRE),
    )
    app = make_producer(sqlite_register)
    for number, at in ((ANNA, CLINIC), (OTHER_ID, CLINIC), ("197010632391", CENTRE)):
        assert values(get_listing(app, number), "listings/healthcareFacility/id") == [str(at.hsa_id)]
    # Claimed by two residents: nobody's.
    assert values(get_listing(app, BO), "listings/healthcareFacility/id") == []


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ((actor(), person("personId", "98240301AA06")), "personnumret"),
        ((actor(), identity("personId", "1.2.752.129.2.1.3.3", ANNA)), "personnumret"),
        (
            (actor("REGION", hsa("x")), "<personId><c:root>1.2.752.129.2.1.3.1</c:root></personId>"),
            "personnumret",
        ),
        ((actor("CITIZEN", "98240301AA06"), person("personId", ANNA)), "vem som ställer"),
    ],
    ids=["reserve number", "series of another kind", "no extension", "actor with a reserve number"],
)
def test_identities_the_contract_does_not_allow(
    sqlite_register: Register, asked: tuple[str, ...], told: str
) -> None:
    """ERROR with a text a resident can read, and no number in it (contradictions C8 and C10)."""
    answer = ask(make_producer(sqlite_register), "GetListing", *asked)
    code, text = result(answer)
    assert code == "ERROR"
    assert text is not None
    assert told in text
    assert ANNA not in text
    assert "AA06" not in text
