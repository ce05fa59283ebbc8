"""What holds between the rows of a load and the register (mapping.loads.record_rules)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import date, timedelta

import pytest

from contracts.codes import CARE_CONTACT
from mapping.loads import record_rules
from mapping.loads.apply import apply
from mapping.loads.load_log import LoadLog
from mapping.loads.staging import Stage
from register.database import Register
from register.model import Employment, Record, UnitListingType
from tests.databases import keep
from tests.integration.test_register_columns import ALFA, CHANGES, DORA, NOTE, REGION, TEAM, WARD
from tests.records import (
    ANNA,
    BO,
    LONG_AGO,
    NOW,
    PROVIDER,
    REGION_TYPE,
    contact,
    doctor,
    hsa,
    listing,
    phone,
    place,
    residents,
    unit,
)

DAY = timedelta(days=1)


@contextmanager
def staged(register: Register, *records: Record) -> Iterator[Stage]:
    """Give a stage of records of one type, each on a line of its own from 0."""
    kind = type(records[0])
    with register.preparing() as connection:
        stage = Stage(connection, 0, kind, frozenset(one.name for one in fields(kind)))
        for line, record in enumerate(records):
            stage.put(record, 0, line)
        stage.flush()
        yield stage


def missing(register: Register, *records: Record) -> list[tuple[int, str]]:
    with staged(register, *records) as stage:
        return [(place.line, field) for place, field in record_rules.missing(stage)]


MISSING: list[tuple[Record, list[str]]] = [
    (unit("new", provider=hsa("?")), ["provider"]),
    (unit("new", provider=hsa("?"), care_unit=hsa("?")), ["provider", "care_unit"]),
    (UnitListingType(hsa("?"), *REGION_TYPE), ["unit"]),
    (replace(TEAM, unit=hsa("?")), ["unit"]),
    (Employment(hsa("?"), hsa("?")), ["staff", "unit"]),
    (listing("1", BO, ALFA), ["person_id"]),
    (listing("1", BO, unit("?")), ["person_id", "unit"]),
    (place("1", BO, unit("?")), ["person_id", "unit"]),
    (replace(NOTE, person_id=BO), ["person_id"]),
    (contact("1", BO, doctor("?"), unit("?"), team="?"), ["person_id", "staff", "unit", "team"]),
    (
        phone("1", staff=hsa("?"), unit=hsa("?"), team="?", provider=hsa("?")),
        ["staff", "unit", "team", "provider"],
    ),
]


@pytest.mark.parametrize(("one", "fields"), MISSING, ids=lambda value: type(value).__name__)
def test_missing_references(register: Register, one: Record, fields: list[str]) -> None:
    keep(register, *REGION)
    assert missing(register, one) == [(0, field) for field in fields]


@pytest.mark.parametrize("one", [one for pair in CHANGES for one in pair], ids=lambda one: type(one).__name__)
def test_no_reference_is_missing(register: Register, one: Record) -> None:
    keep(register, *REGION)
    assert missing(register, one) == []


def test_missing_references_tell_the_places_in_a_large_batch(register: Register) -> None:
    keep(register, *REGION)
    batch = [listing(f"{number}", ANNA, ALFA) for number in range(2_500)]
    batch[7] = listing("7", ANNA, unit("?"))
    batch[2_400] = listing("2400", BO, unit("another"))
    assert missing(register, *batch) == [(7, "unit"), (2_400, "person_id"), (2_400, "unit")]


def test_a_care_unit_in_the_same_batch_is_not_missing(register: Register) -> None:
    keep(register, PROVIDER)
    assert missing(register, WARD, ALFA) == []
    assert missing(register, WARD) == [(0, "care_unit")]


def overlaps(register: Register, *records: Record) -> list[tuple[int | None, int]]:
    """Return the rows that exclude each other, the earlier first; None for a record of the register."""
    with staged(register, *records) as stage, register.writing_prepared(stage.connection) as connection:
        apply(stage, LoadLog(connection, "test", 1, 1, NOW))
        return [(other.line if other else None, place.line) for place, other in record_rules.overlaps(stage)]


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ((1, 10), (10, 20), False),  # the doctor is changed on the tenth
        ((10, 20), (1, 10), False),
        ((1, 10), (11, 20), False),
        ((1, 10), (9, 20), True),
        ((1, 20), (5, 10), True),
        ((1, 20), (5, 5), True),
        ((5, 5), (1, 20), True),
        ((1, 10), (10, 10), False),
        ((1, 10), (1, 10), True),
        ((1, None), (20, None), True),
        ((1, 20), (20, None), False),
        ((1, 20), (19, None), True),
        ((1, None), (1, 1), False),
        ((1, None), (2, 2), True),
    ],
)
def test_doctor_overlaps(
    register: Register, one: tuple[int, int | None], other: tuple[int, int | None], overlap: bool
) -> None:
    def period(days: tuple[int, int | None]) -> dict[str, date | None]:
        first, last = days
        return {"valid_from": date(2026, 1, first), "valid_to": date(2026, 1, last) if last else None}

    keep(register, *REGION, *residents(BO))
    found = overlaps(
        register,
        contact("a", ANNA, DORA, ALFA, **period(one)),
        contact("b", ANNA, DORA, WARD, **period(other)),
    )
    assert found == ([(0, 1)] if overlap else [])


def test_only_doctors_of_the_same_resident_overlap(register: Register) -> None:
    keep(register, *REGION, *residents(BO))
    found = overlaps(
        register,
        contact("a", ANNA, DORA, ALFA),
        contact("b", BO, DORA, ALFA),
        contact("c", ANNA, DORA, ALFA, type_code=CARE_CONTACT),
        contact("d", ANNA, DORA, ALFA, type_code=CARE_CONTACT),
    )
    assert found == []


def test_every_pair_of_overlapping_doctors_is_told(register: Register) -> None:
    keep(register, *REGION)
    contacts = [contact(id, ANNA, DORA, ALFA) for id in ("b", "c", "a")]
    assert overlaps(register, *contacts) == [(0, 1), (0, 2), (1, 2)]


def test_an_overlap_with_the_register_is_told(register: Register) -> None:
    keep(register, *REGION, *residents(BO), contact("a", ANNA, DORA, ALFA))
    assert overlaps(register, contact("b", ANNA, DORA, ALFA), contact("c", BO, DORA, ALFA)) == [(None, 0)]


def test_overlaps_with_the_register_and_in_the_load_are_told(register: Register) -> None:
    keep(register, *REGION, contact("a", ANNA, DORA, ALFA))
    found = overlaps(register, contact("b", ANNA, DORA, ALFA), contact("c", ANNA, DORA, ALFA))
    assert found == [(None, 0), (None, 1), (0, 1)]


def test_an_overlap_within_the_register_is_not_the_load_s(register: Register) -> None:
    keep(register, *REGION, contact("a", ANNA, DORA, ALFA), contact("b", ANNA, DORA, ALFA))
    assert overlaps(register, contact("c", ANNA, DORA, ALFA, type_code=CARE_CONTACT)) == []


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ((1, 10), (10, 20), False),
        ((1, 10), (9, 20), True),
        ((9, 20), (1, 10), True),
        ((1, 20), (5, 10), True),
        ((1, 20), (5, 5), False),  # ended the moment it began
        ((5, 5), (1, 20), False),
        ((1, 10), (1, 10), True),
        ((1, None), (20, None), True),
        ((1, 20), (20, None), False),
        ((1, None), (2, 2), False),
    ],
)
def test_listing_overlaps(
    register: Register, one: tuple[int, int | None], other: tuple[int, int | None], overlap: bool
) -> None:
    def period(days: tuple[int, int | None]) -> dict[str, date | None]:
        first, last = days
        return {"valid_from": LONG_AGO + first * DAY, "valid_to": LONG_AGO + last * DAY if last else None}

    keep(register, *REGION, *residents(BO))
    found = overlaps(
        register,
        listing("a", ANNA, ALFA, **period(one)),
        listing("b", ANNA, WARD, **period(other)),
    )
    assert found == ([(0, 1)] if overlap else [])


def test_only_listings_of_one_type_and_resident_overlap(register: Register) -> None:
    keep(register, *REGION, *residents(BO))
    found = overlaps(
        register,
        listing("a", ANNA, ALFA),
        listing("b", ANNA, ALFA, code_system="1.2.3"),
        listing("c", ANNA, ALFA, code="other"),
        listing("d", BO, ALFA),
    )
    assert found == []
