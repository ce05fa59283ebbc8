"""The profile patient-card: doctors and care contacts by name, never guessed."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from contracts.identifiers import HsaId
from mapping.loads.report import LoadReport
from mapping.sources.report import LoadState
from register import tables
from register.database import Register
from register.model import Employment, Staff
from tests.databases import keep
from tests.integration.shipped import (
    contents,
    listed_doctors,
    load_demo,
    load_with,
    rows,
    samples,
    shown_contacts,
    told,
)
from tests.records import TODAY

SQLITE_ALONE = True

NAME = "patient-card"
CLINIC = HsaId("SE2321000131-DEMOVC04")
NAMESAKES = tuple(
    Staff(HsaId(f"SE2321000131-DEMO{number}"), "Karin", "Lindqvist", befattning=code, title=title)
    for number, code, title in (
        ("L08", "201011", "Specialist i allmänmedicin"),
        ("L09", "203010", "ST-läkare"),
    )
)


@pytest.fixture
def world(register: Register) -> Register:
    """A register with the demo's units, staff, residents and listings, and two doctors of one name."""
    load_demo(
        register,
        *("vardgivare", "enheter", "listningstyper", "enheters_listningstyper", "personal"),
        *("anstallningar", "invanare", "listningar"),
    )
    keep(register, *NAMESAKES)
    keep(register, *(Employment(one.hsa_id, CLINIC, selectable_as_doctor=True) for one in NAMESAKES))
    return register


@pytest.fixture
def loaded(world: Register) -> LoadReport:
    return load_with(NAME, world, samples(NAME))


def test_who_fits_exactly_is_loaded(loaded: LoadReport, register: Register) -> None:
    """By name, with the directory's HSA-id."""
    assert loaded.state is LoadState.LOADED
    found = rows(register, tables.fixed_contact, "person_id", "type_code", "staff_key", "valid_from")
    # S003-105: a name written by hand is looked up in the directory
    # S003-104: where the source has no HSA-id
    assert found == [
        ("189602029812", "1", "SE2321000131-DEMOS02", date(2025, 6, 1)),
        ("199002222397", "2", "SE2321000131-DEMOL01", date(2025, 11, 5)),
        ("199701052392", "2", "SE2321000131-DEMOL04", date(2025, 2, 3)),
        ("200208012393", "1", "SE2321000131-DEMOS01", date(2025, 9, 15)),
    ]
    # S003-102: and is shown with it
    assert listed_doctors(register, "199002222397") == [("SE2321000131-DEMOVC01", "Åsa Öberg")]
    assert shown_contacts(register, "199002222397") == [("2", "Åsa Öberg")]
    assert shown_contacts(register, "200208012393") == [("1", "Bengt-Åke Ljungström")]


def test_who_does_not_is_told_with_the_candidates(loaded: LoadReport) -> None:
    """Two of a name, and nobody; no name of anybody in the report."""
    several, nobody = told(loaded)
    assert [one[:2] for one in (several, nobody)] == [("patientkort.jsonl", 3), ("patientkort.jsonl", 4)]
    # S003-105: where two have the name, both are told and nobody is guessed
    assert "SE2321000131-DEMOL08 (Specialist i allmänmedicin), SE2321000131-DEMOL09 (ST-läkare)" in several[3]
    assert "nobody at the unit" in nobody[3]
    assert not any(
        name in one[3] for one in (several, nobody) for name in ("Karin", "Lindqvist", "Bergqvist")
    )


def test_protected_staff_and_patients_are_not_shown(loaded: LoadReport, register: Register) -> None:
    assert listed_doctors(register, "199701052392") == shown_contacts(register, "199701052392") == []
    assert shown_contacts(register, "189602029812") == []


@pytest.mark.parametrize("all_rows", [False, True])
def test_again_changes_nothing(loaded: LoadReport, register: Register, all_rows: bool) -> None:
    before = contents(register)
    again = load_with(NAME, register, samples(NAME), today=TODAY + timedelta(days=1), all_rows=all_rows)
    assert (again.state, told(again)) == (LoadState.LOADED, told(loaded))
    assert contents(register) == before


def test_one_of_two_is_found_when_the_other_has_left(loaded: LoadReport, register: Register) -> None:
    """The row was not loaded, so it is looked at again although it has not changed."""
    left = Employment(NAMESAKES[1].hsa_id, CLINIC, selectable_as_doctor=True, valid_to=date(2025, 12, 31))
    keep(register, left)
    again = load_with(NAME, register, samples(NAME))
    assert [line for _, line, _, _ in told(again)] == [4]
    assert listed_doctors(register, "198703122385") == [(str(CLINIC), "Karin Lindqvist")]


def test_an_end_in_the_card_ends_the_contact(loaded: LoadReport, register: Register, tmp_path: Path) -> None:
    (sample,) = samples(NAME)
    line = sample.read_text("utf-8").splitlines()[0]
    (tmp_path / "patientkort.jsonl").write_text(
        line.replace('"slutdatum": null', '"slutdatum": "2026-03-09"'), encoding="utf-8"
    )
    report = load_with(NAME, register, [tmp_path / "patientkort.jsonl"])
    assert report.records["fixed_contact"].changed == 1
    assert listed_doctors(register, "199002222397") == []
