"""Random registers, random requests: every answer is valid and shows what it must and nothing else.

What an answer shows is compared with what the records say it must (`tests.integration.oracle`). Beside that
the whole text of each answer is searched for the keys of records that it may not hold.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from contracts import oids
from contracts.codes import PV, ActorType
from contracts.identifiers import HsaId
from listings.settings import Visibility
from producer.wsgi import Producer
from register.database import Register
from register.model import Audience, Unit
from tests.asking import ask_ok, care_managers, get_listing, get_listing_county, values
from tests.databases import empty, keep, opened_copy
from tests.integration import oracle, oracle_of_contacts, reading
from tests.integration.oracle_of_contacts import Filters, Rules
from tests.integration.requesting import elements
from tests.integration.worlds import (
    AGREED,
    COUNTIES,
    LINKED_IDS,
    NATIONAL,
    OWN_IDS,
    TYPES,
    UNKNOWN,
    World,
    keys,
    worlds,
)
from tests.messages import actor, code, identity, person
from tests.producers import SOURCE_SYSTEM, make_producer
from tests.records import COUNTY, OTHER_COUNTY, REGION_TYPE, hsa, lower
from tests.strength import sized

EVERYBODY = (*OWN_IDS, *LINKED_IDS, UNKNOWN)
HIDING: dict[str, Any] = {
    "regions": {
        COUNTY: {
            "visibility": {"REGION": "own", "HEALTHCARE_ADVISER": "none", "PRIVATE_CAREGIVER": "all"},
            "personnel_for": "residents",
            "max_changes_per_year": 1,
        },
        OTHER_COUNTY: {},
    },
    "care_managers": {
        "source_system_id": SOURCE_SYSTEM,
        "staff_only_numbers": "omit",
        "max_care_contacts": 1,
        "lone_coordinator": "omit",
    },
}
"""Settings that hide what the defaults show."""


def examples(register: Register, number: int) -> settings:
    """Return how a test runs.

    PostgreSQL gets a few of the examples: the statements are the same there, and each takes longer.
    """
    return settings(max_examples=number if register.engine.dialect.name == "sqlite" else number // 5)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def one_register(request: pytest.FixtureRequest) -> Iterator[Register]:
    """A register that each example fills anew."""
    if request.param == "sqlite":
        with opened_copy(request.getfixturevalue("sqlite_template")) as register:
            yield register
    else:
        register = request.getfixturevalue("postgresql_register")
        yield register
        empty(register)


def producer(register: Register, world: World, hiding: bool, **settings: Any) -> Producer:
    """Fill the register with a world, and return a producer that answers from it."""
    empty(register)
    keep(register, *world.records())
    return make_producer(register, **(HIDING if hiding else {}), **settings)


def shows_only(answer: etree._Element, expected: Any) -> None:
    """Assert that no text of the answer is another record's than those expected."""
    assert keys(etree.tostring(answer, encoding="unicode")) <= keys(repr(expected))


ORGANISATIONS = [hsa(name) for name in ("P0a", "P1a", "U0a", "U1a", "u2A", "nobody")]
ACTORS = st.tuples(st.sampled_from(ActorType), st.sampled_from(ORGANISATIONS))
CODES = st.lists(st.sampled_from([NATIONAL, REGION_TYPE, AGREED, ("XYZ", "1.2.3")]), max_size=2)


def test_listings(one_register: Register) -> None:
    @examples(one_register, sized(quick=15, full=40))
    @given(world=worlds(), asker=ACTORS, hiding=st.booleans())
    def check(world: World, asker: tuple[ActorType, HsaId], hiding: bool) -> None:
        app = producer(one_register, world, hiding)
        actor_type, organisation = asker
        for county in COUNTIES:
            sees = visibility(actor_type, county, hiding)

            def may_see(at: Unit, sees: Visibility = sees) -> bool:
                owners = at.hsa_id, at.care_unit, at.provider, oracle.care_unit(world, at).provider
                own = organisation in owners
                return sees is Visibility.ALL or (sees is Visibility.OWN and own and not actor_type.is_person)

            allowed = 1 if hiding and county == COUNTY else 3
            for someone in EVERYBODY:
                by = actor(actor_type, someone if actor_type.is_person else organisation)
                answer = get_listing(app, someone, county=county, by=by)
                expected = oracle.listings(world, someone, county, allowed, may_see)
                assert [reading.listing(entry) for entry in answer.iterfind("{*}listings")] == expected
                shows_only(answer, expected)
                told = get_listing_county(app, someone, county=county, by=by)
                everything = sees is Visibility.ALL
                assert told == oracle.counties(world, someone, county, may_see, all_units=everything)

    check()


def visibility(actor_type: ActorType, county: str, hiding: bool) -> Visibility:
    """Return what the settings of this module let an actor see."""
    if hiding and county == COUNTY:
        set_here = {ActorType.REGION: Visibility.OWN, ActorType.HEALTHCARE_ADVISER: Visibility.NONE}
        return set_here.get(actor_type, Visibility.ALL)
    return Visibility.OWN if actor_type is ActorType.PRIVATE_CAREGIVER else Visibility.ALL


def test_facilities_types_and_personnel(one_register: Register) -> None:
    @examples(one_register, sized(quick=15, full=40))
    @given(
        world=worlds(),
        ids=st.lists(st.sampled_from([hsa(name) for name in ("U0a", "u1a", "U2A", "nobody")]), max_size=3),
        asked=CODES,
        someone=st.sampled_from(EVERYBODY),
        hiding=st.booleans(),
    )
    def check(
        world: World, ids: list[HsaId], asked: list[tuple[str, str]], someone: str, hiding: bool
    ) -> None:
        app = producer(one_register, world, hiding)
        filters = [code("listingTypes", *one) for one in asked]
        for county in COUNTIES:
            parts = [f"<healthcareFacilities>{one}</healthcareFacilities>" for one in ids]
            answer = ask_ok(app, "GetAvailableHealthcareFacilities", *parts, *filters, address=county)
            expected = oracle.facilities(world, county, ids, asked)
            assert [reading.facility(one) for one in answer.iterfind("{*}healthcareFacilities")] == expected
            shows_only(answer, expected)

            for home in COUNTIES:
                parts = [person("personId", someone), identity("homeCountyCode", oids.COUNTY, home)]
                answer = ask_ok(app, "GetListingTypes", *parts, address=county)
                own = [one for one in TYPES if one.county == county and one.code != PV.code]
                usable = [one for one in own if home == county or home in one.agreed_counties]
                told = [NATIONAL, *sorted((one.code, one.code_system) for one in usable)]
                found = [tuple(values(one, "*")) for one in answer.iterfind("{*}listingTypes")]
                assert found == [(*one, oracle.type_name(one, county)) for one in told]

            for at in world.units:
                parts = [f"<healthcareFacilityHSAId>{lower(at.hsa_id)}</healthcareFacilityHSAId>", *filters]
                parts = [person("personId", someone), *parts]
                answer = ask_ok(app, "GetAvailableHealthcarePersonnel", *parts, address=county)
                doctors = oracle.selectable(
                    world, someone, at, county, asked, residents_only=hiding and county == COUNTY
                )
                found = [reading.personnel(one) for one in answer.iterfind("{*}healthcarePersonnel")]
                assert found == doctors
                shows_only(answer, doctors)

    check()


FILTERS = st.builds(
    Filters,
    giver=st.sampled_from([None, hsa("P0a"), hsa("p1A")]),
    at=st.sampled_from([None, hsa("U0a"), hsa("u1A")]),
    types=st.sampled_from([(), ("1",), ("2",), ("2", "77")]),
    process=st.booleans(),
)


CONSUMER = str(hsa("portal"))
CALLER = {"x-rivta-original-serviceconsumer-hsaid": CONSUMER}
HIDDEN = st.sampled_from([(), (), (hsa("U0a"),), (hsa("u1A"), hsa("U3a")), (hsa("p0A"),)])
"""Organisations whose units the caller may not know of."""


def test_care_managers(one_register: Register) -> None:
    @examples(one_register, sized(quick=20, full=60))
    @given(world=worlds(), drawn=FILTERS, hiding=st.booleans(), hidden=HIDDEN)
    def check(world: World, drawn: Filters, hiding: bool, hidden: tuple[HsaId, ...]) -> None:
        app = producer(one_register, world, hiding, access={"hidden_units": {CONSUMER: [*map(str, hidden)]}})
        rules = Rules(hidden=hidden)
        if hiding:
            rules = replace(rules, staff_numbers=False, max_care_contacts=1, lone_coordinator=False)
        secret = [route.value for route in world.routes if route.audience is Audience.STAFF]
        for someone, asked in product(EVERYBODY, {Filters(), drawn}):
            found = care_managers(app, someone, *elements(asked), headers=CALLER)
            expected = oracle_of_contacts.care_managers(world, someone, asked, rules)
            assert [reading.care_manager(one) for one in found] == expected
            # Said once more in so many words.
            assert [value for one in found for value in values(one, "code/code")].count("2") <= 1
            for one in found:
                shows_only(one, expected)
                shown = {key for value in one.iterfind(".//{*}contact//{*}value") for key in keys(value.text)}
                assert not shown & keys("".join(secret))

    check()
