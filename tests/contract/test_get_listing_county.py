"""GetListingCounty 2.0: the counties of a resident's active listings, from the home region (facts 2.4)."""

from datetime import timedelta
from typing import Any

import pytest

from register.database import Register
from register.model import Record, Resident
from tests.asking import ask_ok, get_listing_county, outline, response
from tests.databases import keep
from tests.messages import actor, person
from tests.producers import make_producer
from tests.records import (
    ANNA,
    BO,
    COUNTY,
    LONG_AGO,
    NOW,
    OTHER_COUNTY,
    OTHER_ID,
    PROVIDER,
    REGION_TYPE,
    TODAY,
    listing,
    note,
    place,
    residents,
    unit,
)

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
AT_HOME = unit("clinic")
CLOSED = unit("closed", valid_to=TODAY - DAY)
FAR_AWAY = unit("faraway", county=OTHER_COUNTY)
REGIONAL: dict[str, Any] = {"code": REGION_TYPE[0], "code_system": REGION_TYPE[1]}
THIRD = "25"

SITUATIONS: dict[str, tuple[tuple[Record, ...], list[str]]] = {
    # The table of the facts, section 2.4
    "listed in the home region": ((listing("L", ANNA, AT_HOME),), [COUNTY]),
    "listed elsewhere": ((note("N", ANNA),), [OTHER_COUNTY]),
    "PV elsewhere and another type at home": (
        (listing("L", ANNA, AT_HOME, **REGIONAL), note("N", ANNA)),
        [COUNTY, OTHER_COUNTY],
    ),
    "not listed": ((), []),
    # What it does not say
    "two types at home": ((listing("L1", ANNA, AT_HOME), listing("L2", ANNA, AT_HOME, **REGIONAL)), [COUNTY]),
    "two other counties": ((note("N1", ANNA, THIRD), note("N2", ANNA, **REGIONAL)), [OTHER_COUNTY, THIRD]),
    "two types in another county": ((note("N1", ANNA), note("N2", ANNA, **REGIONAL)), [OTHER_COUNTY]),
    "a note about the home county itself": ((note("N", ANNA, COUNTY), listing("L", ANNA, AT_HOME)), [COUNTY]),
    "queuing at home": ((place("Q", ANNA, AT_HOME),), []),
    "ended a moment ago": (
        (listing("L", ANNA, AT_HOME, valid_to=NOW), note("N", ANNA, valid_to=NOW)),
        [],
    ),
    "ends in a second": (
        (listing("L", ANNA, AT_HOME, valid_to=NOW + SECOND), note("N", ANNA, valid_to=NOW + SECOND)),
        [COUNTY, OTHER_COUNTY],
    ),
    "begins in a second": (
        (listing("L", ANNA, AT_HOME, valid_from=NOW + SECOND), note("N", ANNA, valid_from=NOW + SECOND)),
        [],
    ),
    "begins now": (
        (listing("L", ANNA, AT_HOME, valid_from=NOW), note("N", ANNA, valid_from=NOW)),
        [COUNTY, OTHER_COUNTY],
    ),
    "listed at a closed facility": ((listing("L", ANNA, CLOSED),), []),
    "another resident is listed": ((listing("L", BO, AT_HOME), note("N", BO)), []),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_home_region(sqlite_register: Register, situation: str) -> None:
    records, counties = SITUATIONS[situation]
    keep(sqlite_register, PROVIDER, AT_HOME, CLOSED, *residents(ANNA, BO), *records)
    assert get_listing_county(make_producer(sqlite_register)) == counties


@pytest.mark.parametrize("home", [COUNTY, THIRD, None])
def test_a_region_that_is_not_home_answers_none(sqlite_register: Register, home: str | None) -> None:
    """It is the home region's duty to know; another one tells nothing, not even of itself."""
    keep(
        sqlite_register,
        PROVIDER,
        FAR_AWAY,
        Resident(ANNA, home),
        listing("L", ANNA, FAR_AWAY),
        note("N", ANNA, THIRD, valid_from=LONG_AGO),
    )
    assert get_listing_county(make_producer(sqlite_register), county=OTHER_COUNTY) == []


def test_a_listing_the_register_has_elsewhere_is_not_home_knowledge(sqlite_register: Register) -> None:
    """One installation serves both counties; each answers as if it stood alone."""
    keep(sqlite_register, PROVIDER, FAR_AWAY, *residents(ANNA), listing("L", ANNA, FAR_AWAY))
    assert get_listing_county(make_producer(sqlite_register)) == []


def test_a_coordination_number_and_a_linked_one(sqlite_register: Register) -> None:
    keep(
        sqlite_register,
        PROVIDER,
        AT_HOME,
        Resident(ANNA, COUNTY, other_ids=(OTHER_ID,)),
        listing("L", ANNA, AT_HOME),
    )
    assert get_listing_county(make_producer(sqlite_register), OTHER_ID) == [COUNTY]


def test_a_whole_answer(sqlite_register: Register) -> None:
    keep(sqlite_register, PROVIDER, AT_HOME, *residents(ANNA), listing("L", ANNA, AT_HOME))
    answer = ask_ok(make_producer(sqlite_register), "GetListingCounty", actor(), person("personId", ANNA))
    expected = """
    <listingCounties><c:root>1.2.752.129.2.2.1.18</c:root><c:extension>14</c:extension></listingCounties>
    <resultCode>OK</resultCode>
    """
    assert outline(answer) == outline(response("GetListingCounty", expected))
