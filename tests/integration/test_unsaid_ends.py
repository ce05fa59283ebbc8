"""Sources whose profile maps no ends: what a call or staff have ended stays ended (docs/adr/0018)."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from contacts import writing
from contracts.clock import utc
from contracts.codes import DOCTOR_CONTACT, PV
from listings.changes import ListingChanges
from listings.listing_log import Cause
from mapping.loads.report import LoadReport
from mapping.sources.report import LoadState
from register.database import Register
from register.directory import find_unit
from register.hands import Hand
from register.residents import find_resident
from register.tables import fixed_contact, listing
from tests.databases import keep
from tests.records import ANNA, COUNTY, NOW, PROVIDER, TODAY, doctor, hsa, residents, unit
from tests.sources import FIELDS, Rows, Source, problems, section

DAY = timedelta(days=1)
HEADERS = {
    "listing": ("person_id", "unit", "valid_from"),
    "fixed_contact": ("person_id", "type_code", "staff", "unit", "valid_from", "reason"),
}
OLD = "2024-01-01"


@pytest.fixture(params=["delta", "full"])
def source(register: Register, tmp_path: Path, request: pytest.FixtureRequest) -> Source:
    """A listing system that has her listed at A, with a doctor."""
    units = [unit(name) for name in ("a", "b", "c")]
    keep(register, PROVIDER, *units, *map(doctor, ("dora", "dina", "dag")), *residents(ANNA))
    sections = [section(name, header) for name, header in HEADERS.items()]
    found = Source(register, tmp_path, sections=sections, policy=request.param, fields={**FIELDS, **HEADERS})
    night(found, -1, ("a", OLD))
    return found


def night(source: Source, days: int, *rows: tuple[str, str], note: str = "") -> LoadReport:
    """Load the unit, and the first day, of listings and of doctors; a note changes every row."""
    doctors = {"a": "dora", "b": "dina", "c": "dag"}
    files: Rows = {
        "listing": [(ANNA, str(hsa(at)), begins) for at, begins in rows],
        "fixed_contact": [
            (ANNA, DOCTOR_CONTACT, str(hsa(doctors[at])), str(hsa(at)), begins, note) for at, begins in rows
        ],
    }
    now = NOW + days * DAY + timedelta(hours=1)
    report = source.load(files, now=now, today=now.date())
    assert report.state is LoadState.LOADED, problems(report)
    return report


def change(source: Source, days: int, to: str | None) -> None:
    """List her somewhere by call, or nowhere, and end her doctor."""
    now = NOW + days * DAY
    with source.register.writing() as connection:
        changes = ListingChanges(connection, now, {COUNTY: 9}, Cause(source="CreateListing"))
        person = find_resident(connection, ANNA)
        assert person is not None
        if to is None:
            changes.delist(ANNA, PV.key, COUNTY)
        else:
            changes.list_resident(person, find_unit(connection, hsa(to)), PV.key)
        changes.finish()


def has(source: Source, days: int) -> tuple[list[str], list[str]]:
    """Return where she is listed, and her doctors."""
    now = NOW + days * DAY + timedelta(hours=2)
    with source.register.reading() as connection:
        listings = connection.execute(select(listing)).all()
        contacts = connection.execute(select(fixed_contact)).all()
    return (
        [
            at_end(one.unit_key.key)
            for one in listings
            if one.valid_from <= now and (one.valid_to is None or one.valid_to > now)
        ],
        [
            at_end(one.staff_key.key)
            for one in contacts
            if one.valid_from <= now.date() and (one.valid_to is None or one.valid_to >= now.date())
        ],
    )


def at_end(key: str) -> str:
    return key.rpartition("-")[2].lower()


def day(days: int) -> str:
    return str(TODAY + days * DAY)


@pytest.mark.parametrize("to", ["b", None])
def test_a_row_from_the_day_of_a_change_is_set_aside_also_after_another_look(
    source: Source, to: str | None
) -> None:
    """The end that the call made was forgotten at the next look, and then the row was refused."""
    change(source, 0, to)
    night(source.with_(all_rows=True), 0, ("a", OLD))
    for since in (1, 2, 3):
        report = night(source.with_(all_rows=since == 3), since, ("a", OLD), ("c", day(0)))
        assert report.records["listing"].contradicted
        assert has(source, since)[0] == ([to] if to else [])
    night(source, 15, ("a", OLD), ("c", day(0)))
    assert has(source, 15) == (["c"], ["dag"])


@pytest.mark.parametrize("to", ["b", None])
def test_a_row_from_before_a_change_is_set_aside_also_after_another_look(
    source: Source, to: str | None
) -> None:
    change(source, 0, to)
    night(source.with_(all_rows=True), 0, ("a", OLD))
    for since in (1, 2, 20):
        night(source.with_(all_rows=since == 2), since, ("a", OLD), ("c", day(-2)))
        assert has(source, since)[0] == ([to] if to else [])


@pytest.mark.parametrize("to", ["b", None])
def test_a_row_from_a_later_day_is_followed(source: Source, to: str | None) -> None:
    change(source, 0, to)
    night(source.with_(all_rows=True), 0, ("a", OLD))
    for since in (2, 3):
        night(source.with_(all_rows=since == 3), since, ("a", OLD), ("c", day(1)))
        assert has(source, since) == (["c"], ["dag"])


def test_what_a_call_has_ended_stays_ended_whatever_else_the_row_says(source: Source) -> None:
    change(source, 0, None)
    for since, note in ((1, "one"), (2, "other"), (3, "")):
        report = night(source, since, ("a", OLD), note=note)
        assert report.records["fixed_contact"].superseded
        assert has(source, since) == ([], [])


def test_what_calls_have_begun_and_ended_stays_ended_when_the_source_has_heard_of_the_first(
    source: Source,
) -> None:
    change(source, 0, "b")
    change(source, 1, None)
    for since in (1, 2, 3, 40):
        night(source.with_(all_rows=since == 3), since, ("a", OLD), ("b", day(0)))
        assert has(source, since)[0] == []


def test_a_listing_by_call_that_a_row_adopts_may_be_ended_by_call(source: Source) -> None:
    change(source, 0, "b")
    night(source, 0, ("a", OLD), ("b", day(0)))
    change(source, 1, None)
    night(source.with_(all_rows=True), 1, ("a", OLD), ("b", day(0)))
    for since in (2, 3):
        report = night(source.with_(all_rows=since == 3), since, ("a", OLD), ("b", day(0)), ("c", day(1)))
        assert report.records["listing"].contradicted
        assert has(source, since)[0] == []


def test_staff_may_end_a_doctor(source: Source) -> None:
    with source.register.writing() as connection:
        one = connection.execute(select(fixed_contact)).one()
        link = writing.Link(one.id, ANNA, one.valid_from)
        last: date = TODAY + 2 * DAY
        writing.end(connection, link, last, Hand.STAFF, utc(NOW), "contacts end")
    for since in (0, 1, 2, 3):
        night(source.with_(all_rows=since != 1), since, ("a", OLD), note=str(since))
        assert has(source, since) == (["a"], ["dora"] if since < 3 else [])


def test_what_is_to_come_may_be_in_the_file_alone(source: Source) -> None:
    """The load was refused for what it was about to end itself."""
    source = source.with_(policy="full")
    for since in (0, 1):
        night(source, since, ("c", day(2)))
        assert has(source, since) == ([], [])
    night(source, 2, ("c", day(2)))
    assert has(source, 2) == (["c"], ["dag"])
