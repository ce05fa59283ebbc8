"""Records as rows and back (register.columns)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from contracts.identifiers import HsaId
from register.columns import TABLES, columns, record, row
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
from tests.databases import keep
from tests.records import (
    ANNA,
    BO,
    COUNTY,
    LONG_AGO,
    NOW,
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
WARD = unit("ward", care_unit=upper(ALFA.hsa_id), listable=False)
TEAM = Team("team", "1.2.3", "Laget", lower(ALFA.hsa_id))
NEW_TEAM = Team("new", "1.2.3", "Nya laget", ALFA.hsa_id)
NOTE = OutOfCountyListing("1", ANNA, OTHER_COUNTY, *REGION_TYPE, LONG_AGO)
REGION: tuple[Record, ...] = (PROVIDER, ALFA, WARD, DORA, TEAM, *residents(ANNA))


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


def test_every_type_of_record_is_tried() -> None:
    # An offer of a listing type is all key: there is nothing in it to change.
    assert {type(one) for pair in CHANGES for one in pair} | {UnitListingType} == set(TABLES)


@pytest.mark.parametrize("kept", [changed for _, changed in CHANGES], ids=lambda one: type(one).__name__)
def test_a_record_comes_back_with_all_its_fields(register: Register, kept: Record) -> None:
    """All but the letter case of references."""
    keep(register, *REGION)
    keep(register, kept)
    with register.reading() as connection:
        found = [
            record(type(kept), iter(values)) for values in connection.execute(select(*columns(type(kept))))
        ]
    assert exactly(kept) in [exactly(one) for one in found]


def exactly(one: Record) -> dict[str, Any]:
    """Return the row of a record as it is kept: its own HSA-id as it is spelled, references as keys."""
    return {
        name: (str(value) if name == "hsa_id" else value.key) if isinstance(value, HsaId) else value
        for name, value in row(one).items()
    }
