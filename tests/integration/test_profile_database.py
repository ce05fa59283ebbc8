"""The profile database: listings and contacts by query, read-only."""

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from mapping.loads.report import LoadReport
from mapping.sources.report import LoadState
from register import tables
from register.database import Register
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

NAME = "database"
DAY = timedelta(days=1)
FIRST, SECOND, MARKED = "191212121212", "191001259827", "191001269818"


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample database, and the environment variable that leads there."""
    path = tmp_path / "journal.sqlite3"
    (script,) = samples(NAME)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(script.read_text("utf-8"))
    monkeypatch.setenv("EHR_DATABASE_URL", f"sqlite:///{path}")
    return path


def run(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(statement)
        database.commit()


@pytest.fixture
def loaded(register: Register, journal: Path) -> LoadReport:
    load_demo(register, "vardgivare", "enheter", "personal", "anstallningar")
    report = load_with(NAME, register, [])
    assert (report.state, told(report)) == (LoadState.LOADED, [])
    return report


def test_what_is_stored(loaded: LoadReport, register: Register) -> None:
    assert [(file.file.name, file.rows) for file in loaded.files] == [
        ("patienter", 4),
        ("listningar", 4),
        ("kontakter", 4),
    ]
    listings = rows(register, tables.listing, "id", "person_id", "unit_key")
    assert [(id, person) for id, person, _ in listings] == [
        ("9001", FIRST),
        ("9002", FIRST),
        ("9003", SECOND),
        ("9004", MARKED),
    ]
    assert rows(register, tables.fixed_contact, "id", "type_code", "valid_from", "valid_to") == [
        ("7001", "2", date(2025, 1, 15), None),
        ("7002", "1", date(2025, 3, 3), None),
        ("7003", "2", date(2024, 3, 1), date(2027, 12, 31)),
        ("7004", "2", date(2023, 7, 3), None),
    ]


def test_what_is_shown(loaded: LoadReport, register: Register) -> None:
    assert listed_doctors(register, FIRST) == [("SE2321000131-DEMOVC01", "Åsa Öberg")]
    assert shown_contacts(register, FIRST) == [("1", "Bengt-Åke Ljungström"), ("2", "Åsa Öberg")]
    assert shown_contacts(register, MARKED) == []


@pytest.mark.parametrize("all_rows", [False, True])
def test_again_changes_nothing(loaded: LoadReport, register: Register, all_rows: bool) -> None:
    before = contents(register)
    again = load_with(NAME, register, [], today=TODAY + DAY, all_rows=all_rows)
    assert (again.state, told(again)) == (LoadState.LOADED, [])
    assert contents(register) == before


def test_what_the_query_no_longer_returns_is_ended(
    loaded: LoadReport, register: Register, journal: Path
) -> None:
    run(journal, "UPDATE kontakt SET makulerad = 1 WHERE id = 7001")
    assert load_with(NAME, register, []).state is LoadState.REFUSED  # one of four is more than the brake
    report = load_with(NAME, register, [], allow_vanished=True)
    assert (report.state, report.records["fixed_contact"].ended) == (LoadState.LOADED, 1)
    assert listed_doctors(register, FIRST) == []


def test_a_fault_names_query_and_row(loaded: LoadReport, register: Register, journal: Path) -> None:
    before = contents(register)
    run(journal, "UPDATE kontakt SET fran = '2025-02-30' WHERE id = 7002")
    report = load_with(NAME, register, [])
    assert [(file, line, column) for file, line, column, _ in told(report)] == [("kontakter", 2, "fran")]
    assert contents(register) == before


def test_a_query_that_fails(loaded: LoadReport, register: Register, journal: Path) -> None:
    before = contents(register)
    run(journal, "ALTER TABLE kontakt RENAME TO kontakter")
    report = load_with(NAME, register, [])
    assert (report.state, [file for file, _, _, _ in told(report)]) == (LoadState.REFUSED, ["kontakter"])
    assert contents(register) == before
