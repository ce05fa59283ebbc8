"""``fastkontakt listings``: what staff do with listings and queues."""

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from contracts.clock import swedish_now
from contracts.codes import PV
from fastkontakt.cli import app
from listings import places
from listings.current import listed_at
from register.database import Register
from register.model import Allotment, ListingType, Record, Resident, UnitListingType
from tests.databases import audit_rows, keep
from tests.producers import SMALL_REGION
from tests.records import (
    ANNA,
    BO,
    CLARA,
    COUNTY,
    DAN,
    DATE_NOT_VERIFIED,
    EVA,
    LONG_AGO,
    NOW,
    REGION_TYPE,
    hsa,
    listing,
    lower,
    place,
    residents,
    unit,
)

FULL = unit("full", max_listings=1, offers_queue=True, allotment=Allotment.STAFF)
FREE = unit("free", max_listings=1, offers_queue=True, allotment=Allotment.STAFF)
LATER = LONG_AGO.replace(hour=9)

pytestmark = pytest.mark.parametrize("register", ["sqlite"], indirect=True)


@pytest.fixture
def region(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    """A region with a full facility and one with a place that its queue waits for."""
    keep(
        register,
        *SMALL_REGION,
        *(FULL, FREE),
        *residents(BO, CLARA, DAN, EVA),
        listing("L2", BO, FULL),
        place("K1", CLARA, FREE),
        place("K2", DAN, FREE, queued_at=LATER),
    )
    settings = tmp_path / "settings.toml"
    url = register.engine.url.render_as_string(hide_password=False)
    settings.write_text(f'[database]\nurl = "{url}"\n[regions.{COUNTY}]\n', "utf-8")
    monkeypatch.setenv("FASTKONTAKT_CONFIG", str(settings))
    return register


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["listings", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def listed(register: Register, person: str) -> list[str]:
    with register.reading() as connection:
        found = listed_at(connection, person, COUNTY, NOW.replace(year=2100))
    return [str(one.facility.unit.hsa_id) for one in found]


def test_a_listing_from_a_form(region: Register) -> None:
    done = run("create", EVA, str(hsa("CENTRE")), "--by", "Karin")
    assert (done.exit_code, done.stdout) == (0, "OK\n")
    assert listed(region, EVA) == [str(hsa("centre"))]
    said = run("log", EVA).stdout
    assert "Karin" in said
    assert "answered" in said


def test_a_facility_is_named_by_a_part_of_its_name(region: Register) -> None:
    keep(region, unit("north", name="Norra hälsocentralen"), unit("norra", name="Norra kliniken"))
    assert run("queue", "norra HÄLSO").exit_code == 0
    several = run("create", EVA, "norra")
    assert (several.exit_code, "2 units have norra in their names" in several.stderr) == (1, True)
    assert run("create", EVA, "norra hälso").stdout == "OK\n"
    assert run("end", EVA, "--facility", "norra hälso").exit_code == 0


def test_a_listing_the_rules_refuse(region: Register) -> None:
    done = run("create", EVA, str(FULL.hsa_id))
    assert done.exit_code == 1
    assert done.stderr.startswith("ERROR_MAXIMUM_CITIZEN_REACHED_ON_CAREUNIT: ")
    assert listed(region, EVA) == []
    assert "answered" not in run("log", EVA).stdout


def test_a_listing_that_waits_for_the_home_region(region: Register) -> None:
    done = run("create", EVA, str(hsa("centre")), "--home-county", "01")
    assert done.exit_code == 0
    assert listed(region, EVA) == []
    assert " 01 " in CliRunner().invoke(app, ["outbox", "list"]).stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param((EVA[2:], str(hsa("centre"))), "the century is missing", id="person"),
        pytest.param((EVA, str(hsa("centre")), "--home-county", "02"), "county", id="county"),
        pytest.param((EVA, str(hsa("centre")), "--listing-type", "BVC"), "CODE|SYSTEM", id="type"),
    ],
)
def test_what_cannot_be_understood(region: Register, arguments: tuple[str, ...], says: str) -> None:
    done = run("create", *arguments)
    assert done.exit_code == 2
    assert says in done.output


@pytest.mark.parametrize("command", [("create", EVA), ("queue",), ("allot",)], ids=lambda one: one[0])
def test_a_facility_that_is_not_there(region: Register, command: tuple[str, ...]) -> None:
    done = run(*command, str(hsa("nowhere")))
    assert done.exit_code == 1
    assert "There is no unit" in done.stderr


def test_the_queue_is_shown_in_its_order(region: Register) -> None:
    lines = run("queue", str(lower(FREE.hsa_id))).stdout.splitlines()
    assert [line.split()[:2] for line in lines[1:3]] == [["1", CLARA], ["2", DAN]]
    assert lines[-1] == "Free places (PV): 1"


def test_who_is_shown_is_kept_in_the_audit_log(region: Register) -> None:
    """Of somebody with protected identity nothing but that is shown."""
    keep(region, replace(residents(DAN)[0], protected=True))
    said = run("queue", str(FREE.hsa_id), "--by", "Karin").stdout
    assert "Skyddad identitet" in said
    # S000-007: of the protected nothing but that
    assert DAN not in said
    done = run("log", DAN)
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", "Skyddad identitet\n")
    run("log", CLARA, "--by", "Karin")
    found = [(row["contract"], row["person_id"], row["actor_id"]) for row in audit_rows(region)]
    # S000-005: each look-up of a person is logged, with who did it
    assert sorted(found) == [
        ("fastkontakt listings log", CLARA, "Karin"),
        ("fastkontakt listings queue", CLARA, "Karin"),
        ("fastkontakt listings queue", DAN, "Karin"),
    ]


def test_the_first_in_the_queue_is_given_the_place(region: Register) -> None:
    assert run("allot", str(FREE.hsa_id)).exit_code == 0
    assert listed(region, CLARA) == [str(FREE.hsa_id)]
    with region.reading() as connection:
        standing = places.queue(connection, FREE.hsa_id, NOW.replace(year=2100))
    assert [one.person_id for one in standing] == [DAN]
    done = run("allot", str(FREE.hsa_id))
    assert (done.exit_code, done.stderr) == (1, "The facility has no free place.\n")


def test_somebody_else_in_the_queue_is_given_the_place(region: Register) -> None:
    assert run("allot", str(FREE.hsa_id), "--person", DAN).exit_code == 0
    assert listed(region, DAN) == [str(FREE.hsa_id)]
    assert listed(region, CLARA) == []


def test_somebody_who_does_not_queue_is_not_given_the_place(region: Register) -> None:
    done = run("allot", str(FREE.hsa_id), "--person", ANNA)
    assert (done.exit_code, done.stderr) == (1, "Nobody like that is in the queue.\n")
    assert listed(region, ANNA) == [str(hsa("centre"))]


@pytest.mark.parametrize(
    "records",
    [
        pytest.param((ListingType(COUNTY, *PV.key, "Typ", max_age=40),), id="age"),
        pytest.param((UnitListingType(FREE.hsa_id, *REGION_TYPE),), id="type"),
        pytest.param((replace(FREE, listable=False),), id="takes no listings"),
        pytest.param((replace(FREE, valid_to=LONG_AGO.date()),), id="closed"),
    ],
)
def test_staff_cannot_give_what_cannot_be_asked_for(region: Register, records: tuple[Record, ...]) -> None:
    """What CreateListing refuses is no place in a queue either."""
    keep(region, *records)
    done = run("allot", str(FREE.hsa_id), "--person", CLARA)
    assert done.exit_code == 1
    assert "Nobody was given the place" in done.stderr
    assert listed(region, CLARA) == []


def test_staff_know_the_age_of_somebody_whose_number_does_not_tell_it(region: Register) -> None:
    """Born some day of 1970: whether old enough for the type only who has met them can tell."""
    born_in_1970 = DATE_NOT_VERIFIED[1]
    keep(
        region,
        Resident(born_in_1970, COUNTY),
        ListingType(COUNTY, *PV.key, "Typ", min_age=swedish_now().year - 1970),
        place("K3", born_in_1970, FREE),
    )
    assert run("create", born_in_1970, str(hsa("centre"))).exit_code == 0
    assert listed(region, born_in_1970) == [str(hsa("centre"))]
    assert run("allot", str(FREE.hsa_id), "--person", born_in_1970).exit_code == 0
    assert listed(region, born_in_1970) == [str(FREE.hsa_id)]


def test_who_queues_for_a_regional_type_needs_no_place_of_the_cap(region: Register) -> None:
    keep(
        region,
        ListingType(COUNTY, *REGION_TYPE, "Barnavårdscentral"),
        *(UnitListingType(FULL.hsa_id, *one) for one in (PV.key, REGION_TYPE)),
        place("K3", EVA, FULL, code=REGION_TYPE[0], code_system=REGION_TYPE[1]),
        place("K4", DAN, FULL),
    )
    assert run("allot", str(FULL.hsa_id), "--person", DAN).stderr == "The facility has no free place.\n"
    assert run("allot", str(FULL.hsa_id), "--person", EVA).exit_code == 0
    assert listed(region, EVA) == [str(FULL.hsa_id)]


def test_settling_ends_what_is_over(region: Register) -> None:
    keep(region, unit("full", valid_to=LONG_AGO.date()))
    assert run("settle").stdout == "Ended: 1\n"
    assert run("settle").stdout == "Ended: 0\n"
    assert "upkeep" in run("log", BO).stdout
