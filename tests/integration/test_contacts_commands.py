"""``fastkontakt contacts``: residents' contacts and the reports about them."""

import csv
import stat
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from contracts.clock import swedish_now
from contracts.codes import CARE_CONTACT, TREATING_ROLE
from register.database import Register
from register.model import Resident
from tests.databases import keep
from tests.integration.contact_commands import EMIL, audited, done, fill, refused, run, shown
from tests.producers import CENTRE, DOCTOR
from tests.records import (
    ANNA,
    BO,
    CLARA,
    COUNTY,
    DAN,
    EVA,
    FINN,
    LONG_AGO,
    OTHER_ID,
    contact,
    doctor,
    hsa,
    listing,
    unit,
    works_at,
)

pytestmark = pytest.mark.parametrize("register", ["sqlite"], indirect=True)

UNIT, DORA, OTHER = str(CENTRE.hsa_id), str(DOCTOR.hsa_id), str(EMIL.hsa_id)
NEW = ("--type", "2", "--unit", UNIT, "--staff", OTHER.lower(), "--by", "Karin")


@pytest.fixture
def region(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    fill(register, tmp_path, monkeypatch)
    return register


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text)))[1:]


def test_a_new_doctor_shows_at_once(region: Register) -> None:
    """GetListing and GetCareManagers follow a change at once."""
    assert shown(region, ANNA) == ([DORA], [DORA])
    done("contacts", "add", ANNA, *NEW, "--reason", "asked for her")
    # S000-013, S001-035: appointed by command, shown in both contracts at once
    # S000-019: in place of the one before
    assert shown(region, ANNA) == ([OTHER], [OTHER])
    done("contacts", "end", ANNA, "--type", "2", "--by", "Karin")
    # S000-013: and removed likewise
    assert shown(region, ANNA) == ([], [])
    said = done("contacts", "show", ANNA, "--history", "--by", "Sven")
    assert said.count(" appointed ") == 1
    assert said.count(" ended ") == 2
    # S001-007: for any reason, which is kept
    assert "asked for her" in said
    assert audited(region)[-1] == ("fastkontakt contacts show", ANNA, "Sven")


def test_all_about_a_resident_is_on_one_page(region: Register) -> None:
    """The chosen doctor, treating roles, where the resident has been listed, and the county.

    A treating role is shown here, and never sent.
    """
    north = unit("north", name="Norra hälsocentralen")
    ended = listing("L0", ANNA, north, valid_from=LONG_AGO - timedelta(days=400), valid_to=LONG_AGO)
    keep(region, north, ended)
    done("doctors", "set", UNIT, OTHER, "--treating-role")
    done("contacts", "add", ANNA, "--type", TREATING_ROLE, "--unit", UNIT, "--staff", OTHER)
    lines = [" ".join(line.split()) for line in done("contacts", "show", ANNA).splitlines()]
    # S000-020: the home county, which is all of geography that the register has
    assert lines[0] == f"Home county: {COUNTY} Gävleborg"
    # S000-020: the doctor by the listing
    assert lines[1] == f"Fast läkarkontakt: {DOCTOR.name}, {CENTRE.name}"
    contacts, _, history = "\n".join(lines[2:]).partition("History\n")
    whose = f"staff {DOCTOR.name}\nHSA-id {DORA}\nunit {CENTRE.name}"
    theirs = f"staff {EMIL.name}\nHSA-id {OTHER}\nunit {CENTRE.name}"
    assert f"id F1\ntype 2 fast läkarkontakt i primärvård\n{whose}\n" in contacts
    # S000-020: treating roles
    assert f"type {TREATING_ROLE} Behandlande roll\n{theirs}\n" in contacts
    # S000-020: the history of the listing
    assert [line.partition(" PV ")[0] for line in history.splitlines()[1:3]] == [
        f"{CENTRE.name} {UNIT}",
        f"{north.name} {north.hsa_id}",
    ]
    assert history.splitlines()[2].endswith("PV 2022-11-27 08:00 2024-01-01 08:00")
    assert shown(region, ANNA) == ([DORA], [DORA])


def test_a_resident_of_whom_little_is_known(region: Register) -> None:
    """What is not known is said to be so."""
    keep(region, Resident(OTHER_ID))
    # S000-020: what is not known is said to be so
    assert done("contacts", "show", OTHER_ID).startswith("Home county: not known\n")


def test_a_contact_to_come_and_a_last_day(region: Register) -> None:
    """Shown from its first day only."""
    tomorrow = str(swedish_now().date() + timedelta(days=1))
    done("contacts", "add", BO, *NEW, "--from", tomorrow, "--to", tomorrow)
    # S000-034: not shown before its first day
    assert shown(region, BO) == ([], [])
    # S000-035: kept with first and last day
    assert done("contacts", "show", BO).count(tomorrow) == 2
    assert tomorrow in done("contacts", "without-doctor")


def test_changing_a_contact(region: Register) -> None:
    done("contacts", "change", "F1", "--to", "2100-01-01", "--internal-notes", "ring first")
    assert "2100-01-01" in done("contacts", "show", ANNA)
    done("contacts", "change", "F1", "--until-further-notice", "--internal-notes", "", "--by", "Karin")
    said = done("contacts", "show", ANNA, "--history")
    assert "2100-01-01" not in said
    assert said.count("changed: valid_to, internal_notes") == 2


def test_eight_characters_of_an_id_are_enough(region: Register) -> None:
    first, second = "patient-card-0000000000001", "patient-card-0000000000002"
    keep(region, *(contact(one, CLARA, DOCTOR, CENTRE, type_code=CARE_CONTACT) for one in (first, second)))
    made = done("contacts", "add", BO, *NEW).split()[-1]
    short = made[21:29]
    assert f"id            {short}\n" in done("contacts", "show", BO)
    assert f"id            {first}\n" in done("contacts", "show", CLARA), "what tells it from the other"
    assert "an id that begins so" in refused("contacts", "end", first[:12])
    assert "no contact with that id" in refused("contacts", "change", "%%%%%%%%", "--team", "")
    assert "no contact with that id" in refused("contacts", "end", short[:7])
    done("contacts", "change", short, "--internal-notes", "ring first")
    done("contacts", "end", short)
    done("contacts", "end", first)
    assert "None." in done("contacts", "show", BO)


def test_ending_by_id(region: Register) -> None:
    """Gone at once, still in the history."""
    done("contacts", "end", "F1")
    # S000-037: gone at once
    assert shown(region, ANNA) == ([], [])
    assert "F1" not in done("contacts", "show", ANNA)
    # S000-037: still in the history
    assert "F1" in done("contacts", "show", ANNA, "--history")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("add", DAN, *NEW), "not listed", id="not listed"),
        pytest.param(("add", FINN, *NEW), "no such resident", id="unknown person"),
        pytest.param(("add", BO, *NEW, "--unit", str(hsa("nowhere"))), "no unit", id="unknown unit"),
        pytest.param(("add", BO, *NEW, "--staff", str(hsa("nobody"))), "does not work", id="unknown staff"),
        pytest.param(("end", "nothing"), "no contact with that id", id="unknown contact"),
        pytest.param(("change", "nothing", "--team", ""), "no contact with that id", id="change unknown"),
        pytest.param(("end", BO, "--type", "2"), "has 0 contacts", id="no contact of the type"),
        pytest.param(("end", "F1", "--on", "2000-01-01"), "begins on", id="before it began"),
        pytest.param(("show", FINN), "no such resident", id="show unknown"),
        pytest.param(("show", EVA), "Skyddad identitet\n", id="S000-007: nothing else is shown"),
        pytest.param(
            ("add", EVA, *NEW), "Skyddad identitet\n", id="S000-007: nothing else when one appoints"
        ),
        pytest.param(("end", "F5"), "Skyddad identitet\n", id="S000-007: nothing else when one ends"),
        pytest.param(
            ("change", "F5", "--team", ""),
            "Skyddad identitet\n",
            id="S000-007: nothing else when one changes",
        ),
        pytest.param(
            ("report", "per-unit", "--csv", "/nowhere/at/all.csv"), "cannot be written", id="no folder"
        ),
    ],
)
def test_what_is_not_done_is_one_line(region: Register, arguments: tuple[str, ...], says: str) -> None:
    """Of somebody with protected identity nothing but that is said."""
    assert says in refused("contacts", *arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("show", ANNA[2:]), id="person"),
        pytest.param(("add", BO, *NEW, "--from", "2026-02-30"), id="day"),
        pytest.param(("end", BO), id="which contact"),
        pytest.param(("end", "F1", "--type", "2"), id="id with type"),
        pytest.param(("change", "F1"), id="nothing to change"),
        pytest.param(("change", "F1", "--to", "2100-01-01", "--until-further-notice"), id="both ends"),
    ],
)
def test_what_is_asked_wrongly(region: Register, arguments: tuple[str, ...]) -> None:
    assert run("contacts", *arguments).exit_code == 2


def test_what_is_missing_or_wrong_is_said_in_plain_words(region: Register) -> None:
    assert "say which of the resident's contacts: --type" in " ".join(
        run("contacts", "end", BO).stderr.split()
    )
    said = run("contacts", "add", BO, *NEW, "--from", "2026-02-30").stderr
    assert "there is no day 2026-02-30" in said
    assert "%Y" not in said


@pytest.mark.parametrize("kind", ["99", "Fast läkarkontakt"])
def test_a_type_that_is_not_known_is_refused_unless_forced(region: Register, kind: str) -> None:
    refused = run("contacts", "add", BO, *NEW, "--type", kind)
    assert (refused.exit_code, "--force" in refused.stderr) == (2, True)
    done("contacts", "add", BO, *NEW, "--type", kind, "--force")
    assert f" {kind}\n" in done("contacts", "show", BO)


def test_residents_without_a_doctor(region: Register) -> None:
    """Newly listed first."""
    said = rows(done("contacts", "without-doctor", "--unit", UNIT.lower(), "--csv", "-"))
    # S001-037: those listed without doctor
    # S001-009: newly listed first
    assert [one[0] for one in said] == [BO, CLARA]
    done("contacts", "add", BO, *NEW)
    done("contacts", "end", ANNA, "--type", "2")
    assert [one[0] for one in rows(done("contacts", "without-doctor", "--csv", "-"))] == sorted([ANNA, CLARA])


def test_the_two_fixed_reports(region: Register) -> None:
    """Total and list, none protected."""
    keep(
        region,
        contact("C1", ANNA, DOCTOR, CENTRE, type_code=CARE_CONTACT),
        contact("C5", EVA, DOCTOR, CENTRE, type_code=CARE_CONTACT),
    )
    # S000-014, S002-012, S002-013: number of care contacts for each unit
    assert rows(done("contacts", "report", "per-unit", "--csv", "-")) == [[UNIT, CENTRE.name, "2", "1"]]
    said = rows(done("contacts", "report", "list", "--csv", "-", "--by", "Chefen"))
    # S000-014, S002-014: list for each health centre or specialist care
    assert [(one[2], one[4], one[6]) for one in said] == [("hälsocentral", DORA, ANNA), ("", "", "")]
    # S000-007: of the protected nothing but that
    assert said[1] == ["Skyddad identitet", *[""] * 8]
    listed = [one for one in audited(region) if "list" in one[0]]
    # S002-016: who took the report out, and whom it showed
    assert listed == [("fastkontakt contacts report list", one, "Chefen") for one in sorted((ANNA, EVA))]
    assert ANNA in done("contacts", "report", "list")


def test_the_workload(region: Register) -> None:
    """Free places may be below zero, and stay a number."""
    keep(region, works_at(DOCTOR, CENTRE, max_patients=1, working_share=80))
    said = rows(done("contacts", "report", "workload", "--csv", "-"))
    # S001-029, S001-030, S002-015: patients, cap and free places of each, with the share of full time
    assert [(one[3], one[5:9]) for one in said] == [
        (DORA, ["2", "1", "-1", "80"]),
        (OTHER, ["0", "", "", ""]),
    ]


def test_no_cell_is_a_formula(region: Register, tmp_path: Path) -> None:
    """What a spreadsheet would take for a formula has an apostrophe; the file is the user's own."""
    for place, sign in enumerate(("=1+1", "+1", "-1", "@SUM", "\tx")):
        name = doctor(f"odd{place}", given_name=sign, surname="Zed")
        keep(region, name, works_at(name, CENTRE))
    path = tmp_path / "report.csv"
    assert done("contacts", "report", "workload", "--csv", str(path)) == ""
    names = [one[2] for one in rows(path.read_text("utf-8")) if one[2].endswith("Zed")]
    assert sorted(names) == sorted(f"'{sign} Zed" for sign in ("=1+1", "+1", "-1", "@SUM", "\tx"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
