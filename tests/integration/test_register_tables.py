"""What the tables refuse, whoever writes to them (register.tables)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from register.database import Register
from register.model import (
    ContactRoute,
    Employment,
    ListingType,
    OutOfCountyListing,
    Record,
    Resident,
    Team,
    UnitListingType,
)
from register.tables import contact_route
from tests import store
from tests.databases import keep
from tests.records import (
    ANNA,
    BO,
    COUNTY,
    LONG_AGO,
    OTHER_COUNTY,
    PROVIDER,
    REGION_TYPE,
    TODAY,
    contact,
    doctor,
    hsa,
    listing,
    lower,
    phone,
    place,
    residents,
    unit,
    upper,
    works_at,
)

DAY = timedelta(days=1)
ALFA, DORA = unit("alfa"), doctor("dora")
TEAM = Team("team", "1.2.3", "Laget", ALFA.hsa_id)
NOBODY = hsa("nobody")


@pytest.fixture
def region(register: Register) -> Register:
    """A register with one of each that records refer to."""
    keep(register, PROVIDER, ALFA, DORA, TEAM, *residents(ANNA))
    return register


def refused(register: Register, record: Record) -> None:
    with pytest.raises(IntegrityError), register.writing() as connection:
        store.upsert(connection, [record])


@pytest.mark.parametrize(
    "record",
    [
        unit("beta", valid_from=TODAY, valid_to=TODAY - DAY),
        works_at(DORA, ALFA, valid_from=TODAY, valid_to=TODAY - DAY),
        listing("1", ANNA, ALFA, valid_to=LONG_AGO - DAY),
        place("1", ANNA, ALFA, left_at=LONG_AGO - DAY),
        OutOfCountyListing("1", ANNA, OTHER_COUNTY, *REGION_TYPE, LONG_AGO, LONG_AGO - DAY),
        contact("1", ANNA, DORA, ALFA, valid_from=TODAY, valid_to=TODAY - DAY),
    ],
    ids=lambda record: type(record).__name__,
)
def test_a_period_that_ends_before_it_begins(region: Register, record: Record) -> None:
    refused(region, record)


@pytest.mark.parametrize("county", ["1", "014", "1a", "a1", "1 ", "", "１４"])
def test_a_county_is_two_digits(region: Register, county: str) -> None:
    refused(region, unit("beta", county=county))
    refused(region, Resident(BO, home_county=county))
    refused(region, ListingType(county, *REGION_TYPE, "Typ"))
    refused(region, ListingType(COUNTY, *REGION_TYPE, "Typ", agreed_counties=(county,)))
    refused(region, OutOfCountyListing("1", ANNA, county, *REGION_TYPE, LONG_AGO))


@pytest.mark.parametrize("number", [BO[2:], BO + "0", ""])
def test_a_person_id_is_twelve_characters(region: Register, number: str) -> None:
    refused(region, Resident(number))
    refused(region, Resident(BO, other_ids=(number,)))


@pytest.mark.parametrize(
    "record",
    [
        unit("beta", provider=NOBODY),
        unit("beta", care_unit=NOBODY),
        UnitListingType(NOBODY, *REGION_TYPE),
        replace(TEAM, id="other", unit=NOBODY),
        Employment(NOBODY, ALFA.hsa_id),
        Employment(DORA.hsa_id, NOBODY),
        listing("1", BO, ALFA),
        listing("1", ANNA, unit("nobody")),
        place("1", BO, ALFA),
        place("1", ANNA, unit("nobody")),
        OutOfCountyListing("1", BO, OTHER_COUNTY, *REGION_TYPE, LONG_AGO),
        contact("1", BO, DORA, ALFA),
        contact("1", ANNA, doctor("nobody"), ALFA),
        contact("1", ANNA, DORA, unit("nobody")),
        contact("1", ANNA, DORA, ALFA, team="nobody"),
        phone("1", unit=NOBODY),
        phone("1", staff=NOBODY, unit=ALFA.hsa_id),
        phone("1", team="nobody"),
        phone("1", provider=NOBODY),
    ],
)
def test_a_reference_to_nothing(region: Register, record: Record) -> None:
    refused(region, record)


OWNERS = {"staff": DORA.hsa_id, "unit": ALFA.hsa_id, "team": TEAM.id, "provider": PROVIDER.hsa_id}


@pytest.mark.parametrize(
    "owners",
    [
        (),
        ("staff",),
        ("staff", "team"),
        ("staff", "provider"),
        ("unit", "team"),
        ("unit", "provider"),
        ("team", "provider"),
        ("staff", "unit", "team"),
        ("staff", "unit", "provider"),
        ("unit", "team", "provider"),
        ("staff", "unit", "team", "provider"),
    ],
    ids="+".join,
)
def test_a_contact_route_without_exactly_one_owner(region: Register, owners: tuple[str, ...]) -> None:
    refused(region, phone("1", **{name: OWNERS[name] for name in owners}))


@pytest.mark.parametrize("owners", [("staff", "unit"), ("unit",), ("team",), ("provider",)], ids="+".join)
def test_a_contact_route_with_one_owner(region: Register, owners: tuple[str, ...]) -> None:
    keep(region, phone("1", **{name: OWNERS[name] for name in owners}))


def test_an_audience_outside_the_list(region: Register) -> None:
    values = {"id": "1", "system": "phone", "value": "010", "unit_key": upper(ALFA.hsa_id)}
    with pytest.raises(IntegrityError, match="audience"), region.writing() as connection:
        connection.execute(insert(contact_route), values | {"audience": "everybody"})


def test_boundaries_that_are_accepted(region: Register) -> None:
    keep(
        region,
        unit("beta", valid_from=TODAY, valid_to=TODAY),
        works_at(DORA, ALFA, valid_from=TODAY, valid_to=TODAY),
        listing("1", ANNA, ALFA, valid_to=LONG_AGO),
        place("1", ANNA, ALFA, left_at=LONG_AGO),
        contact("1", ANNA, DORA, ALFA, valid_from=date(2026, 1, 1), valid_to=date(2026, 1, 1)),
        ContactRoute("1", "phone", "010", unit=lower(ALFA.hsa_id)),
    )
