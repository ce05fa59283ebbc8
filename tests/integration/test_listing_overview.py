"""``fastkontakt listings show`` and ``end``: a resident's listings with their history, and ending one."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from contracts.clock import swedish_now
from contracts.codes import PV
from listings.overview import HistoryOrigin, KeptListing, Overview, of_resident
from register.database import Register
from register.model import Allotment, Resident, UnitListingType
from register.residents import find_resident
from register.tables import listing_change, outgoing
from tests.asking import get_listing, values
from tests.databases import keep
from tests.integration.contact_commands import audited, done, refused, run, shown
from tests.integration.shipped import load_demo, load_with, samples
from tests.messages import create_listing, envelope, path, update_listing
from tests.producers import CENTRE, DOCTOR, SMALL_REGION, SOURCE_SYSTEM, make_producer
from tests.records import (
    ANNA,
    BO,
    CLARA,
    COUNTY,
    DAN,
    EVA,
    FINN,
    LONG_AGO,
    OTHER_COUNTY,
    OTHER_ID,
    REGION_TYPE,
    listing,
    note,
    place,
    residents,
    unit,
)
from tests.wsgi import post

NORTH = unit("north", name="Norra hälsocentralen")
FULL = unit("full", max_listings=1, offers_queue=True, allotment=Allotment.AUTOMATIC)
YEAR = timedelta(days=365)
MOVED = "198703122385"
"""A resident of the sample of population-register with three listings, two of them ended."""


@pytest.fixture
def region(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    """Anna is listed at the centre with a doctor, and was before; Bo at the full unit, where Clara queues."""
    keep(
        register,
        *SMALL_REGION,
        *(NORTH, FULL, UnitListingType(NORTH.hsa_id, *REGION_TYPE), UnitListingType(NORTH.hsa_id, *PV.key)),
        *residents(BO, CLARA, DAN),
        Resident(EVA, COUNTY, protected=True),
        Resident(FINN, OTHER_COUNTY),
        listing("L0", ANNA, NORTH, valid_from=LONG_AGO - YEAR, valid_to=LONG_AGO),
        listing("L2", BO, FULL),
        listing("L5", EVA, CENTRE),
        listing("L6", FINN, CENTRE),
        place("K1", CLARA, FULL),
        note("N1", CLARA),
        note("N0", CLARA, "17", valid_from=LONG_AGO - YEAR, valid_to=LONG_AGO),
    )
    settings = tmp_path / "settings.toml"
    url = register.engine.url.render_as_string(hide_password=False)
    settings.write_text(
        f'[database]\nurl = "{url}"\n[regions.{COUNTY}]\nname = "Gävleborg"\n'
        f'[care_managers]\nsource_system_id = "{SOURCE_SYSTEM}"\n',
        "utf-8",
    )
    monkeypatch.setenv("FASTKONTAKT_CONFIG", str(settings))
    return register


def overview(register: Register, person: str) -> Overview:
    """Return what there is about a resident now."""
    with register.reading() as connection:
        resident = find_resident(connection, person)
        assert resident is not None
        return of_resident(connection, resident, {COUNTY: 3}, swedish_now())


def told(one: KeptListing) -> tuple[str, HistoryOrigin | None, HistoryOrigin | None]:
    return one.unit.name, one.began, one.ended


def facilities(register: Register, person: str = ANNA) -> list[str]:
    """Return the facilities that GetListing answers now."""
    answer = get_listing(make_producer(register, now=swedish_now()), person)
    return values(answer, "listings/healthcareFacility/id")


def messages(register: Register) -> list[tuple[str | None, str]]:
    """Return receiver and resident of every message to another region."""
    with register.reading() as connection:
        found = connection.execute(
            select(outgoing.c.address, outgoing.c.person_id).where(outgoing.c.kind == "message")
        )
        return [(row.address, row.person_id) for row in found]


class TestShow:
    def test_the_history_stays_in_the_register_and_answers_show_what_is_current(
        self, region: Register
    ) -> None:
        """Where the resident is listed, and the history, which is never answered."""
        # S000-009: an answer has the present listing only
        assert facilities(region) == [str(CENTRE.hsa_id)]
        lines = done("listings", "show", ANNA, "--by", "Karin").splitlines()
        listed, history = lines[lines.index("Listed") :], lines[lines.index("History") :]
        # S000-008: where the resident is listed
        assert str(CENTRE.hsa_id) in listed[2]
        assert "2024-01-01 08:00" in listed[2]
        assert str(DOCTOR.hsa_id) in listed[2]
        # S000-009: the listings before it are shown to staff
        assert [str(one.hsa_id) in line for one, line in zip((CENTRE, NORTH), history[2:4], strict=True)] == [
            True,
            True,
        ]
        assert history[3].count("2024-01-01 08:00") == 1  # the day it ended
        assert lines[-1] == "Re-listings left (PV): 3"
        assert audited(region) == [("fastkontakt listings show", ANNA, "Karin")]

    def test_each_entry_of_the_history_tells_what_brought_it(self, register: Register) -> None:
        """The load that brought a listing, the call that made one, who ended one and why."""
        load_demo(register, "vardgivare", "enheter", "personal")
        load_with("population-register", register, samples("population-register"))
        loaded = HistoryOrigin("population-register", load=2, by="")
        found = overview(register, MOVED).listings
        # S000-009: the load that brought and ended each listing
        assert [(one.began, one.ended) for one in found] == [(loaded, None), *[(loaded, loaded)] * 2]
        now = swedish_now()
        app = make_producer(register, now=now)
        wish = create_listing(MOVED, "SE2321000131-DEMOVC01")
        assert post(app, path("CreateListing"), envelope(wish)).result[0] in ("OK", "INFO")
        called = HistoryOrigin("CreateListing", by=MOVED)
        latest, before, *_ = overview(register, MOVED).listings
        assert (latest.began, latest.ended) == (called, None)
        # S000-009: and the call that ended one
        assert (before.began, before.ended) == (loaded, called)

    def test_queue_notes_and_requests(self, region: Register) -> None:
        keep(region, Resident(OTHER_ID, OTHER_COUNTY))
        done("listings", "create", OTHER_ID, str(NORTH.hsa_id), "--home-county", OTHER_COUNTY)
        said = done("listings", "show", OTHER_ID)
        assert "Waiting for the home region" in said
        assert str(NORTH.hsa_id) in said.partition("Waiting for the home region")[2].partition("History")[0]
        assert "Re-listings left" not in said  # the home region counts them
        found = overview(region, CLARA)
        assert [(one.facility.unit.name, one.position) for one in found.places] == [(FULL.name, 1)]
        assert [one.note.county for one in found.present_notes] == [OTHER_COUNTY]
        assert [one.note.county for one in found.notes] == [OTHER_COUNTY, "17"]
        said = done("listings", "show", CLARA)
        for title in ("Listed in another county", "In queues", "History"):
            assert title in said
        assert "county 17" in said
        assert done("listings", "show", DAN).splitlines() == ["Not listed.", "", "Re-listings left (PV): 3"]

    def test_a_note_tells_the_call_that_brought_it(self, region: Register) -> None:
        app = make_producer(region, now=swedish_now())
        body = envelope(update_listing(ANNA, OTHER_COUNTY, COUNTY))
        assert post(app, path("UpdateListing"), body).result[0] == "OK"
        found = overview(region, ANNA)
        assert [(one.note.county, one.began and one.began.source) for one in found.notes] == [
            (OTHER_COUNTY, "UpdateListing")
        ]
        assert found.listings[0].ended == HistoryOrigin("UpdateListing")
        assert found.remaining == {PV.key: 2}


class TestEnd:
    def test_the_listing_ends_with_its_doctor_and_the_log_says_who_and_why(self, region: Register) -> None:
        """Gone from both answers at once, and kept with its cause."""
        assert shown(region, ANNA) == ([str(DOCTOR.hsa_id)], [str(DOCTOR.hsa_id)])
        said = done("listings", "end", ANNA, "--by", "Karin", "--reason", "moved abroad")
        assert said == "Ended: PV at Centre.\n"
        assert facilities(region) == []
        # S001-013: the doctor is gone with the listing
        assert shown(region, ANNA) == ([], [])
        latest, *_ = overview(region, ANNA).listings
        # S000-009: who ended it, and why, is in the history
        assert told(latest) == (
            CENTRE.name,
            None,
            HistoryOrigin("fastkontakt listings", by="Karin", reason="moved abroad"),
        )
        assert "fastkontakt listings (Karin: moved abroad)" in _flat(done("listings", "show", ANNA))
        with region.reading() as connection:
            log = select(listing_change.c.kind, listing_change.c.actor_id, listing_change.c.reason)
            assert [tuple(row) for row in connection.execute(log.order_by(listing_change.c.id))] == [
                ("ended", "Karin", "moved abroad"),
                ("doctor_ended", "Karin", "moved abroad"),
            ]
        assert audited(region)[0] == ("fastkontakt listings end", ANNA, "Karin")
        assert messages(region) == []
        assert "moved abroad" in done("contacts", "show", ANNA, "--history")
        assert done("listings", "log", ANNA).count("moved abroad") == 2

    def test_the_place_goes_to_the_queue(self, region: Register) -> None:
        done("listings", "end", BO)
        assert facilities(region, BO) == []
        assert [one.unit.name for one in overview(region, CLARA).present] == [FULL.name]
        assert overview(region, CLARA).places == []

    def test_the_home_region_of_a_resident_of_another_county_is_told(self, region: Register) -> None:
        """As when a facility closes (carelisting IS, flow 13)."""
        done("listings", "end", FINN)
        assert messages(region) == [(OTHER_COUNTY, FINN)]

    def test_one_of_several_is_named(self, region: Register) -> None:
        code, system = REGION_TYPE
        keep(region, listing("L9", ANNA, NORTH, code=code, code_system=system))
        said = refused("listings", "end", ANNA)
        assert said.startswith("The resident has 2 such listings")
        assert len(overview(region, ANNA).present) == 2
        done("listings", "end", ANNA, "--type", f"{code}|{system}")
        assert facilities(region) == [str(CENTRE.hsa_id)]
        assert shown(region, ANNA) == ([str(DOCTOR.hsa_id)], [str(DOCTOR.hsa_id)])
        assert "has no such listing in" in refused("listings", "end", ANNA, "--facility", str(NORTH.hsa_id))
        done("listings", "end", ANNA, "--facility", str(CENTRE.hsa_id).lower())
        assert facilities(region) == []

    def test_a_type_that_is_none(self, region: Register) -> None:
        assert run("listings", "end", ANNA, "--type", "BVC").exit_code == 2


@pytest.mark.parametrize("command", ["show", "end"])
class TestNobody:
    def test_protected_identity(self, region: Register, command: str) -> None:
        """Nothing but that is said, nothing is done, and that it was asked is kept."""
        # S000-007: nothing but that is said
        assert refused("listings", command, EVA, "--by", "Karin") == "Skyddad identitet\n"
        with region.reading() as connection:
            assert connection.execute(select(listing_change)).all() == []
        # S000-005: that it was asked is logged
        assert audited(region) == [(f"fastkontakt listings {command}", EVA, "Karin")]

    def test_nobody_there(self, region: Register, command: str) -> None:
        assert "no such resident" in refused("listings", command, OTHER_ID)


def _flat(text: str) -> str:
    return " ".join(text.split())
