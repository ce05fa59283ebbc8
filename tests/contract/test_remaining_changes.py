"""GetListing: how many of the yearly re-listings are left (carelisting TKB 2.1, contradiction C6)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.codes import PV
from register.database import Register
from register.model import Resident
from tests.asking import get_listing, values
from tests.databases import keep
from tests.producers import make_producer
from tests.records import (
    ANNA,
    BO,
    CLARA,
    COUNTY,
    NOW,
    OTHER_COUNTY,
    PROVIDER,
    REGION_TYPE,
    listing,
    note,
    place,
    residents,
    unit,
)

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
CLINIC = unit("clinic")
REGIONAL = {"code": REGION_TYPE[0], "code_system": REGION_TYPE[1]}


def remaining(sqlite_register: Register, now: datetime = NOW, **settings: Any) -> list[str]:
    return values(
        get_listing(make_producer(sqlite_register, now=now, **settings)), "listings/remainingChanges"
    )


@pytest.mark.parametrize(
    ("now", "began", "counts"),
    [
        (NOW, datetime(2025, 3, 10, 12, 0), False),
        (NOW, datetime(2025, 3, 10, 12, 0, 1), True),
        (NOW, NOW, True),
        (datetime(2028, 2, 29, 8, 0), datetime(2027, 2, 28, 8, 0), False),
        (datetime(2028, 2, 29, 8, 0), datetime(2027, 2, 28, 8, 0, 1), True),
        (datetime(2029, 2, 28, 8, 0), datetime(2028, 2, 28, 8, 0), False),
        (datetime(2029, 2, 28, 8, 0), datetime(2028, 2, 29, 7, 0), True),
        (datetime(2029, 3, 1, 0, 0), datetime(2028, 2, 29, 23, 59, 59), False),
    ],
)
def test_the_last_12_months_to_the_second(
    sqlite_register: Register, now: datetime, began: datetime, counts: bool
) -> None:
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        *residents(ANNA),
        listing("L1", ANNA, CLINIC, valid_from=began, counts_as_change=True),
    )
    assert remaining(sqlite_register, now) == ["2" if counts else "3"]


def test_what_uses_up_a_change(sqlite_register: Register) -> None:
    """Listings of the type anywhere, ended ones too; not what is to come, nor of another type or person."""
    counted: dict[str, Any] = {"valid_from": NOW - 30 * DAY, "counts_as_change": True}
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        *residents(ANNA, BO),
        listing("now", ANNA, CLINIC),
        listing("ended", ANNA, CLINIC, valid_to=NOW - 20 * DAY, **counted),
        note("elsewhere", ANNA, valid_to=NOW - 10 * DAY, **counted),
        listing("no change", ANNA, CLINIC, valid_from=NOW - 9 * DAY, valid_to=NOW - DAY),
        note("no change elsewhere", ANNA, valid_from=NOW - 9 * DAY, valid_to=NOW - DAY),
        listing("to come", ANNA, CLINIC, valid_from=NOW + SECOND, counts_as_change=True),
        note("to come elsewhere", ANNA, valid_from=NOW + SECOND, counts_as_change=True),
        listing("other type", ANNA, CLINIC, valid_to=NOW - DAY, **counted, **REGIONAL),
        note("other code system", ANNA, valid_to=NOW - DAY, code=PV.code, code_system="1.2.3", **counted),
        listing("other person", BO, CLINIC, **counted),
    )
    assert remaining(sqlite_register) == ["1"]


@pytest.mark.parametrize(
    ("allowed", "left"), [({}, "0"), ({"max_changes_per_year": 4}, "0"), ({"max_changes_per_year": 6}, "1")]
)
def test_never_below_zero(sqlite_register: Register, allowed: dict[str, int], left: str) -> None:
    """Three a year, unless the region says otherwise."""
    changes = [
        listing(
            f"L{day}", ANNA, CLINIC, valid_from=NOW - day * DAY, valid_to=NOW - DAY, counts_as_change=True
        )
        for day in range(10, 15)
    ]
    keep(sqlite_register, PROVIDER, CLINIC, *residents(ANNA), listing("now", ANNA, CLINIC), *changes)
    assert remaining(sqlite_register, regions={COUNTY: allowed}) == [left]


@pytest.mark.parametrize("home", [OTHER_COUNTY, None])
def test_only_the_home_region_knows(sqlite_register: Register, home: str | None) -> None:
    keep(sqlite_register, PROVIDER, CLINIC, Resident(ANNA, home), listing("L1", ANNA, CLINIC))
    assert remaining(sqlite_register) == []


def test_on_every_pv_entry_and_on_no_other(sqlite_register: Register) -> None:
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        *residents(ANNA, CLARA),
        listing("L1", ANNA, CLINIC),
        listing("L2", ANNA, CLINIC, **REGIONAL),
        place("Q1", ANNA, CLINIC),
        place("Q2", ANNA, CLINIC, **REGIONAL),
    )
    entries = get_listing(make_producer(sqlite_register)).findall("{*}listings")
    found = [(values(entry, "listingType/code"), values(entry, "remainingChanges")) for entry in entries]
    assert sorted(found) == [(["BVC"], [])] * 2 + [(["PV"], ["3"])] * 2
