"""Facilities of a county, the figures they show, and listing types (listings.facilities)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.codes import PV
from contracts.identifiers import HsaId
from listings.facilities import Facility, facilities_of, find_facility
from register.database import Register
from register.directory import listing_types
from register.model import ListingType, Resident, UnitListingType
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
    hsa,
    listing,
    lower,
    place,
    residents,
    unit,
    upper,
)

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


def found(
    register: Register, county: str = COUNTY, now: datetime = NOW, only: list[HsaId] | None = None
) -> list[Facility]:
    with register.reading() as connection:
        return facilities_of(connection, county, now, only=only)


def names(register: Register, **arguments: Any) -> list[str]:
    return [one.unit.name for one in found(register, **arguments)]


def test_only_listable_open_units_of_the_county(register: Register) -> None:
    keep(
        register,
        PROVIDER,
        unit("open", valid_from=TODAY, valid_to=TODAY),
        unit("closed", valid_to=TODAY - DAY),
        unit("later", valid_from=TODAY + DAY),
        unit("ward", listable=False),
        unit("elsewhere", county=OTHER_COUNTY),
    )
    assert names(register) == ["Open"]
    assert names(register, county=OTHER_COUNTY) == ["Elsewhere"]
    assert names(register, now=NOW - DAY) == ["Closed"]


def test_a_unit_comes_back_as_it_was_kept(register: Register) -> None:
    full = unit(
        "Centrum-1a",
        name="Vårdcentralen Ågatan",
        max_listings=100,
        offers_queue=True,
        estimated_wait_days=30,
        offers_choice_of_personnel=True,
        visiting_address="Ågatan 1",
        visiting_town="Göteborg",
        postal_address="Box 1",
        postal_code="40010",
        postal_town="Göteborg",
        valid_from=TODAY,
        valid_to=TODAY,
    )
    keep(register, PROVIDER, full)
    (one,) = found(register)
    assert repr(one.unit) == repr(replace(full, provider=upper(PROVIDER.hsa_id)))
    assert str(one.unit.hsa_id) == str(hsa("Centrum-1a"))


def test_order_is_by_code_point_of_name_then_hsa_id(register: Register) -> None:
    keep(
        register,
        PROVIDER,
        unit("4", name="Östra"),
        unit("3", name="Zenit"),
        unit("2", name="alfa"),
        unit("1a", name="Beta"),
        unit("1B", name="Beta"),
    )
    ids = [str(hsa(id)) for id in ("1B", "1a", "3", "2", "4")]
    assert [str(one.unit.hsa_id) for one in found(register)] == ids


@pytest.mark.parametrize(
    ("wanted", "names_found"),
    [
        ([lower(hsa("alfa"))], ["Alfa"]),
        ([upper(hsa("beta")), hsa("alfa"), hsa("beta")], ["Alfa", "Beta"]),
        ([hsa("nobody")], []),
        ([], []),
        ([hsa(f"nobody{number}") for number in range(70_000)] + [hsa("beta")], ["Beta"]),
        (None, ["Alfa", "Beta"]),
    ],
    ids=["other letter case", "twice", "unknown", "none", "more than a statement can hold", "no filter"],
)
def test_filter_by_hsa_id(register: Register, wanted: list[HsaId] | None, names_found: list[str]) -> None:
    keep(register, PROVIDER, unit("alfa"), unit("beta"))
    assert names(register, only=wanted) == names_found


def test_listed_counts_active_pv_listings_of_the_living(register: Register) -> None:
    alfa, beta = unit("alfa"), unit("beta")
    keep(
        register,
        PROVIDER,
        alfa,
        beta,
        *residents(ANNA, BO),
        Resident(CLARA, protected=True),
        Resident(DAN, deceased_on=TODAY - DAY),
        listing("1", ANNA, alfa),
        listing("2", ANNA, alfa, code=REGION_TYPE[0], code_system=REGION_TYPE[1]),
        listing("3", BO, alfa, valid_from=NOW, valid_to=NOW + MOMENT),
        listing("4", CLARA, alfa),
        listing("5", DAN, alfa),
        listing("6", BO, alfa, valid_from=LONG_AGO, valid_to=NOW),
        listing("7", BO, alfa, valid_from=NOW + MOMENT),
    )
    assert [one.listed for one in found(register)] == [3, 0]


def test_queue_length_counts_those_who_still_queue_for_pv_and_live(register: Register) -> None:
    alfa, beta = unit("alfa"), unit("beta")
    keep(
        register,
        PROVIDER,
        alfa,
        beta,
        *residents(ANNA, BO, CLARA),
        Resident(DAN, deceased_on=TODAY),
        place("1", ANNA, beta, queued_at=NOW),
        place("2", BO, beta),
        place("3", CLARA, beta, left_at=NOW),
        place("4", DAN, beta),
        place("5", CLARA, beta, queued_at=NOW + MOMENT),
        place("6", CLARA, beta, code=REGION_TYPE[0], code_system=REGION_TYPE[1]),
    )
    assert [one.queue_length for one in found(register)] == [0, 2]


def test_listing_types_of_a_facility_come_in_order_of_code(register: Register) -> None:
    alfa = unit("alfa")
    keep(
        register,
        PROVIDER,
        alfa,
        unit("beta"),
        UnitListingType(upper(alfa.hsa_id), PV.code, PV.system),
        UnitListingType(lower(alfa.hsa_id), *REGION_TYPE),
        UnitListingType(alfa.hsa_id, REGION_TYPE[0], "1.2.3"),
    )
    offered = ((REGION_TYPE[0], "1.2.3"), REGION_TYPE, (PV.code, PV.system))
    assert [one.listing_types for one in found(register)] == [offered, ()]


def test_one_facility(register: Register) -> None:
    keep(register, PROVIDER, unit("alfa"), unit("beta"), unit("ward", listable=False))
    with register.reading() as connection:
        one = find_facility(connection, lower(hsa("beta")), COUNTY, NOW)
        assert one is not None
        assert str(one.unit.hsa_id) == str(hsa("beta"))
        assert find_facility(connection, hsa("beta"), OTHER_COUNTY, NOW) is None
        assert find_facility(connection, hsa("ward"), COUNTY, NOW) is None


def test_listing_types_of_a_county(register: Register) -> None:
    regional = ListingType(COUNTY, *REGION_TYPE, "Barnavårdscentral")
    agreed = ListingType(COUNTY, "ABC", "1.2.3", "Gemensam", agreed_counties=("03", "01"))
    keep(register, regional, agreed, ListingType(OTHER_COUNTY, "XYZ", "1.2.3", "Annan"))
    with register.reading() as connection:
        assert listing_types(connection, COUNTY) == (replace(agreed, agreed_counties=("01", "03")), regional)
        assert listing_types(connection, "03") == ()
