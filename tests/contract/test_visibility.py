"""GetListing and GetListingCounty: what each actor type is shown (carelisting IS flow 12)."""

from dataclasses import replace
from typing import Any

import pytest

from contracts.codes import ActorType
from contracts.identifiers import HsaId
from producer.wsgi import Producer
from register.database import Register
from register.model import CareProvider, Guardianship, Unit
from tests.asking import get_listing, get_listing_county, outline, values
from tests.databases import audit_rows, keep
from tests.messages import actor
from tests.producers import make_producer
from tests.records import (
    ANNA,
    BO,
    CLARA,
    COUNTY,
    OTHER_COUNTY,
    PROVIDER,
    hsa,
    listing,
    lower,
    note,
    place,
    residents,
    unit,
)

PRIVATE = CareProvider(HsaId("SE5560000000-private"), "Omtanke AB")
SUBCONTRACTOR = CareProvider(HsaId("SE5560000001-sub"), "Underleverantören AB")
CLINIC = unit("clinic", provider=PRIVATE.hsa_id)
BRANCH = unit("branch", provider=PRIVATE.hsa_id, care_unit=CLINIC.hsa_id)
CENTRE = unit("centre")

ALL = ([str(BRANCH.hsa_id), str(CENTRE.hsa_id)], [COUNTY, OTHER_COUNTY])
UNKNOWN = "191212121212"
"""A number that nobody in the register has."""

NONE: tuple[list[str], list[str]] = ([], [])


@pytest.fixture
def filled(sqlite_register: Register) -> Register:
    """A resident who is listed at a private branch, queues at a public centre and is listed elsewhere too."""
    keep(
        sqlite_register,
        PROVIDER,
        PRIVATE,
        CLINIC,
        BRANCH,
        CENTRE,
        *residents(ANNA),
        listing("L1", ANNA, BRANCH),
        place("Q1", ANNA, CENTRE),
        note("N1", ANNA),
    )
    return sqlite_register


def seen(app: Producer, by: str) -> tuple[list[str], list[str]]:
    """Return the facilities of GetListing and the counties of GetListingCounty."""
    listings = get_listing(app, by=by)
    return values(listings, "listings/healthcareFacility/id"), get_listing_county(app, by=by)


def named(actor_type: ActorType, organisation: HsaId) -> str:
    """Return an actor: a person by its own number, any other by the HSA-id."""
    return actor(actor_type) if actor_type.is_person else actor(actor_type, organisation)


@pytest.mark.parametrize("actor_type", [one for one in ActorType if one is not ActorType.PRIVATE_CAREGIVER])
def test_without_a_setting_organisations_but_private_caregivers_see_all(
    filled: Register, actor_type: ActorType
) -> None:
    assert seen(make_producer(filled), named(actor_type, hsa("somebody"))) == ALL


@pytest.mark.parametrize("settings", [{}, {"visibility": {"REGION": "all"}}], ids=["default", "others set"])
@pytest.mark.parametrize(
    ("organisation", "shown"),
    [
        (BRANCH.hsa_id, ([str(BRANCH.hsa_id)], [COUNTY])),
        (CLINIC.hsa_id, ([str(BRANCH.hsa_id)], [COUNTY])),
        (PRIVATE.hsa_id, ([str(BRANCH.hsa_id)], [COUNTY])),
        (lower(PRIVATE.hsa_id), ([str(BRANCH.hsa_id)], [COUNTY])),
        (CENTRE.hsa_id, ([str(CENTRE.hsa_id)], [])),
        (PROVIDER.hsa_id, ([str(CENTRE.hsa_id)], [])),
        (hsa("somebody"), NONE),
        (HsaId(f"{PRIVATE.hsa_id}x"), NONE),
    ],
)
def test_a_private_caregiver_sees_its_own(
    filled: Register, settings: dict[str, Any], organisation: HsaId, shown: tuple[list[str], list[str]]
) -> None:
    """Own as unit, care unit or care provider. The facility of a listing elsewhere is not known here."""
    app = make_producer(filled, regions={COUNTY: settings})
    # S000-018: a private provider sees the listings at its own units
    assert seen(app, actor("PRIVATE_CAREGIVER", organisation)) == shown


@pytest.mark.parametrize("organisation", [BRANCH, CLINIC, PRIVATE, SUBCONTRACTOR], ids=lambda one: one.name)
def test_a_working_unit_of_another_provider_is_its_care_units_too(
    filled: Register, organisation: Unit | CareProvider
) -> None:
    """It belongs to the provider of its care unit, as where units are hidden, and to its own."""
    keep(filled, SUBCONTRACTOR, replace(BRANCH, provider=SUBCONTRACTOR.hsa_id))
    by = actor("PRIVATE_CAREGIVER", organisation.hsa_id)
    assert seen(make_producer(filled), by) == ([str(BRANCH.hsa_id)], [COUNTY])


@pytest.mark.parametrize("actor_type", list(ActorType))
def test_every_actor_type_can_be_set(filled: Register, actor_type: ActorType) -> None:
    """Nobody is no reason for an error: nothing is shown and the answer is OK."""
    by = named(actor_type, BRANCH.hsa_id)
    own = ALL if actor_type.is_person else ([str(BRANCH.hsa_id)], [COUNTY])
    for setting, shown in (("all", ALL), ("own", own), ("none", NONE)):
        app = make_producer(filled, regions={COUNTY: {"visibility": {actor_type: setting}}})
        assert seen(app, by) == shown


PERSONS = [ActorType.CITIZEN, ActorType.GUARDIAN]


@pytest.mark.parametrize("setting", [None, "own", "all", "none"])
@pytest.mark.parametrize("actor_type", PERSONS)
def test_a_person_sees_its_own_and_its_wards(
    filled: Register, actor_type: ActorType, setting: str | None
) -> None:
    """And of others what is said of somebody unknown, whichever of the resident's numbers is asked about."""
    visibility = {} if setting is None else {"visibility": {actor_type: setting}}
    app = make_producer(filled, regions={COUNTY: visibility})
    keep(filled, *residents(BO, CLARA), Guardianship(ANNA, BO))
    allowed = BO if actor_type is ActorType.GUARDIAN else ANNA
    for asked_by in (ANNA, BO, CLARA):
        by = actor(actor_type, asked_by)
        own = setting in (None, "own") and asked_by == allowed
        answer = get_listing(app, by=by)
        assert seen(app, by) == (ALL if own or setting == "all" else NONE)
        if not own and setting != "all":
            assert outline(answer) == outline(get_listing(app, UNKNOWN, by=by))


def test_a_guardian_of_whom_nobody_knows_is_trusted(filled: Register) -> None:
    """As in CreateListing: many sources bring no guardians."""
    assert seen(make_producer(filled), actor("GUARDIAN", BO)) == ALL


def test_an_earlier_number_is_ones_own_too(filled: Register) -> None:
    earlier = "195709863084"
    (resident,) = residents(ANNA)
    keep(filled, replace(resident, other_ids=(earlier,)))
    app = make_producer(filled, identifiers={"check_digits": False})
    for asked_by, about in ((earlier, ANNA), (ANNA, earlier), (earlier, earlier)):
        found = get_listing(app, about, by=actor("CITIZEN", asked_by))
        assert values(found, "listings/healthcareFacility/id") == ALL[0]


def test_who_asks_about_another_is_in_the_audit(filled: Register) -> None:
    get_listing(make_producer(filled), by=actor("CITIZEN", BO))
    (row,) = audit_rows(filled)
    assert (row["person_id"], row["actor_id"], row["hits"]) == (ANNA, BO, 0)


def test_each_region_sets_its_own(filled: Register) -> None:
    far_away = unit("faraway", county=OTHER_COUNTY)
    keep(filled, far_away, listing("L2", ANNA, far_away, code="X", code_system="1.2.3"))
    hidden = {"visibility": {"REGION": "none"}}
    app = make_producer(filled, regions={COUNTY: {}, OTHER_COUNTY: hidden})
    by = actor("REGION", hsa("somebody"))
    assert values(get_listing(app, by=by), "listings/healthcareFacility/id") == ALL[0]
    assert values(get_listing(app, by=by, county=OTHER_COUNTY), "listings/healthcareFacility/id") == []
