"""A source and a hand who have met more than once: what is known of it lasts as long as it is needed.

Each was found by the month of nights (docs/adr/0018).
"""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from contracts.codes import DOCTOR_CONTACT, PV
from listings.changes import ListingChanges
from listings.listing_log import Cause
from mapping.sources.report import LoadState
from register import hands, home_county
from register.database import Register
from register.directory import find_unit
from register.model import FixedContact
from register.residents import find_resident
from register.tables import fixed_contact, listing, listing_request, queue_place
from tests.databases import keep
from tests.records import ANNA, COUNTY, NOW, OTHER_COUNTY, PROVIDER, TODAY, doctor, hsa, residents, unit
from tests.sources import FIELDS, Rows, Source, dump, problems, section, undo

DAY = timedelta(days=1)
UNITS = {name: unit(name, offers_queue=True) for name in ("a", "b", "c")}
UNITS["full"] = unit("full", offers_queue=True, max_listings=1)
HEADERS = {
    "listing": ("person_id", "unit", "valid_from", "valid_to"),
    "queue_place": ("person_id", "unit", "queued_at", "left_at"),
}


@pytest.fixture
def source(register: Register, tmp_path: Path) -> Source:
    """A listing system that has her listed at A."""
    keep(register, PROVIDER, *UNITS.values(), *residents(ANNA))
    sections = [section(name, header) for name, header in HEADERS.items()]
    found = Source(register, tmp_path, sections=sections, policy="full", fields={**FIELDS, **HEADERS})
    load(found, -1, ("a", "2024-01-01"))
    return found


def load(source: Source, days: int, *rows: tuple[str, ...], queue: tuple[tuple[str, ...], ...] = ()) -> int:
    """Load rows, unit and first and last day, at eleven in the evening, some days from now."""
    now = datetime.combine(TODAY + days * DAY, datetime.min.time()) + timedelta(hours=23)
    files: Rows = {
        name: [(ANNA, str(hsa(at)), begins, *(ends or [""])) for at, begins, *ends in of]
        for name, of in (("listing", rows), ("queue_place", queue))
    }
    report = source.load(files, now=now, today=now.date())
    assert report.state is LoadState.LOADED, problems(report)
    assert report.batch is not None
    return report.batch


def change(register: Register, to: str | None, *, queue: bool = False, at: datetime = NOW) -> None:
    """List her somewhere by call, or nowhere here; or put her in a queue."""
    with register.writing() as connection:
        changes = ListingChanges(connection, at, {COUNTY: 9}, Cause(source="CreateListing"))
        person = find_resident(connection, ANNA)
        assert person is not None
        if to is None:
            changes.delist(ANNA, PV.key, COUNTY)
        elif queue:
            changes.join_queue(ANNA, find_unit(connection, hsa(to)), PV.key)
        else:
            changes.list_resident(person, find_unit(connection, hsa(to)), PV.key)
        changes.finish()


def listed(register: Register, days: int) -> list[str]:
    now = NOW + days * DAY
    with register.reading() as connection:
        rows = connection.execute(select(listing).where(listing.c.person_id == ANNA)).all()
    return sorted(
        one.unit_key.key.rpartition("-")[2].lower()
        for one in rows
        if one.valid_from <= now and (one.valid_to is None or one.valid_to > now)
    )


def day(days: int) -> str:
    return str(TODAY + days * DAY)


def test_a_row_that_is_set_aside_is_set_aside_at_every_look(source: Source) -> None:
    """The row before it has settled the change; without it the second load took the later row in."""
    change(source.register, None)
    rows = (("a", "2024-01-01", day(-1)), ("c", day(0)))
    for days in (1, 2, 3):
        load(source, days, *rows)
        assert listed(source.register, days) == []
    load(source, 15, *rows)
    assert listed(source.register, 16) == ["c"]


def test_an_older_row_is_older_at_every_look(source: Source) -> None:
    change(source.register, None)
    rows = (("a", "2024-01-01", day(-4)), ("c", day(-3)))
    for days in (1, 2, 3):
        load(source.with_(all_rows=days == 3), days, *rows)
        assert listed(source.register, days) == []


def test_a_source_that_has_taken_a_change_in_may_say_otherwise(source: Source) -> None:
    """It was set aside for 14 days and then refused: the listing that it had withdrawn was in its way."""
    change(source.register, "b")
    load(source, 1, ("b", day(0)))
    for days in (3, 20):
        load(source, days, ("c", day(0)))
        assert listed(source.register, days + 1) == ["c"]


def test_a_source_that_withdraws_what_ended_a_listing_leaves_it_no_end(source: Source) -> None:
    """The load had ended it for the later row, and it kept that end when the source adopted it."""
    change(source.register, "b")
    load(source, 0, ("a", "2024-01-01", day(1)), ("c", day(2)))
    assert listed(source.register, 1) == ["b"]
    rows = (("a", "2024-01-01", day(1)), ("b", day(2)))
    for days in (2, 3):
        load(source, days, *rows)
        assert listed(source.register, 5) == ["b"]


def test_a_listing_that_staff_or_calls_have_ended_since_stays_ended(source: Source) -> None:
    """A load had ended it before, at another time: that is over."""
    change(source.register, "b")
    load(source, 0, ("a", "2024-01-01", day(1)), ("c", day(9)))
    change(source.register, None, at=NOW + 2 * DAY)
    load(source, 3, ("a", "2024-01-01", day(1)), ("b", day(2)))
    assert listed(source.register, 5) == []


def test_a_listing_ends_only_while_what_ended_it_is_there(source: Source) -> None:
    """The source has both rows, and says nothing of the end of the first: it is looked at every time."""
    change(source.register, "b")
    load(source, 0, ("a", "2024-01-01", day(1)), ("c", day(2)))
    load(source, 2, ("a", "2024-01-01", day(1)), ("b", day(1)), ("c", day(2)))
    assert (listed(source.register, 1), listed(source.register, 4)) == (["b"], ["c"])
    load(source, 4, ("a", "2024-01-01", day(1)), ("b", day(1)))
    assert listed(source.register, 6) == ["b"]


def test_a_row_followed_after_the_days_meets_no_withdrawn_listing(source: Source) -> None:
    """It was refused for a listing that the source had withdrawn after a day."""
    register = source.register
    change(register, "b")
    load(source, 0, ("a", "2024-01-01", day(1)), ("c", day(2)))
    load(source, 2, ("a", "2024-01-01", day(1)), ("b", day(2)))
    change(register, "b", at=NOW + 18 * DAY)
    rows = (("a", "2024-01-01", day(1)), ("b", day(2), day(17)), ("b", day(18)))
    for days in (18, 19, 40):
        load(source.with_(all_rows=days == 40), days, *rows)
        assert listed(register, days + 1) == ["b"]


def test_a_row_that_cannot_stand_beside_an_adopted_one_is_set_aside(source: Source) -> None:
    """The source has heard of the call late and says something else of the days before."""
    change(source.register, "b")
    rows = (("a", "2024-01-01", day(-1)), ("c", day(0), day(2)), ("b", day(3)))
    for days in (16, 17):
        load(source, days, *rows)
        for since in (1, 2, 20):
            assert listed(source.register, since) == ["b"]


def test_a_row_set_aside_for_an_adopted_listing_is_set_aside_at_every_look(source: Source) -> None:
    """The source lets its old row go on; the second load took it for a second listing, and was refused."""
    load(source, 0, ("a", "2024-01-01", day(-1)))
    change(source.register, "b", at=NOW + DAY)
    rows = (("a", "2024-01-01", day(-1)), ("c", day(-1)), ("b", day(1)))
    for days in (1, 2, 3):
        load(source.with_(all_rows=True), days, *rows)
        assert listed(source.register, days + 1) == ["b"]


@pytest.mark.parametrize("policy", ["full", "delta"])
def test_the_second_load_of_the_same_files_changes_nothing(source: Source, policy: str) -> None:
    """A row was weighed by what the rows before it had settled; the next load knew all of them."""
    register = source.register
    for days, to in ((0, "b"), (1, None), (2, "a")):
        change(register, to, at=NOW + days * DAY)
    load(source, 2, ("a", "2024-01-01", day(-1)), ("a", day(0), day(0)))
    rows = (("a", "2024-01-01", day(-1)), ("a", day(0), day(0)), ("a", day(3)))
    load(source.with_(policy=policy), 3, *rows)
    before = dump(register, origins=False)
    for all_rows in (False, True):
        load(source.with_(policy=policy, all_rows=all_rows), 3, *rows)
        assert dump(register, origins=False) == before


def test_a_source_that_corrects_a_day_undoes_no_change_of_the_record(source: Source) -> None:
    """Its row was a new one to the load, and the moment of the call vanished with the old one."""
    register = source.register
    change(register, "b")
    load(source, 1, ("a", "2024-01-01", day(0)), ("b", day(1)))
    rows = (("a", "2024-01-01", day(-1)), ("b", day(0)))
    for days in (2, 3):
        load(source, days, *rows)
        with register.reading() as connection:
            own = select(listing.c.valid_from, listing.c.valid_to).where(listing.c.unit_key == hsa("b"))
            assert [tuple(one) for one in connection.execute(own)] == [(NOW, None)]


def test_a_doctor_of_one_day_within_the_days_of_another_is_set_aside(
    register: Register, tmp_path: Path
) -> None:
    """The row was cut down to a day that the doctor chosen by hand had as well, and then refused."""
    doctors = {name: doctor(name) for name in ("dina", "dag")}
    keep(register, PROVIDER, *UNITS.values(), *doctors.values(), *residents(ANNA))
    header = ("person_id", "type_code", "staff", "unit", "valid_from", "valid_to")
    source = Source(
        register,
        tmp_path,
        sections=[section("fixed_contact", header)],
        fields={**FIELDS, "fixed_contact": header},
    )
    first, last = TODAY - 5 * DAY, TODAY - DAY
    chosen = FixedContact("one", ANNA, DOCTOR_CONTACT, hsa("dina"), hsa("a"), first, NOW, valid_to=last)
    keep(register, chosen)
    with register.writing() as connection:
        hands.note(connection, fixed_contact, {"id": "one"}, hands.Hand.STAFF, NOW, person_id=ANNA)
    row = (ANNA, DOCTOR_CONTACT, str(hsa("dag")), str(hsa("b")), day(-3), day(-1))
    report = source.load({"fixed_contact": [row]}, now=NOW, today=TODAY)
    assert report.state is LoadState.LOADED, problems(report)
    assert report.records["fixed_contact"].contradicted == 1


def test_the_order_of_the_rows_makes_no_difference(source: Source) -> None:
    """What a hand has changed is settled first, whatever the files begin with."""
    change(source.register, "b")
    rows = (("a", "2024-01-01", day(-1)), ("c", day(0), day(5)), ("b", day(6)))
    found = []
    for some in (rows, rows[::-1]):
        batch = load(source, 15, *some)
        found.append([listed(source.register, days) for days in (-2, 1, 3, 8)])
        undo(source.register, batch)
    assert found[0] == found[1]


def test_who_leaves_a_unit_does_not_wait_for_it(source: Source) -> None:
    """The room that she left was given to the first in the queue: herself."""
    register = source.register
    load(source, 0, ("a", "2024-01-01", day(0)), ("full", day(1)), queue=(("full", day(0)),))
    change(register, "b", at=NOW + 2 * DAY)
    assert listed(register, 2) == ["b"]
    with register.reading() as connection:
        assert connection.scalars(select(queue_place.c.left_at)).all() == [NOW + 2 * DAY]


def test_who_gives_up_what_was_asked_for_does_not_wait_for_it(source: Source) -> None:
    """The request held the room; it went to her queue place, which her source had brought."""
    register = source.register
    load(source, 0, ("a", "2024-01-01"), queue=(("full", day(0)),))
    unit_key = hsa("full")
    values = {"person_id": ANNA, "unit_key": unit_key, "code": PV.code, "code_system": PV.system}
    with register.writing() as connection:
        asked = {"id": "R", "state": "waiting", "requested_at": NOW, **values}
        connection.execute(insert(listing_request), asked)
    change(register, "b", at=NOW + 2 * DAY)
    assert listed(register, 2) == ["b"]


def test_an_undo_claims_a_home_county_again(register: Register, tmp_path: Path) -> None:
    source = Source(register, tmp_path, ["resident"], name="population")
    source.loaded({"resident": [(ANNA, COUNTY, "")]})
    with register.writing() as connection:
        assert home_county.claim(connection, ANNA, OTHER_COUNTY, NOW, "UpdateListing")
    before = dump(register)
    source.loaded({"resident": [(ANNA, "17", "")]})
    assert dump(register)["county_claim"] == []
    undo(register, 2)
    assert dump(register)["county_claim"] == before["county_claim"]


def test_an_undo_of_an_adopted_queue_place_that_was_allotted(source: Source) -> None:
    """It was refused: the request referred to the place by the key that the load gave it."""
    register = source.register
    change(register, "b", queue=True)
    with register.writing() as connection:
        place = connection.execute(select(queue_place)).one()
        values = {"person_id": ANNA, "unit_key": place.unit_key, "queue_place_id": place.id}
        values |= {"code": place.code, "code_system": place.code_system, "requested_at": NOW}
        connection.execute(insert(listing_request), {"id": "R", "state": "refused", **values})
    before = dump(register, origins=False)
    batch = load(source, 1, ("a", "2024-01-01"), queue=(("b", day(0)),))
    assert dump(register, origins=False)["listing_request"] != before["listing_request"]
    undo(register, batch)
    assert dump(register, origins=False) == before
