"""Writing records and the checks before (register.store)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from register import store
from register.database import Register
from register.model import (
    Audience,
    CareProvider,
    Guardianship,
    ListingType,
    OutOfCountyListing,
    Record,
    Resident,
    Team,
    UnitListingType,
)
from register.queries import find_resident, listing_types
from register.rows import TABLES, columns, record, row
from register.store import Counts
from tests.databases import keep
from tests.records import (
    ANNA,
    BO,
    CLARA,
    COUNTY,
    DAN,
    EVA,
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
    phone,
    place,
    residents,
    unit,
    works_at,
)

DAY = timedelta(days=1)
ALFA, DORA = unit("alfa"), doctor("dora")
WARD = unit("ward", care_unit=ALFA.hsa_id.upper(), listable=False)
TEAM = Team("team", "1.2.3", "Laget", ALFA.hsa_id.lower())
NEW_TEAM = Team("new", "1.2.3", "Nya laget", ALFA.hsa_id)
NOTE = OutOfCountyListing("1", ANNA, OTHER_COUNTY, *REGION_TYPE, LONG_AGO)
REGION: tuple[Record, ...] = (PROVIDER, ALFA, WARD, DORA, TEAM, *residents(ANNA))


def upsert(register: Register, *records: Record) -> Counts:
    with register.writing() as connection:
        return store.upsert(connection, records)


CHANGES: list[tuple[Record, Record]] = [
    (CareProvider(hsa("new"), "Ny"), CareProvider(hsa("new"), "Ny", "2321000131")),
    (unit("new"), unit("new", max_listings=10, valid_from=TODAY, care_unit=ALFA.hsa_id)),
    (doctor("new"), doctor("new", title="Distriktsläkare", protected=True)),
    (NEW_TEAM, replace(NEW_TEAM, internal_notes="Ring först")),
    (Resident(BO, COUNTY), Resident(BO, OTHER_COUNTY, True, TODAY)),
    (works_at(DORA, ALFA), works_at(DORA, ALFA, paused=True, max_patients=0, valid_to=TODAY)),
    (ListingType(COUNTY, *REGION_TYPE, "Typ"), ListingType(COUNTY, *REGION_TYPE, "Typen")),
    (Guardianship(ANNA, BO), Guardianship(ANNA, BO, consents=True)),
    (listing("1", ANNA, ALFA), listing("1", ANNA, WARD, valid_to=NOW, counts_as_change=True)),
    (place("1", ANNA, ALFA), place("1", ANNA, ALFA, left_at=NOW, estimated_wait_days=3)),
    (NOTE, replace(NOTE, valid_to=NOW, counts_as_change=True)),
    (
        contact("1", ANNA, DORA, ALFA),
        contact("1", ANNA, DORA, ALFA, team="team", valid_to=TODAY, direct_number_visible=True),
    ),
    (phone("1", unit=ALFA.hsa_id), phone("1", team="team", audience=Audience.STAFF, hours="Mon-Fri")),
]
"""Pairs of a record and the same record changed."""


@pytest.mark.parametrize(("first", "changed"), CHANGES, ids=lambda one: type(one).__name__)
def test_added_unchanged_changed(register: Register, first: Record, changed: Record) -> None:
    keep(register, *REGION)
    assert upsert(register, first) == Counts(added=1)
    assert upsert(register, first) == Counts(unchanged=1)
    assert upsert(register, changed) == Counts(changed=1)
    assert upsert(register, changed) == Counts(unchanged=1)
    assert upsert(register, first) == Counts(changed=1)


def test_every_type_of_record_is_tried() -> None:
    # An offer of a listing type is all key: there is nothing in it to change.
    assert {type(one) for pair in CHANGES for one in pair} | {UnitListingType} == set(TABLES)


@pytest.mark.parametrize("kept", [changed for _, changed in CHANGES], ids=lambda one: type(one).__name__)
def test_a_record_comes_back_with_all_its_fields(register: Register, kept: Record) -> None:
    """All but the letter case of references, which `row` evens out."""
    keep(register, *REGION)
    keep(register, kept)
    with register.reading() as connection:
        found = [
            record(type(kept), iter(values)) for values in connection.execute(select(*columns(type(kept))))
        ]
    assert row(kept) in [row(one) for one in found]


def test_what_a_unit_offers_is_kept_once(register: Register) -> None:
    keep(register, *REGION)
    offer = UnitListingType(ALFA.hsa_id.upper(), *REGION_TYPE)
    assert upsert(register, offer) == Counts(added=1)
    assert upsert(register, replace(offer, unit=ALFA.hsa_id.lower())) == Counts(unchanged=1)


def test_one_batch_counts_each_record(register: Register) -> None:
    keep(register, *REGION)
    beta, gamma = unit("beta"), unit("gamma")
    keep(register, beta)
    assert upsert(register, beta, replace(ALFA, name="Nytt namn"), gamma) == Counts(1, 1, 1)
    assert upsert(register) == Counts()


def test_a_batch_larger_than_a_statement(register: Register) -> None:
    many = [CareProvider(hsa(f"p{number}"), "Vårdgivare") for number in range(2_500)]
    assert upsert(register, *many) == Counts(added=2_500)
    many[2_400] = replace(many[2_400], name="Annat namn")
    assert upsert(register, *many) == Counts(changed=1, unchanged=2_499)


def test_a_new_spelling_of_an_hsa_id_replaces_the_old(register: Register) -> None:
    keep(register, *REGION)
    assert upsert(register, replace(DORA, hsa_id=DORA.hsa_id.lower())) == Counts(changed=1)


@pytest.mark.parametrize("other", [PROVIDER, replace(PROVIDER, hsa_id=PROVIDER.hsa_id.lower(), name="Annat")])
def test_a_record_twice_in_a_batch(register: Register, other: CareProvider) -> None:
    message = "care_provider: records 1 and 2 of the batch are the same one"
    with pytest.raises(ValueError, match=message), register.writing() as connection:
        store.upsert(connection, [CareProvider(hsa("first"), "Första"), PROVIDER, other])


def test_a_working_unit_may_come_before_its_care_unit(register: Register) -> None:
    keep(register, PROVIDER)
    assert upsert(register, WARD, ALFA) == Counts(added=2)


def test_other_identities_are_replaced_as_a_whole(register: Register) -> None:
    anna, bo = Resident(ANNA, other_ids=(OTHER_ID, CLARA)), Resident(BO, other_ids=(DAN,))
    assert upsert(register, anna, bo) == Counts(added=2)
    assert upsert(register, replace(anna, other_ids=(CLARA, OTHER_ID, CLARA)), bo) == Counts(unchanged=2)
    assert upsert(register, replace(anna, other_ids=(CLARA, EVA)), bo) == Counts(changed=1, unchanged=1)
    with register.reading() as connection:
        assert find_resident(connection, ANNA) == replace(anna, other_ids=(CLARA, EVA))
        assert find_resident(connection, BO) == bo
    # Changed in itself and in its identities, it is one record that changed.
    assert upsert(register, Resident(ANNA, protected=True)) == Counts(changed=1)
    with register.reading() as connection:
        assert find_resident(connection, ANNA) == Resident(ANNA, protected=True)


def test_agreed_counties_are_replaced_as_a_whole(register: Register) -> None:
    agreed = ListingType(COUNTY, *REGION_TYPE, "Typ", agreed_counties=("01", "03"))
    same_elsewhere = replace(agreed, county=OTHER_COUNTY)
    assert upsert(register, agreed, same_elsewhere) == Counts(added=2)
    assert upsert(register, replace(agreed, agreed_counties=("03", "04"))) == Counts(changed=1)
    with register.reading() as connection:
        assert [one.agreed_counties for one in listing_types(connection, COUNTY)] == [("03", "04")]
        assert listing_types(connection, OTHER_COUNTY) == [same_elsewhere]
