"""A region whose listing system takes its changes from the feed (docs/modes.md, mirror).

Other regions are told nothing, places are given by the listing system, and what it never takes in is listed.
The sources are those of the two hands: a population register's night, in the shipped layout.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, update
from typer.testing import CliRunner

from contracts.codes import PV
from fastkontakt.cli import app as commands
from listings.changes import ListingChanges
from listings.listing_log import Cause
from listings.settings import RegionSettings, kept_up, led_elsewhere
from listings.upkeep import settle
from mapping.loads import unconfirmed as module
from mapping.loads.unconfirmed import unconfirmed
from producer.wsgi import Producer
from register import outgoing
from register.database import Register
from register.model import Resident, UnitListingType
from register.outgoing import TaskKind
from register.tables import resident
from tests.asking import get_listing, get_listing_county, values
from tests.databases import audit_rows, keep
from tests.integration.shipped import load_demo
from tests.integration.test_statement_plans import plan, scanned
from tests.integration.test_two_hands import DAY, ONE, TWO, WHO, Night
from tests.messages import create_listing, envelope, path, update_listing
from tests.producers import SMALL_REGION, make_producer
from tests.records import (
    ANNA,
    BO,
    COUNTY,
    DAN,
    NOW,
    OTHER_COUNTY,
    PROVIDER,
    TODAY,
    listing,
    note,
    place,
    unit,
)
from tests.wsgi import post

MIRROR = {"mode": "mirror", "confirm_days": 3}
THIRD = "17"
runner = CliRunner()


def producer(register: Register, days: int = 0) -> Producer:
    return make_producer(register, now=NOW + days * DAY, regions={COUNTY: MIRROR})


def create(register: Register, facility: str, person_id: str = WHO, **wish: Any) -> tuple[str, str | None]:
    asked = envelope(create_listing(person_id, facility, **wish), COUNTY)
    return post(producer(register), path("CreateListing"), asked).result


def told(register: Register) -> int:
    with register.reading() as connection:
        return len(outgoing.listed(connection, TaskKind.MESSAGE))


def waiting(register: Register, days: int, confirm_days: int = 3) -> list[tuple[str, str, str]]:
    """Return what is unconfirmed some days after the calls: of what, what was done, and where."""
    with register.reading() as connection:
        found = unconfirmed(connection, {COUNTY: confirm_days}, NOW + timedelta(days=days, seconds=1))
    assert {one.person_id for one in found} <= {WHO}
    return sorted((one.record_type.__name__, str(one.what), one.unit) for one in found)


class TestOtherRegionsAndQueues:
    """The listing system tells the regions, and gives the places."""

    @pytest.fixture(autouse=True)
    def _region(self, register: Register) -> None:
        self.small = unit("small", max_listings=1, offers_queue=True)
        self.new = unit("new")
        types = [UnitListingType(one.hsa_id, PV.code, PV.system) for one in (self.small, self.new)]
        keep(register, *SMALL_REGION, self.small, self.new, *types, Resident(BO, COUNTY))
        keep(register, Resident(DAN, OTHER_COUNTY), listing("L2", BO, self.small))

    def test_a_resident_of_another_county_is_listed_and_her_region_is_not_asked(
        self, register: Register
    ) -> None:
        asked = create(register, str(self.new.hsa_id), DAN, home=OTHER_COUNTY, new=COUNTY)
        assert asked == ("OK", None)
        found = values(get_listing(producer(register), DAN), "listings/healthcareFacility/id")
        assert found == [str(self.new.hsa_id)]
        assert told(register) == 0

    def test_a_county_she_comes_home_from_is_not_told(self, register: Register) -> None:
        keep(register, note("N1", BO, OTHER_COUNTY))
        create(register, str(self.new.hsa_id), BO)
        assert get_listing_county(producer(register), BO) == [COUNTY]
        assert told(register) == 0

    def test_a_third_county_is_not_told(self, register: Register) -> None:
        keep(register, note("N1", BO, OTHER_COUNTY))
        asked = envelope(update_listing(BO, THIRD, COUNTY), COUNTY)
        assert post(producer(register), path("UpdateListing"), asked).result == ("OK", None)
        assert get_listing_county(producer(register), BO) == [THIRD]
        assert told(register) == 0

    def test_a_listing_ended_by_staff_is_told_to_nobody(self, register: Register) -> None:
        keep(register, listing("L3", DAN, self.new))
        regions = {COUNTY: RegionSettings.model_validate(MIRROR)}
        with register.writing() as connection:
            cause = Cause(source="fastkontakt listings")
            changes = ListingChanges(connection, NOW, {COUNTY: 3}, cause, led_elsewhere(regions))
            assert changes.end_listing(DAN, PV.key, COUNTY, self.new.hsa_id)
            changes.finish()
        assert told(register) == 0

    def test_a_place_that_frees_up_waits_for_the_listing_system(self, register: Register) -> None:
        keep(register, place("Q1", ANNA, self.small))
        assert create(register, str(self.new.hsa_id), BO)[0] == "OK"
        entries = get_listing(producer(register)).findall("{*}listings")
        assert [values(one, "isInQueue") for one in entries] == [["false"], ["true"]]

    def test_nothing_is_kept_up(self, register: Register) -> None:
        regions = {COUNTY: RegionSettings.model_validate(MIRROR)}
        assert kept_up(regions) == {}
        assert settle(register, NOW, kept_up(regions)) == 0


class TestUnconfirmed:
    """A change that never comes back is listed; one that a source says is not."""

    @pytest.fixture
    def night(self, register: Register, tmp_path: Path) -> Night:
        load_demo(register, "vardgivare", "enheter", "personal")
        found = Night(register, tmp_path)
        found.loaded()
        assert create(register, ONE)[0] == "OK"
        return found

    @pytest.mark.parametrize(("days", "listed"), [(0, False), (2, False), (3, True), (400, True)])
    def test_it_is_listed_when_its_days_have_passed(self, night: Night, days: int, listed: bool) -> None:
        night.loaded(TODAY + DAY)
        expected = [("Listing", "begun", ONE), ("Listing", "ended", TWO)]
        assert waiting(night.register, days) == (expected if listed else [])

    def test_files_that_are_looked_at_in_full_confirm_nothing(self, night: Night) -> None:
        for days in (1, 2):
            night.loaded(TODAY + days * DAY, all_rows=True)
        assert waiting(night.register, 5) == [("Listing", "begun", ONE), ("Listing", "ended", TWO)]

    @pytest.mark.parametrize("late", [0, 1, 3], ids=lambda days: f"{days} days later")
    def test_the_same_words_confirm_it(self, night: Night, late: int) -> None:
        begun = TODAY + late * DAY
        night.replace(
            "listningar",
            WHO,
            f"{WHO};{TWO};2024-08-12;{begun - DAY};Aktivt val",
            f"{WHO};{ONE};{begun};;Aktivt val",
        )
        night.loaded(TODAY + 4 * DAY)
        assert waiting(night.register, 10) == []

    def test_a_file_with_what_is_in_force_alone_confirms_the_end_too(self, night: Night) -> None:
        night.replace("listningar", WHO, f"{WHO};{ONE};{TODAY};;Aktivt val")
        night.loaded(TODAY + DAY)
        assert waiting(night.register, 10) == []

    def test_other_words_do_not_confirm_it(self, night: Night) -> None:
        other = "SE2321000131-DEMOVC04"
        night.replace(
            "listningar",
            WHO,
            f"{WHO};{TWO};2024-08-12;{TODAY - DAY};Aktivt val",
            f"{WHO};{other};{TODAY};;Aktivt val",
        )
        night.loaded(TODAY + DAY)
        assert ("Listing", "begun", ONE) in waiting(night.register, 10)

    def test_what_began_and_ended_before_any_source_spoke_of_it_is_not_waited_for(self, night: Night) -> None:
        assert create(night.register, TWO)[0] == "OK"
        assert ("Listing", "begun", ONE) not in waiting(night.register, 10)
        assert ("Listing", "begun", TWO) in waiting(night.register, 10)

    def test_a_doctor_a_note_and_a_queue_place_are_waited_for_too(self, night: Night) -> None:
        register, full = night.register, unit("full", max_listings=0, offers_queue=True)
        keep(register, PROVIDER, full)
        assert create(register, str(full.hsa_id), add_to_queue=True) == ("OK", None)
        assert create(register, ONE, doctor="SE2321000131-DEMOL01")[0] == "OK"
        assert ("FixedContact", "begun", ONE) in waiting(register, 5)
        asked = envelope(update_listing(WHO, THIRD, COUNTY), COUNTY)
        assert post(producer(register), path("UpdateListing"), asked).result == ("OK", None)
        night.loaded(TODAY + DAY)
        assert waiting(register, 5) == [
            ("Listing", "ended", TWO),
            ("OutOfCountyListing", "begun", THIRD),
            ("QueuePlace", "begun", str(full.hsa_id)),
        ]

    def test_a_contact_to_come_that_is_no_more_is_waited_for(self, night: Night) -> None:
        register, begins = night.register, TODAY + 30 * DAY
        doctor = f"{WHO};Fast läkarkontakt;SE2321000131-DEMOL01;{ONE};{begins};;2025-01-01 10:00;"
        night.rows["kontakter"].append(doctor)
        night.loaded()
        assert create(register, "SE2321000131-DEMOVC04")[0] == "OK"
        assert ("FixedContact", "removed", ONE) in waiting(register, 5)

    def test_a_region_that_does_not_mirror_is_left_out(self, night: Night) -> None:
        with night.register.reading() as connection:
            assert unconfirmed(connection, {THIRD: 0}, NOW + 10 * DAY) == []
            assert unconfirmed(connection, {}, NOW + 10 * DAY) == []

    def command(self, night: Night, tmp_path: Path, *arguments: str, mode: str = "mirror") -> tuple[int, str]:
        url = night.register.engine.url.render_as_string(hide_password=False)
        file = tmp_path / "settings.toml"
        days = "confirm_days = 0" if mode == "mirror" else ""
        file.write_text(f'[database]\nurl = "{url}"\n[regions.14]\nmode = "{mode}"\n{days}\n[regions.01]\n')
        result = runner.invoke(
            commands, ["listings", "unconfirmed", "--config", str(file), "--by", "her", *arguments]
        )
        return result.exit_code, result.output

    @pytest.mark.parametrize("register", ["sqlite"], indirect=True)
    def test_the_command_lists_them_with_an_audit_row(self, night: Night, tmp_path: Path) -> None:
        code, printed = self.command(night, tmp_path, "--csv", "-")
        assert code == 0
        assert printed.splitlines() == [
            "changed,county,person,what,where,type,by",
            f"2026-03-10 12:00,14,{WHO},listing begun,{ONE},PV,call",
            f"2026-03-10 12:00,14,{WHO},listing ended,{TWO},PV,call",
        ]
        row = audit_rows(night.register)[-1]
        assert (row["contract"], row["person_id"], row["actor_id"], row["hits"]) == (
            "fastkontakt listings unconfirmed",
            WHO,
            "her",
            1,
        )
        assert self.command(night, tmp_path, "--county", "14", "--csv", "-") == (code, printed)

    @pytest.mark.parametrize("register", ["sqlite"], indirect=True)
    def test_of_a_protected_resident_it_says_no_more(self, night: Night, tmp_path: Path) -> None:
        with night.register.writing() as connection:
            own = resident.c.person_id == WHO
            connection.execute(update(resident).where(own).values(protected=True))
        _, printed = self.command(night, tmp_path, "--csv", "-")
        assert WHO not in printed
        assert ONE not in printed
        assert printed.splitlines()[1] == "2026-03-10 12:00,14,Skyddad identitet,,,,"
        assert audit_rows(night.register)[-1]["person_id"] == WHO

    @pytest.mark.parametrize("register", ["sqlite"], indirect=True)
    def test_a_county_that_does_not_mirror_is_refused(self, night: Night, tmp_path: Path) -> None:
        code, printed = self.command(night, tmp_path, "--county", "01")
        assert code == 2
        assert "regions.01.mode" in printed
        code, printed = self.command(night, tmp_path, mode="register")
        assert (code, printed) == (1, "No region mirrors a listing system (setting regions.NN.mode).\n")


STATEMENTS = {name: value for name, value in vars(module).items() if isinstance(value, Select)}


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", STATEMENTS)
def test_what_is_unconfirmed_is_found_by_indexes(register: Register, name: str) -> None:
    lines = plan(register, STATEMENTS[name])
    assert scanned(lines) == set(), "\n".join(lines)
    assert not [line for line in lines if line.startswith("SCAN") and "unit" not in line], lines
