"""GetAvailableHealthcareFacilities 2.1: which ones, and what is told of each (carelisting facts 2.2)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from contracts.codes import PV
from contracts.identifiers import HsaId
from register.database import Register
from register.model import ListingType, Record, Resident, UnitListingType
from tests.asking import ask_ok, outline, response, values
from tests.databases import keep
from tests.messages import code
from tests.producers import make_producer
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
    hsa,
    listing,
    lower,
    place,
    residents,
    unit,
    upper,
)

DAY = timedelta(days=1)
CONTRACT = "GetAvailableHealthcareFacilities"
BVC, BVC_SYSTEM = REGION_TYPE
BARNAVARD = ListingType(COUNTY, BVC, BVC_SYSTEM, "Barnavårdscentral")

WHOLE = f"""
<healthcareFacilities>
  <c:id>{hsa("clinic")}</c:id>
  <c:name>Vårdcentralen "Ängö" &lt;nya&gt;</c:name>
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
  <c:supportsHealthcarePersonnel>true</c:supportsHealthcarePersonnel>
  <e:queueLength>1</e:queueLength>
  <e:estimatedWaitInQueue>30</e:estimatedWaitInQueue>
</healthcareFacilities>
<healthcareFacilities>
  <c:id>{hsa("small")}</c:id>
  <c:name>Öppenvården</c:name>
  <c:hasQueue>false</c:hasQueue>
  <c:supportsHealthcarePersonnel>false</c:supportsHealthcarePersonnel>
</healthcareFacilities>
<resultCode>OK</resultCode>
"""


def ids(parts: Sequence[str | HsaId]) -> str:
    return "".join(f"<healthcareFacilities>{id}</healthcareFacilities>" for id in parts)


def found(register: Register, *parts: str, county: str = COUNTY) -> list[str]:
    """Return the names of the facilities in the answer."""
    answer = ask_ok(make_producer(register), CONTRACT, *parts, address=county)
    return values(answer, "healthcareFacilities/name")


def test_a_whole_answer(sqlite_register: Register) -> None:
    """Several types per facility (contradiction C5); supportsHealthcarePersonnel is always sent (C7)."""
    clinic = unit(
        "clinic",
        name='Vårdcentralen "Ängö" <nya>',
        max_listings=1,
        offers_queue=True,
        estimated_wait_days=30,
        offers_choice_of_personnel=True,
    )
    keep(
        sqlite_register,
        PROVIDER,
        clinic,
        unit("small", name="Öppenvården", max_listings=10, offers_queue=True, estimated_wait_days=5),
        BARNAVARD,
        UnitListingType(clinic.hsa_id, PV.code, PV.system),
        UnitListingType(clinic.hsa_id, *REGION_TYPE),
        *residents(ANNA, BO),
        listing("L1", ANNA, clinic),
        place("Q1", BO, clinic),
    )
    answer = ask_ok(make_producer(sqlite_register), CONTRACT)
    assert outline(answer) == outline(response(CONTRACT, WHOLE))


@pytest.fixture
def three(sqlite_register: Register) -> Register:
    """Facilities for the filters: one without types, one with PV and a regional type, one with that alone."""
    both, children = unit("both"), unit("children")
    keep(
        sqlite_register,
        PROVIDER,
        BARNAVARD,
        unit("plain"),
        both,
        children,
        UnitListingType(both.hsa_id, PV.code, PV.system),
        UnitListingType(both.hsa_id, *REGION_TYPE),
        UnitListingType(children.hsa_id, *REGION_TYPE),
        unit("faraway", county=OTHER_COUNTY),
    )
    return sqlite_register


TYPE_FILTERS: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "none": ((), ["Both", "Children", "Plain"]),
    # A facility that lists no types offers primary care.
    "national": ((code("listingTypes", PV.code, PV.system),), ["Both", "Plain"]),
    "regional": ((code("listingTypes", BVC, BVC_SYSTEM),), ["Both", "Children"]),
    "both": (
        (code("listingTypes", PV.code, PV.system), code("listingTypes", BVC, BVC_SYSTEM)),
        ["Both", "Children", "Plain"],
    ),
    "a known and an unknown one": (  # suite 1.3.2
        (code("listingTypes", "XYZ", "1.2.3"), code("listingTypes", BVC, BVC_SYSTEM)),
        ["Both", "Children"],
    ),
    "unknown": ((code("listingTypes", "XYZ", "1.2.3"),), []),
    "code of another system": ((code("listingTypes", PV.code, BVC_SYSTEM),), []),
    "another letter case": ((code("listingTypes", "pv", PV.system),), []),
    "leading blanks": ((code("listingTypes", " PV", f" {PV.system}"),), ["Both", "Plain"]),  # C22
    "a name that says otherwise": (
        (
            f"<listingTypes><c:code>{BVC}</c:code><c:codeSystem>{BVC_SYSTEM}</c:codeSystem>"
            "<c:displayName>Primärvårdslistning</c:displayName></listingTypes>",
        ),
        ["Both", "Children"],
    ),
}


@pytest.mark.parametrize("name", TYPE_FILTERS)
def test_types_are_compared_by_code_and_code_system(three: Register, name: str) -> None:
    asked, names = TYPE_FILTERS[name]
    assert found(three, *asked) == names


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ([hsa("plain")], ["Plain"]),
        ([hsa("plain"), hsa("both"), hsa("plain")], ["Both", "Plain"]),
        ([lower(hsa("plain"))], ["Plain"]),
        ([upper(hsa("plain"))], ["Plain"]),
        ([f" {hsa('plain')} "], ["Plain"]),
        ([hsa("plain"), hsa("nobody")], ["Plain"]),
        ([hsa("nobody")], []),
        ([f"{hsa('plain')}x"], []),
        ([hsa("faraway")], []),
        (["no HSA-id at all"], []),
        ([""], []),
    ],
)
def test_ids_are_compared_whatever_their_letter_case(
    three: Register, asked: list[str | HsaId], names: list[str]
) -> None:
    assert found(three, ids(asked)) == names


def test_both_filters_must_hold(three: Register) -> None:
    regional = code("listingTypes", BVC, BVC_SYSTEM)
    assert found(three, ids([hsa("plain"), hsa("both")]), regional) == ["Both"]
    assert found(three, ids([hsa("plain")]), regional) == []


@pytest.mark.parametrize("spelling", ["SE2321000131-AbC1", "se2321000131-abc1", "SE2321000131-ABC1"])
def test_ids_are_answered_as_the_source_spells_them(sqlite_register: Register, spelling: str) -> None:
    """The official suite compares letter by letter (facts 1.3)."""
    keep(sqlite_register, PROVIDER, unit("AbC1"))
    answer = ask_ok(make_producer(sqlite_register), CONTRACT, ids([spelling]))
    assert values(answer, "healthcareFacilities/id") == ["SE2321000131-AbC1"]


@pytest.mark.parametrize(
    "changes",
    [
        {"county": OTHER_COUNTY},
        {"listable": False},
        {"valid_to": TODAY - DAY},
        {"valid_from": TODAY + DAY},
    ],
    ids=["another county", "not listable", "closed", "not open yet"],
)
def test_what_is_not_offered(sqlite_register: Register, changes: dict[str, Any]) -> None:
    keep(sqlite_register, PROVIDER, unit("clinic", **changes), unit("open"))
    assert found(sqlite_register) == ["Open"]
    assert found(sqlite_register, ids([hsa("clinic"), hsa("open")])) == ["Open"]


Figures = tuple[str, list[str], list[str]]
FIGURES: dict[str, tuple[dict[str, Any], int, int, Figures]] = {
    # name: the facility, how many are listed and queuing; hasQueue, queueLength, estimatedWaitInQueue
    "no cap": ({"offers_queue": True, "estimated_wait_days": 9}, 2, 1, ("false", [], [])),
    "room": (
        {"max_listings": 3, "offers_queue": True, "estimated_wait_days": 9},
        2,
        1,
        ("false", [], []),
    ),
    "full with queue": (
        {"max_listings": 2, "offers_queue": True, "estimated_wait_days": 9},
        2,
        1,
        ("true", ["1"], ["9"]),
    ),
    "full, nobody queues": (
        {"max_listings": 2, "offers_queue": True, "estimated_wait_days": 0},
        2,
        0,
        ("true", ["0"], ["0"]),
    ),
    "full, wait not known": ({"max_listings": 2, "offers_queue": True}, 2, 1, ("true", ["1"], [])),
    "full without queue": ({"max_listings": 2, "estimated_wait_days": 9}, 2, 0, ("false", [], [])),
    "full, queue no longer offered": (
        {"max_listings": 2, "estimated_wait_days": 9},
        2,
        1,
        ("false", ["1"], []),
    ),
    "over the cap": ({"max_listings": 1, "offers_queue": True}, 2, 1, ("true", ["1"], [])),
    "takes nobody": ({"max_listings": 0, "offers_queue": True}, 0, 0, ("true", ["0"], [])),
}


@pytest.mark.parametrize("name", FIGURES)
def test_queue_figures(sqlite_register: Register, name: str) -> None:
    """A queue only when full and offered; its figures only when they say something."""
    changes, listed, queuing, figures = FIGURES[name]
    clinic = unit("clinic", **changes)
    people = (ANNA, BO, CLARA, DAN)
    keep(
        sqlite_register,
        PROVIDER,
        clinic,
        *residents(*people),
        *(listing(f"L{person}", person, clinic) for person in people[:listed]),
        *(place(f"Q{person}", person, clinic) for person in people[listed : listed + queuing]),
    )
    answer = ask_ok(make_producer(sqlite_register), CONTRACT)
    (has_queue,) = values(answer, "healthcareFacilities/hasQueue")
    length = values(answer, "healthcareFacilities/queueLength")
    wait = values(answer, "healthcareFacilities/estimatedWaitInQueue")
    assert (has_queue, length, wait) == figures


@pytest.mark.parametrize(
    ("records", "full"),
    [
        ((listing("L", ANNA, unit("clinic"), valid_to=NOW + DAY),), True),
        ((listing("L", ANNA, unit("clinic"), valid_to=NOW),), False),
        ((listing("L", ANNA, unit("clinic"), valid_from=NOW + DAY),), False),
        ((listing("L", BO, unit("clinic")),), False),
        ((place("Q", ANNA, unit("clinic")),), False),
    ],
    ids=["listed", "was listed", "will be listed", "deceased", "queuing"],
)
def test_only_active_listings_fill_a_facility(
    sqlite_register: Register, records: tuple[Record, ...], full: bool
) -> None:
    clinic = unit("clinic", max_listings=1, offers_queue=True)
    dead = Resident(BO, COUNTY, deceased_on=LONG_AGO.date())
    keep(sqlite_register, PROVIDER, clinic, *residents(ANNA), dead, *records)
    answer = ask_ok(make_producer(sqlite_register), CONTRACT)
    assert values(answer, "healthcareFacilities/hasQueue") == ["true" if full else "false"]
