"""`fastkontakt imports`: the loads that have been, and taking the last one back."""

from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.clock import swedish_now
from fastkontakt.cli import app
from register.database import Register
from tests.integration.contact_commands import done, refused, run
from tests.integration.load_commands import BO, CLARA, doctors, row, upload, world
from tests.records import DAN

SQLITE_ALONE = True


def load(profile: Path, *rows: str, by: str = "Siri Ek") -> int:
    """Load an upload and return the exit code."""
    return run("import", str(profile), str(upload(profile.parent, *rows)), "--by", by).exit_code


def test_the_latest_load_shows_with_its_day_and_who_did_it(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = world(register, tmp_path, monkeypatch)
    load(profile, row(BO), by="Siri Ek")
    before = swedish_now() - timedelta(minutes=1)
    load(profile, row(BO), row(CLARA), by="Ola Lind")

    header, latest, first = done("imports").splitlines()

    assert header.split()[:5] == ["load", "source", "state", "when", "by"]
    assert latest.split()[:3] == ["2", "upload", "loaded"]
    # S001-051: the day of the latest load
    assert any(f"{day:%Y-%m-%d}" in latest for day in (before, swedish_now()))
    # S001-051: and who did it
    assert "Ola Lind" in latest
    assert latest.split()[-5:] == ["2", "0", "1", "0", "0"]
    assert "Siri Ek" in first
    assert done("imports", "list", "--limit", "1").splitlines() == [header, latest]


def test_a_source_can_be_asked_for(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = world(register, tmp_path, monkeypatch)
    load(profile, row(BO))

    assert len(done("imports", "list", "--source", "upload").splitlines()) == 2
    assert len(done("imports", "list", "--source", "another").splitlines()) == 1


def test_a_load_is_shown_with_its_files_and_records(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = world(register, tmp_path, monkeypatch)
    load(profile, row(BO), row(CLARA))

    shown = done("imports", "show", "1")

    assert "load 1 of upload: Upload of fasta läkarkontakter" in shown
    assert ["doctors.csv", "2", "2", "0"] in [line.split() for line in shown.splitlines()]
    assert ["fixed_contact", "2", *"0000000"] in [line.split() for line in shown.splitlines()]
    assert refused("imports", "show", "7") == "There is no load 7; see: fastkontakt imports list\n"


def test_a_refused_load_is_in_the_list(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = world(register, tmp_path, monkeypatch)

    assert load(profile, row(BO), row(DAN)) == 1

    assert done("imports").splitlines()[1].split()[:3] == ["1", "upload", "refused"]
    assert refused("imports", "undo", "--yes") == "There is no load to undo.\n"


def test_the_last_load_is_undone_and_says_who_undid_it(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = world(register, tmp_path, monkeypatch)
    load(profile, row(BO))
    load(profile, row(BO), row(CLARA))

    assert refused("imports", "undo", "1", "--yes").startswith("Load 2 came after load 1")
    printed = done("imports", "undo", "--yes", "--by", "Eva Berg")

    assert ["fixed_contact", "0", "1"] in [line.split() for line in printed.splitlines()]
    assert doctors(register) == {BO}
    assert "by Eva Berg" in done("imports", "show", "2")
    assert refused("imports", "undo", "2", "--yes") == "There is no load 2 that could be undone.\n"
    done("imports", "undo", "1", "--yes")
    assert doctors(register) == set()


def test_undo_asks_first(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = world(register, tmp_path, monkeypatch)
    load(profile, row(BO))

    no = CliRunner().invoke(app, ["imports", "undo"], input="n\n")
    assert (no.exit_code, doctors(register)) == (1, {BO})
    yes = CliRunner().invoke(app, ["imports", "undo"], input="y\n")
    assert (yes.exit_code, doctors(register)) == (0, set())


def test_what_somebody_has_gone_on_from_is_not_undone(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = world(register, tmp_path, monkeypatch)
    load(profile, row(BO, day="2026-01-01"))
    done("contacts", "end", BO, "--type", "2", "--by", "Siri Ek")

    assert "have been changed since" in refused("imports", "undo", "--yes")
