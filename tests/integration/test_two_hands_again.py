"""A source and a hand who have met more than once: what is known of it lasts as long as it is needed.

Each was found by the month of nights (docs/adr/0018).
"""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from contracts.codes import PV
from listings.changes import ListingChanges
from listings.listing_log import Cause
from mapping.sources.report import LoadState
from register import home_county
from register.database import Register
from register.directory import find_unit
from register.residents import find_resident
from register.tables import listing, listing_request, queue_place
from tests.databases import keep
from tests.records import ANNA, COUNTY, NOW, OTHER_COUNTY, PROVIDER, TODAY, hsa, residents, unit
from tests.sources import FIELDS, Rows, Source, dump, problems, section, undo

DAY = timedelta(days=1)
UNITS = {name: unit(name, offers_queue=True) for name in ("a", "b", "c")}
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
