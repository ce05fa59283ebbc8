"""`fastkontakt import`: what it prints, writes and ends with, and what is in the register then."""

import json
import os
import sqlite3
import stat
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from fastkontakt.loads import progress
from mapping.loads.report import Progress
from register.database import Register
from tests.integration.contact_commands import EMIL, done, run
from tests.integration.load_commands import (
    BO,
    CLARA,
    DAN,
    NO_DOCTOR_THERE,
    NOT_LISTED,
    doctors,
    row,
    upload,
    world,
)
from tests.producers import CENTRE
from tests.records import hsa

SQLITE_ALONE = True

EVERYBODY = (BO, CLARA, DAN)

STAFF = """
[profile]
name = "directory"
title = "Directory"
[[file]]
name = "staff.csv"
record = "staff"
fields = { hsa_id = "ID", given_name = "FIRST", surname = "LAST" }
"""


def lines(text: str, start: str) -> list[list[str]]:
    """Return the cells of the printed lines that begin with a word."""
    return [line.split() for line in text.splitlines() if line.startswith(start)]


def test_an_upload_without_fault_is_loaded_and_counted(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = world(register, tmp_path, monkeypatch)
    file = upload(tmp_path, row(BO), row(CLARA))

    printed = done("import", str(profile), str(file))

    assert lines(printed, "doctors.csv") == [["doctors.csv", "2", "2", "0", "2", "0"]]
    assert lines(printed, "fixed_contact") == [["fixed_contact", "2", *"0000000"]]
    assert lines(printed, CENTRE.hsa_id.key) == [[CENTRE.hsa_id.key, "2", "2", "0", "2"]]
    assert doctors(register) == {BO, CLARA}
    assert not (tmp_path / "doctors.faulty.csv").exists()


def test_the_same_file_again_is_passed_over_until_all_rows_are_asked_for(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world(register, tmp_path, monkeypatch)
    profile, file = tmp_path / "staff.toml", tmp_path / "staff.csv"
    profile.write_text(STAFF, "utf-8")
    file.write_text(f"ID;FIRST;LAST\n{hsa('nina')};Nina;Ny\n{hsa('nils')};Nils;Ny\n", "utf-8")
    done("import", str(profile), str(file))

    again = done("import", str(profile), str(file))
    all_rows = done("import", str(profile), str(file), "--all-rows")

    assert lines(again, "staff.csv") == [["staff.csv", "2", "2", "0", "0", "2"]]
    assert lines(all_rows, "staff.csv") == [["staff.csv", "2", "2", "0", "0", "0"]]
    assert lines(all_rows, "staff ") == [["staff", "0", "0", "2", *"00000"]]


def test_a_faulty_row_keeps_everything_out_and_the_faults_are_grouped(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = world(register, tmp_path, monkeypatch)
    file = upload(tmp_path, row(BO), row(CLARA, doctor=hsa("nobody")), row(DAN), row(BO[:11] + "9"))

    result = run("import", str(profile), str(file))

    assert result.exit_code == 1
    # S001-049: nothing is stored
    assert doctors(register) == set()
    assert any(NO_DOCTOR_THERE in line and line.startswith("1 ") for line in result.stdout.splitlines())
    # S001-053: faults by message, with count
    assert any(NOT_LISTED in line and line.startswith("1 ") for line in result.stdout.splitlines())
    assert "refused, nothing is stored" in result.stdout
    unit = CENTRE.hsa_id.key
    # S001-052: total, approved, faulty and updated of each unit
    assert lines(result.stdout, unit) == [[unit, "4", "1", "3", "0"]]
    assert f"doctors.csv, line 3, column Läkare: {NO_DOCTOR_THERE}" in result.stderr
    assert "doctors.csv, line 5, column Personnummer" in result.stderr
    for person in (*EVERYBODY, BO[:11] + "9"):
        assert person not in result.output


def test_faulty_rows_are_written_beside_the_file_and_can_be_corrected_there(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = world(register, tmp_path, monkeypatch, faulty="skip")
    file = upload(tmp_path, row(BO), row(CLARA, doctor=hsa("nobody")))

    result = run("import", str(profile), str(file))

    assert result.exit_code == 3
    assert "loaded, but for the faulty rows" in result.stdout
    assert doctors(register) == {BO}
    faulty = tmp_path / "doctors.faulty.csv"
    assert str(faulty) in result.stdout
    assert stat.S_IMODE(faulty.stat().st_mode) == 0o600
    text = faulty.read_text("utf-8-sig")
    # S001-054: the faulty rows are written to a file
    assert CLARA in text
    assert BO not in text
    assert NO_DOCTOR_THERE in text
    faulty.write_text(text.replace(str(hsa("nobody")), str(EMIL.hsa_id)), "utf-8")
    done("import", str(profile), str(faulty))
    # S001-054: corrected, it is loaded
    assert doctors(register) == {BO, CLARA}


def test_faulty_rows_go_where_they_are_wanted(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = world(register, tmp_path, monkeypatch)
    file = upload(tmp_path, row(CLARA, doctor=hsa("nobody")))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    run("import", str(profile), str(file), "--no-faulty-file")
    assert not list(tmp_path.rglob("*.faulty.csv"))
    run("import", str(profile), str(file), "--faulty-to", str(elsewhere))
    assert list(tmp_path.rglob("*.faulty.csv")) == [elsewhere / "doctors.faulty.csv"]
    no_folder = run("import", str(profile), str(file), "--faulty-to", str(file))
    assert no_folder.exit_code == 1
    assert f"{file}: the faulty rows cannot be written" in no_folder.stderr


def test_the_report_holds_everything_and_no_formula(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = world(register, tmp_path, monkeypatch)
    profile.write_text(profile.read_text("utf-8").replace(NO_DOCTOR_THERE, "=1+1"), "utf-8")
    rows = [row(CLARA, doctor=hsa(f"nobody{number}")) for number in range(30)]
    file = upload(tmp_path, *rows)
    report = tmp_path / "report.json"

    result = run("import", str(profile), str(file), "--report", str(report))

    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    content = json.loads(report.read_text("utf-8"))
    (one,) = content["files"]
    assert (content["state"], one["rows"], one["faulty"]) == ("refused", 30, 30)
    assert {"severity": "error", "column": "Läkare", "message": "'=1+1", "number": 30} in one["groups"]
    assert len(one["problems"]) >= 30
    assert one["units"][CENTRE.hsa_id.key] == {"total": 30, "approved": 0, "faulty": 30, "updated": 0}
    assert result.stderr.count("error: doctors.csv, line") == 20
    assert "more errors" in result.stderr
    assert CLARA not in report.read_text("utf-8")


def test_a_dry_run_stores_nothing_and_ends_as_the_load_would(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = world(register, tmp_path, monkeypatch, faulty="skip")
    good, bad = upload(tmp_path, row(BO)), upload(tmp_path, row(DAN), name="doctors2.csv")

    printed = done("import", str(profile), str(good), "--dry-run")
    partly = run("import", str(profile), str(good), str(bad), "--dry-run")

    assert "checked, nothing is stored" in printed
    assert lines(printed, "fixed_contact") == [["fixed_contact", "1", *"0000000"]]
    assert partly.exit_code == 3
    assert doctors(register) == set()
    assert done("imports").splitlines()[1:] == []


def test_a_profile_that_reads_a_database_needs_no_files_and_others_do(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = world(register, tmp_path, monkeypatch)
    nothing = run("import", str(profile))
    with closing(sqlite3.connect(tmp_path / "ehr.sqlite3")) as ehr, ehr:
        ehr.execute("CREATE TABLE doctors (person TEXT, doctor TEXT)")
        ehr.execute("INSERT INTO doctors VALUES (?, ?)", (BO, str(EMIL.hsa_id)))
    monkeypatch.setenv("EHR_DATABASE_URL", f"sqlite:///{tmp_path / 'ehr.sqlite3'}")
    profile.write_text(
        """
        [profile]
        name = "ehr"
        title = "EHR"
        [database]
        url_from = "EHR_DATABASE_URL"
        [[file]]
        name = "doctors"
        query = "SELECT person, doctor FROM doctors"
        record = "fixed_contact"
        current = true
        [file.fields]
        person_id = "person"
        staff = "doctor"
        unit = { constant = "CENTRE" }
        type_code = { constant = "2" }
        valid_from = { constant = "2026-01-01" }
        """.replace("CENTRE", str(CENTRE.hsa_id)),
        "utf-8",
    )

    printed = done("import", str(profile))

    assert (nothing.exit_code, "name the files" in nothing.stderr) == (2, True)
    assert lines(printed, "fixed_contact") == [["fixed_contact", "1", *"0000000"]]
    assert doctors(register) == {BO}


def test_without_a_terminal_progress_and_end_are_log_events(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = world(register, tmp_path, monkeypatch)
    monkeypatch.setattr(progress, "LOG_SECONDS", 0.0)

    loaded = run("import", str(profile), str(upload(tmp_path, row(BO))))
    refused = run("import", str(profile), str(upload(tmp_path, row(DAN))))

    events = loaded.stderr.splitlines()
    assert any("event=load_progress" in line and "source=upload" in line for line in events)
    assert "event=load_finished" in events[-1]
    assert "rows=1 faulty=0" in events[-1]
    assert "level=error event=load_refused" in refused.stderr


def test_on_a_terminal_a_bar_shows_rate_and_remaining_time(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = StringIO()
    monkeypatch.setattr(progress, "err", Console(file=screen, force_terminal=True, width=120))

    with progress.progress("upload") as tell:
        tell(Progress("before", None, 0))
        tell(Progress("doctors.csv", 0.25, 5000))

    shown = screen.getvalue()
    assert "doctors.csv" in shown
    assert "25%" in shown
    assert "5000 rows, " in shown
    assert "-:--:--" in shown


def test_a_report_that_cannot_be_written_is_one_line(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = world(register, tmp_path, monkeypatch)
    to = tmp_path / "nowhere" / "report.json"

    result = run("import", str(profile), str(upload(tmp_path, row(BO))), "--report", str(to))

    assert result.exit_code == 1
    assert f"{to}: cannot be written: {os.strerror(2)}" in result.stderr
    assert doctors(register) == {BO}
