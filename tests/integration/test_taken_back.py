"""A source that takes a death or a move back: what upkeep ended because of it goes on (docs/adr/0018)."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from contracts.codes import DOCTOR_CONTACT, PV
from listings.changes import ListingChanges
from listings.listing_log import Cause
from listings.upkeep import settle
from mapping.loads.report import LoadReport
from mapping.sources.report import LoadState
from register.database import Register
from register.directory import find_unit
from register.model import Allotment
from register.residents import find_resident
from register.tables import change_feed, fixed_contact, listing, out_of_county_listing, queue_place
from register.tables import unit as unit_table
from tests.databases import keep
from tests.records import ANNA, BO, COUNTY, NOW, OTHER_COUNTY, PROVIDER, doctor, hsa, unit
from tests.sources import FIELDS, Source, problems, section

DAY = timedelta(days=1)
LIMITS = {COUNTY: 9}
HEADERS = {
    "resident": ("person_id", "home_county", "deceased_on"),
    "listing": ("person_id", "unit", "valid_from", "valid_to"),
    "fixed_contact": ("person_id", "type_code", "staff", "unit", "valid_from", "valid_to"),
}
LIVES_HERE, GONE = (COUNTY, ""), {"died": (COUNTY, "2026-03-01"), "moved": (OTHER_COUNTY, "")}
BEGINS = str(NOW.date() - 400 * DAY)


@pytest.fixture(params=["full", "delta", "delta, no ends"])
def empty(register: Register, tmp_path: Path, request: pytest.FixtureRequest) -> Source:
    """A source that has not been loaded."""
    keep(register, PROVIDER, unit("a"), unit("b"), doctor("dina"))
    policy, _, no_ends = request.param.partition(", ")
    fields = {
        one: tuple(name for name in header if not no_ends or name != "valid_to")
        for one, header in HEADERS.items()
    }
    sections = [section(one, header) for one, header in fields.items()]
    return Source(register, tmp_path, sections=sections, policy=policy, fields={**FIELDS, **fields})


@pytest.fixture
def source(empty: Source) -> Source:
    """Anna is listed at A and has a doctor there, as the source says every night."""
    night(empty, -1)
    assert has(empty, -1) == (["a"], ["dina"])
    return empty


def night(
    source: Source,
    days: int,
    who: tuple[str, str] = LIVES_HERE,
    *,
    begins: str = BEGINS,
    listed: tuple[str, str] = ("a", BEGINS),
    ends: str = "",
    records: Sequence[str] = tuple(HEADERS),
) -> LoadReport:
    """Load what the source says some days from now, and do the upkeep."""
    now = NOW + days * DAY
    rows: dict[str, list[tuple[str, ...]]] = {
        "resident": [(ANNA, *who), (BO, COUNTY, "")],
        "listing": [(ANNA, str(hsa(listed[0])), listed[1], ends)],
        "fixed_contact": [(ANNA, DOCTOR_CONTACT, str(hsa("dina")), str(hsa("a")), begins, ends)],
    }
    files = {one: [row[: len(source.fields[one])] for row in rows[one]] for one in records}
    report = source.load(files, now=now, today=now.date())
    assert report.state is LoadState.LOADED, problems(report)
    settle(source.register, now + timedelta(minutes=1), LIMITS)
    return report


def has(source: Source, days: int) -> tuple[list[str], list[str]]:
    """Return where she is listed, and her doctors."""
    now = NOW + days * DAY + timedelta(minutes=2)
    with source.register.reading() as connection:
        listings = connection.execute(select(listing).where(listing.c.person_id == ANNA)).all()
        contacts = connection.execute(select(fixed_contact).where(fixed_contact.c.person_id == ANNA)).all()

    def on(ends: date | None) -> bool:
        return ends is None or ends >= now.date()

    return (
        [
            name(one.unit_key)
            for one in listings
            if one.valid_from <= now and (one.valid_to is None or one.valid_to > now)
        ],
        [name(one.staff_key) for one in contacts if on(one.valid_to)],
    )


def name(key: object) -> str:
    return str(getattr(key, "key", key)).rpartition("-")[2].lower()


def lines(source: Source) -> int:
    with source.register.reading() as connection:
        own = select(func.count()).select_from(change_feed)
        return connection.execute(own.where(change_feed.c.person_id == ANNA)).scalar_one()


@pytest.mark.parametrize("reason", GONE)
@pytest.mark.parametrize("all_rows", [False, True])
def test_what_ended_by_a_death_or_move_goes_on_when_that_is_taken_back(
    source: Source, reason: str, all_rows: bool
) -> None:
    """It stayed ended for ever, "a call or staff have changed this later", at every look."""
    source = source.with_(all_rows=all_rows)
    night(source, 0, GONE[reason])
    assert has(source, 0) == ([], [])
    report = night(source, 1)
    assert problems(report) == []
    assert has(source, 1) == (["a"], ["dina"])
    before = lines(source)
    for days in (2, 3, 40):
        assert problems(night(source, days)) == []
        assert has(source, days) == (["a"], ["dina"])
    assert lines(source) == before


@pytest.mark.parametrize("reason", GONE)
@pytest.mark.parametrize("all_rows", [False, True])
def test_nothing_goes_on_while_the_resident_is_dead_or_away(
    source: Source, reason: str, all_rows: bool
) -> None:
    source = source.with_(all_rows=all_rows)
    night(source, 0, GONE[reason])
    before = lines(source)
    for days in (1, 2, 30, 60):
        report = night(source, days, GONE[reason])
        found = problems(report)
        assert len(found) == 2
        assert all(text.startswith("the resident has died or moved") for _, text in found)
        assert has(source, days) == ([], [])
    assert lines(source) == before
    night(source, 61)
    assert has(source, 61) == (["a"], ["dina"])


@pytest.mark.parametrize("reason", GONE)
@pytest.mark.parametrize("days", [1, 2])
def test_what_the_source_has_ended_itself_stays_ended_until_it_says_otherwise(
    source: Source, reason: str, days: int
) -> None:
    """The source took in that she had moved, and the listing was reopened when she came back."""
    if "valid_to" not in source.fields["listing"]:
        return  # it cannot say so
    ended = str(NOW.date() - days * DAY)
    night(source, 0, GONE[reason])
    for since in (1, 2, 3, 4, 40):
        who = GONE[reason] if since < 3 else LIVES_HERE
        before = lines(source)
        assert problems(night(source.with_(all_rows=since > 3), since, who, ends=ended)) == []
        assert has(source, since) == ([], [])
        assert since == 3 or lines(source) == before
    night(source, 41)
    assert has(source, 41) == (["a"], ["dina"])


@pytest.mark.parametrize("reason", GONE)
def test_a_queue_place_is_taken_again_where_it_was(register: Register, tmp_path: Path, reason: str) -> None:
    keep(register, PROVIDER, unit("a", offers_queue=True, allotment=Allotment.STAFF))
    fields = {**FIELDS, **HEADERS, "queue_place": ("person_id", "unit", "queued_at")}
    sections = [section(one, fields[one]) for one in ("resident", "queue_place")]
    source = Source(register, tmp_path, sections=sections, fields=fields)
    left = []
    for days, who in enumerate((LIVES_HERE, GONE[reason], GONE[reason], LIVES_HERE, LIVES_HERE)):
        now = NOW + days * DAY
        source.loaded({"resident": [(ANNA, *who)], "queue_place": [(ANNA, str(hsa("a")), BEGINS)]}, now=now)
        settle(register, now + timedelta(minutes=1), LIMITS)
        with register.reading() as connection:
            left.append(connection.execute(select(queue_place.c.left_at)).scalar_one() is not None)
    assert left == [False, True, True, False, False]


def test_a_note_of_a_listing_elsewhere_counts_again(register: Register, tmp_path: Path) -> None:
    """It stayed ended when the source took back that she had moved."""
    fields = {**FIELDS, **HEADERS}
    sections = [section(one, fields[one]) for one in ("resident", "out_of_county_listing")]
    source = Source(register, tmp_path, sections=sections, fields=fields)
    ended = []
    for days, who in enumerate((LIVES_HERE, GONE["moved"], GONE["moved"], LIVES_HERE, LIVES_HERE)):
        now = NOW + days * DAY
        note = (ANNA, "03", BEGINS, "")
        source.loaded({"resident": [(ANNA, *who)], "out_of_county_listing": [note]}, now=now)
        settle(register, now + timedelta(minutes=1), LIMITS)
        with register.reading() as connection:
            of_note = select(out_of_county_listing.c.valid_to)
            ended.append(connection.execute(of_note).scalar_one() is not None)
    assert ended == [False, True, True, False, False]


@pytest.mark.parametrize("reason", GONE)
def test_the_listing_system_may_be_loaded_after_the_population_register(source: Source, reason: str) -> None:
    other = source.with_(policy="delta")
    night(other, 0, GONE[reason], records=["resident"])
    night(other, 1, records=["resident"])
    assert has(source, 1) == ([], [])
    night(other, 1, records=["listing", "fixed_contact"])
    assert has(source, 1) == (["a"], ["dina"])


@pytest.mark.parametrize("reason", GONE)
def test_a_doctor_whose_row_went_comes_back(empty: Source, reason: str) -> None:
    """A doctor of the same day has not been one for a day: its row goes entirely."""
    today, source = str(NOW.date()), empty
    night(source, 0, begins=today)
    night(source, 0, GONE[reason], begins=today)
    assert has(source, 0) == ([], [])
    night(source, 1, GONE[reason], begins=today)
    assert has(source, 1) == ([], [])
    night(source, 2, begins=today)
    assert has(source, 2) == (["a"], ["dina"])


@pytest.mark.parametrize("reason", GONE)
@pytest.mark.parametrize("to", ["b", None])
def test_what_a_call_changed_before_stays_changed(source: Source, reason: str, to: str | None) -> None:
    """The source has not heard of it; what it says itself of the call's listing goes on."""
    call(source, -1, to)
    night(source, 0, GONE[reason])
    assert has(source, 0) == ([], [])
    for days in (1, 2, 3, 40):
        night(source.with_(all_rows=days == 3), days)
        assert has(source, days) == ([], [])
    night(source, 41, listed=("b", str(NOW.date() - DAY)))
    assert has(source, 41)[0] == ["b"]


@pytest.mark.parametrize("reason", GONE)
@pytest.mark.parametrize("to", ["b", None])
def test_what_a_call_has_changed_since_stays_changed(source: Source, reason: str, to: str | None) -> None:
    night(source, 0, GONE[reason])
    night(source, 1)
    call(source, 1, to)
    for days in (2, 3, 40):
        night(source.with_(all_rows=days == 3), days)
        assert has(source, days) == ([to] if to else [], [])


@pytest.mark.parametrize("reason", GONE)
def test_who_has_been_listed_elsewhere_by_call_stays_there(source: Source, reason: str) -> None:
    """The listing has not come back yet: the population register was loaded by itself."""
    night(source.with_(policy="delta"), 0, GONE[reason], records=["resident"])
    night(source.with_(policy="delta"), 1, records=["resident"])
    call(source, 1, "b")
    for days in (2, 3, 40):
        night(source.with_(all_rows=days == 3), days)
        assert has(source, days)[0] == ["b"]


def test_who_dies_and_comes_back_in_another_county_is_listed_no_more(source: Source) -> None:
    night(source, 0, GONE["died"])
    for days in (1, 2):
        night(source, days, GONE["moved"])
        assert has(source, days) == ([], [])


def test_a_listing_ended_because_the_unit_closed_stays_ended(source: Source) -> None:
    """Death ends nothing any more then, and no row opens it again."""
    with source.register.writing() as connection:
        connection.execute(
            update(unit_table).where(unit_table.c.hsa_key == hsa("a")).values(valid_to=NOW.date() - DAY)
        )
    for days, who in enumerate((GONE["died"], GONE["died"], LIVES_HERE, LIVES_HERE)):
        night(source, days, who)
        assert has(source, days)[0] == []


def call(source: Source, days: int, to: str | None) -> None:
    now = NOW + days * DAY + timedelta(minutes=2)
    with source.register.writing() as connection:
        changes = ListingChanges(connection, now, LIMITS, Cause(source="CreateListing"))
        person = find_resident(connection, ANNA)
        assert person is not None
        if to is None:
            changes.delist(ANNA, PV.key, COUNTY)
        else:
            changes.list_resident(person, find_unit(connection, hsa(to)), PV.key)
        changes.finish()
