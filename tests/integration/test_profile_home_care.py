"""The profile home-care: fast omsorgskontakt with team, the team's telephone, its hours, and comments."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from mapping.loads.report import LoadReport
from mapping.sources.report import LoadState
from register import tables
from register.database import Register
from tests.asking import care_managers, values
from tests.integration.shipped import (
    contents,
    load_demo,
    load_with,
    rows,
    samples,
    shown_contacts,
    told,
)
from tests.producers import make_producer
from tests.records import TODAY

SQLITE_ALONE = True

NAME = "home-care"
DAY = timedelta(days=1)
BO, NEW, LAST, HIDDEN = "194003189083", "191001249810", "191001209814", "191003239819"

Edit = Callable[[Any], None]


def edited(tmp_path: Path, edit: Edit, of: str = "omsorgskontakter") -> list[Path]:
    """Return the sample files, one of them with its sheet changed."""
    files = []
    for sample in samples(NAME):
        if sample.stem == of:
            book = load_workbook(sample)
            edit(book.active)
            book.save(tmp_path / sample.name)
            book.close()
        files.append(tmp_path / sample.name if sample.stem == of else sample)
    return files


@pytest.fixture
def loaded(register: Register) -> LoadReport:
    """The sample, in a register with the municipality's unit and the region's residents."""
    load_demo(register, "vardgivare", "enheter", "invanare")
    report = load_with(NAME, register, samples(NAME))
    assert (report.state, told(report)) == (LoadState.LOADED, [])
    return report


def test_what_is_stored(loaded: LoadReport, register: Register) -> None:
    """Code 3, of the municipality."""
    found = rows(
        register, tables.fixed_contact, "person_id", "type_code", "staff_key", "valid_from", "valid_to"
    )
    # S003-005: stored with code 3, at the municipality's units
    assert found == [
        (LAST, "3", "SE2120001355-DEMOU12", date(2026, 1, 12), date(2027, 6, 30)),
        (NEW, "3", "SE2120001355-DEMOU12", date(2025, 11, 3), None),
        (HIDDEN, "3", "SE2120001355-DEMOU13", date(2025, 9, 1), None),
        (BO, "3", "SE2120001355-DEMOU11", date(2025, 10, 6), None),
    ]
    assert loaded.records["team"].added == loaded.records["contact_route"].added == 2
    assert loaded.records["resident"].added == 3  # the fourth is the region's


def test_team_telephone_hours_and_comment_are_shown(loaded: LoadReport, register: Register) -> None:
    (item,) = care_managers(make_producer(register), BO)
    # S003-005: the contact in home care is shown
    assert values(item, "code/code") == ["3"]
    assert values(item, "practitioner/name") == ["Lovisa Hjärpe"]
    assert values(item, "careTeam/name") == ["Team Tärnan"]
    assert values(item, "careTeam/externalNotes") == ["Teamet nås alla dagar."]
    assert values(item, "careTeam/contact/telecom/value") == ["031-390 06 13"]
    assert len(values(item, "careTeam/contact/telecom/period/weekDay")) >= 5
    assert values(item, "externalNotes")[0].startswith("Lovisa är din fasta omsorgskontakt.")
    assert "Nyckelbrickan" in values(item, "internalNotes")[0]


def test_protected_staff_are_not_shown(loaded: LoadReport, register: Register) -> None:
    assert shown_contacts(register, HIDDEN) == []
    assert shown_contacts(register, NEW) == [("3", "Tariq Ångström")]


@pytest.mark.parametrize("all_rows", [False, True])
def test_again_changes_nothing(loaded: LoadReport, register: Register, all_rows: bool) -> None:
    before = contents(register)
    again = load_with(NAME, register, samples(NAME), today=TODAY + DAY, all_rows=all_rows)
    assert (again.state, told(again)) == (LoadState.LOADED, [])
    assert contents(register) == before


def test_who_is_gone_from_the_sheet_is_ended(loaded: LoadReport, register: Register, tmp_path: Path) -> None:
    def remove(sheet: Any) -> None:
        sheet.delete_rows(3)

    files = edited(tmp_path, remove)
    assert load_with(NAME, register, files).state is LoadState.REFUSED  # one of four is more than the brake
    report = load_with(NAME, register, files, allow_vanished=True)
    assert (report.state, report.records["fixed_contact"].ended) == (LoadState.LOADED, 1)
    assert shown_contacts(register, NEW) == []
    assert (NEW,) in rows(register, tables.resident, "person_id")


def test_a_team_with_two_numbers_has_both(loaded: LoadReport, register: Register, tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["E3"] = "+46 31 390 06 15"

    report = load_with(NAME, register, edited(tmp_path, change))
    assert (report.state, report.records["contact_route"].added) == (LoadState.LOADED, 1)


def test_hours_that_differ_between_rows_are_refused(
    loaded: LoadReport, register: Register, tmp_path: Path
) -> None:
    def change(sheet: Any) -> None:
        sheet["F3"] = "mån-fre 08:00-17:00"

    before = contents(register)
    report = load_with(NAME, register, edited(tmp_path, change))
    assert report.state is LoadState.REFUSED
    assert [(file, line) for file, line, _, _ in told(report)] == [("omsorgskontakter.xlsx", 3)]
    assert contents(register) == before


def test_a_formula_is_refused(loaded: LoadReport, register: Register, tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["J3"] = '=HYPERLINK("https://www.example.org")'

    report = load_with(NAME, register, edited(tmp_path, change))
    assert report.state is LoadState.REFUSED
    assert {(file, line) for file, line, _, _ in told(report)} == {("omsorgskontakter.xlsx", 3)}
