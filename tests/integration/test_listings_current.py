"""A resident's listings, places in queues and re-listings (listings.current)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts.codes import PV
from listings.current import ListedAt, QueuedAt, listed_at, out_of_county, queued_at, relistings_since
from listings.facilities import facilities_of
from register.database import Register
from register.model import OutOfCountyListing, Resident, UnitListingType
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
    listing,
    place,
    residents,
    unit,
    upper,
)

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
CODE, SYSTEM = REGION_TYPE
ALFA, BETA = unit("alfa", max_listings=1, offers_queue=True), unit("beta")


@pytest.fixture
def region(register: Register) -> Register:
    keep(register, PROVIDER, ALFA, BETA, *residents(ANNA, BO, CLARA))
    return register


def listed(register: Register, person_id: str = ANNA, county: str = COUNTY) -> list[ListedAt]:
    with register.reading() as connection:
        return listed_at(connection, person_id, county, NOW)


def queued(register: Register, person_id: str = ANNA, county: str = COUNTY) -> list[QueuedAt]:
    with register.reading() as connection:
        return queued_at(connection, person_id, county, NOW)


def test_active_listings_oldest_first(region: Register) -> None:
    keep(
        region,
        listing("new", ANNA, ALFA, valid_from=NOW, valid_to=NOW + MOMENT, counts_as_change=True),
        listing("old", ANNA, BETA, code=CODE, code_system=SYSTEM),
        listing("old, too", ANNA, BETA, code="X", code_system=SYSTEM),
        listing("ended", ANNA, ALFA, valid_to=NOW),
        listing("not yet", ANNA, ALFA, valid_from=NOW + MOMENT),
        listing("somebody's", BO, ALFA),
    )
    found = listed(region)
    assert [one.listing.id for one in found] == ["old", "old, too", "new"]
    ends = {"valid_from": NOW, "valid_to": NOW + MOMENT, "counts_as_change": True}
    expected = replace(listing("new", ANNA, ALFA, **ends), unit=upper(ALFA.hsa_id))
    assert repr(found[2].listing) == repr(expected)  # by its text, letter case and all


def test_a_listing_shows_its_facility_with_figures(region: Register) -> None:
    keep(
        region,
        UnitListingType(ALFA.hsa_id, PV.code, PV.system),
        *(listing(person, person, ALFA) for person in (ANNA, BO)),
        place("1", CLARA, ALFA),
    )
    (one,) = listed(region)
    assert (one.facility.listed, one.facility.queue_length, one.facility.has_queue) == (2, 1, True)
    assert str(one.facility.unit.hsa_id) == str(ALFA.hsa_id)
    with region.reading() as connection:
        assert repr(one.facility) == repr(facilities_of(connection, COUNTY, NOW)[0])


def test_listings_of_the_county_at_open_units(region: Register) -> None:
    closed, elsewhere = unit("closed", valid_to=TODAY - DAY), unit("elsewhere", county=OTHER_COUNTY)
    last_day, ward = unit("last", valid_to=TODAY), unit("ward", listable=False)
    keep(
        region,
        *(closed, elsewhere, last_day, ward),
        *(listing(one.name, ANNA, one) for one in (closed, elsewhere, last_day, ward)),
    )
    assert [one.listing.id for one in listed(region)] == ["Last", "Ward"]
    assert [one.listing.id for one in listed(region, county=OTHER_COUNTY)] == ["Elsewhere"]
    assert listed(region, BO) == []


@pytest.mark.parametrize("flags", [{"protected": True}, {"deceased_on": TODAY}])
def test_whether_the_person_may_be_shown_is_not_decided_here(region: Register, flags: dict[str, Any]) -> None:
    keep(region, Resident(DAN, **flags), listing("1", DAN, ALFA), place("1", DAN, ALFA))
    assert len(listed(region, DAN)) == 1
    assert len(queued(region, DAN)) == 1


def test_position_is_the_rank_among_all_who_queue_at_the_unit_for_the_type(region: Register) -> None:
    keep(
        region,
        Resident(DAN, deceased_on=TODAY),
        place("dead", DAN, ALFA, queued_at=LONG_AGO),
        place("gone", CLARA, ALFA, queued_at=LONG_AGO, left_at=NOW),
        place("elsewhere", BO, BETA, queued_at=LONG_AGO),
        place("first", BO, ALFA, queued_at=LONG_AGO + DAY, code=CODE, code_system=SYSTEM),
        place("b", ANNA, ALFA, queued_at=LONG_AGO + 2 * DAY, estimated_wait_days=7),
        place("a", CLARA, ALFA, queued_at=LONG_AGO + 2 * DAY),
        place("last", BO, ALFA, queued_at=NOW, left_at=NOW + MOMENT),
        place("not yet", CLARA, ALFA, queued_at=NOW + MOMENT),
    )
    (anna,) = queued(region, ANNA)
    assert (anna.place.id, anna.position, anna.place.estimated_wait_days) == ("b", 2, 7)
    assert anna.facility.queue_length == 3
    assert [(one.place.id, one.position) for one in queued(region, CLARA)] == [("a", 1)]
    assert [(one.place.id, one.position) for one in queued(region, BO)] == [
        ("elsewhere", 1),
        ("first", 1),
        ("last", 3),
    ]


def test_queues_of_the_county_at_open_units(region: Register) -> None:
    closed, elsewhere = unit("closed", valid_to=TODAY - DAY), unit("elsewhere", county=OTHER_COUNTY)
    keep(region, closed, elsewhere, place("1", ANNA, closed), place("2", ANNA, elsewhere))
    assert queued(region) == []
    assert [one.place.id for one in queued(region, county=OTHER_COUNTY)] == ["2"]


def test_listed_at_one_unit_and_queuing_at_another(region: Register) -> None:
    keep(region, listing("1", ANNA, ALFA), place("1", ANNA, BETA))
    assert [one.facility.unit.name for one in listed(region)] == ["Alfa"]
    assert [one.facility.unit.name for one in queued(region)] == ["Beta"]


def note(id: str, person_id: str = ANNA, /, **values: Any) -> OutOfCountyListing:
    defaults: dict[str, Any] = {"code": PV.code, "code_system": PV.system, "valid_from": LONG_AGO}
    return OutOfCountyListing(id, person_id, OTHER_COUNTY, **(defaults | values))


def test_active_notes_of_listings_in_other_counties(region: Register) -> None:
    keep(
        region,
        note("new", valid_from=NOW, counts_as_change=True),
        note("old", code=CODE, code_system=SYSTEM, valid_to=NOW + MOMENT),
        note("ended", valid_to=NOW),
        note("not yet", valid_from=NOW + MOMENT),
        note("somebody's", BO),
    )
    with region.reading() as connection:
        assert out_of_county(connection, ANNA, NOW) == [
            note("old", code=CODE, code_system=SYSTEM, valid_to=NOW + MOMENT),
            note("new", valid_from=NOW, counts_as_change=True),
        ]
        assert out_of_county(connection, CLARA, NOW) == []


def test_changes_since_counts_re_listings_here_and_elsewhere(region: Register) -> None:
    since = NOW - 365 * DAY
    change: dict[str, Any] = {"counts_as_change": True}
    keep(
        region,
        listing("on the moment", ANNA, ALFA, valid_from=since, **change),
        listing("just after", ANNA, ALFA, valid_from=since + MOMENT, valid_to=since + DAY, **change),
        listing("not counted", ANNA, ALFA, valid_from=since + DAY),
        listing("now", ANNA, ALFA, valid_from=NOW, **change),
        listing("to come", ANNA, ALFA, valid_from=NOW + MOMENT, **change),
        listing("other type", ANNA, ALFA, valid_from=NOW, code=CODE, **change),
        listing("other system", ANNA, ALFA, valid_from=NOW, code_system=SYSTEM, **change),
        listing("somebody's", BO, ALFA, valid_from=NOW, **change),
        note("on the moment", valid_from=since, **change),
        note("just after", valid_from=since + MOMENT, **change),
        note("not counted", valid_from=NOW),
        note("to come", valid_from=NOW + MOMENT, **change),
        note("somebody's", BO, valid_from=NOW, **change),
    )
    with region.reading() as connection:
        assert relistings_since(connection, ANNA, PV.key, since, NOW) == 3
        assert relistings_since(connection, ANNA, (CODE, PV.system), since, NOW) == 1
        assert relistings_since(connection, BO, PV.key, since, NOW) == 2
        assert relistings_since(connection, CLARA, PV.key, since, NOW) == 0
