"""``fastkontakt changes``: the feed in files, for whoever may read them, and back into another register."""

import csv
import fcntl
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import update
from typer.testing import CliRunner, Result

from contracts.clock import swedish_now
from contracts.codes import PV
from fastkontakt.cli import app
from fastkontakt.profiles import find
from listings.changes import ListingChanges
from listings.listing_log import Cause
from mapping.loads.pipeline import load
from mapping.sources.profile import load_profile
from mapping.sources.report import LoadState
from register.database import Register
from register.residents import find_resident
from register.tables import resident
from tests.databases import audit_rows, keep, opened_copy
from tests.feed_consumer import in_force
from tests.integration.test_change_feed import DOCTORS, UNITS, region
from tests.records import ANNA, BO, CLARA, COUNTY, LONG_AGO, contact, listing, place
from tests.sources import problems

pytestmark = pytest.mark.parametrize("register", ["sqlite"], indirect=True)


@pytest.fixture
def kept(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    """A region where Anna is listed with a doctor and Bo queues."""
    region(register)
    keep(
        register,
        listing("L1", ANNA, UNITS[0]),
        contact("C1", ANNA, DOCTORS[0], UNITS[0]),
        place("Q1", BO, UNITS[1]),
        listing("old", BO, UNITS[0], valid_to=LONG_AGO.replace(hour=23)),
    )
    settings = tmp_path / "settings.toml"
    url = register.engine.url.render_as_string(hide_password=False)
    settings.write_text(f'[database]\nurl = "{url}"\n[regions.{COUNTY}]\n', "utf-8")
    monkeypatch.setenv("FASTKONTAKT_CONFIG", str(settings))
    return register


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["changes", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def move(register: Register, *people: str) -> None:
    """List residents at the first unit with the second doctor, and let Bo leave the queue."""
    with register.writing() as connection:
        changes = ListingChanges(connection, swedish_now(), {COUNTY: 3}, Cause(source="CreateListing"))
        for one in people:
            person = find_resident(connection, one)
            assert person is not None
            changes.list_resident(person, UNITS[0], PV.key, doctor=DOCTORS[1].hsa_id)
        changes.leave_queue(BO, PV.key, UNITS[1])


def kinds(text: str) -> list[tuple[str, str]]:
    return [(one["kind"], one["person_id"]) for one in map(json.loads, text.splitlines())]


def test_a_first_export_has_the_present_and_the_next_goes_on(kept: Register) -> None:
    first = run("export")
    assert sorted(kinds(first.stdout)) == [
        ("doctor_begun", ANNA),
        ("listing_begun", ANNA),
        ("queue_taken", BO),
    ]
    assert first.stderr == "Position: 0\n"
    move(kept, ANNA)
    later = run("export", "--since", "0")
    assert kinds(later.stdout) == [
        ("listing_ended", ANNA),
        ("doctor_ended", ANNA),
        ("listing_begun", ANNA),
        ("doctor_begun", ANNA),
        ("queue_left", BO),
    ]
    assert later.stderr == "Position: 5\n"
    assert kinds(run("export", "--since", "4").stdout) == [("queue_left", BO)]
    assert run("export", "--since", "5").stdout == ""


def test_a_file_is_its_owners_and_reading_is_audited(kept: Register, tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    assert run("export", "--to", str(file), "--by", "karin").exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = audit_rows(kept)
    assert {(one["person_id"], one["actor_id"], one["contract"]) for one in rows} == {
        (one, "karin", "fastkontakt changes export") for one in (ANNA, BO)
    }
    nowhere = run("export", "--to", str(tmp_path / "no" / "out.jsonl"))
    assert (nowhere.exit_code, "cannot be written" in nowhere.stderr) == (1, True)


def test_protected_residents_are_left_out_unless_asked_for(kept: Register) -> None:
    with kept.writing() as connection:
        connection.execute(update(resident).where(resident.c.person_id == ANNA).values(protected=True))
    assert kinds(run("export").stdout) == [("queue_taken", BO)]
    assert len(kinds(run("export", "--protected").stdout)) == 3


def test_csv_loads_into_another_register(kept: Register, tmp_path: Path, sqlite_template: Path) -> None:
    files = [tmp_path / "changes-1.csv", tmp_path / "changes-2.csv"]
    run("export", "--format", "csv", "--to", str(files[0]))
    move(kept, ANNA, CLARA)
    move(kept, CLARA)  # the doctor of today goes entirely: it has never counted a whole day
    run("export", "--since", "0", "--format", "csv", "--to", str(files[1]))
    profile = load_profile(find("changes"))
    with ExitStack() as stack:
        other = stack.enter_context(opened_copy(sqlite_template))
        region(other)
        for file in files:
            report = load(other, profile, [file])
            assert (report.state, report.faulty) == (LoadState.LOADED, 0), problems(report)
        now = swedish_now()
        with kept.reading() as ours, other.reading() as theirs:
            assert in_force(ours, now) == in_force(theirs, now) != set()


def test_a_drop_goes_on_where_the_last_one_ended(kept: Register, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    assert run("drop", str(folder)).stdout.strip().endswith("changes-000000000000.csv")
    assert run("drop", str(folder)).stdout == "nothing has changed\n"
    move(kept, ANNA)
    said = run("drop", str(folder))
    assert (said.exit_code, "brake" in said.stderr) == (1, True)
    visible = sorted(one.name for one in folder.iterdir() if not one.name.startswith("."))
    assert visible == ["changes-000000000000.csv"]
    assert [one for one in folder.iterdir() if one.name.endswith(".part")] == []
    (folder / "changes-000000000000.csv").unlink()  # the reader has taken it
    assert run("drop", str(folder), "--allow-vanished").exit_code == 0
    (file,) = folder.glob("changes-*")
    with file.open(encoding="utf-8", newline="") as text:
        found = list(csv.DictReader(text))
    assert [(one["kind"], one["person_id"]) for one in found] == [
        ("listing_ended", ANNA),
        ("doctor_ended", ANNA),
        ("listing_begun", ANNA),
        ("doctor_begun", ANNA),
        ("queue_left", BO),
    ]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_drop_of_a_position_that_is_none_or_lies_ahead_says_what_to_do(
    kept: Register, tmp_path: Path
) -> None:
    own = tmp_path / ".fastkontakt-changes-position"
    for content in (b"", b"x", b"-5", b"\xff", b"1.0"):
        own.write_bytes(content)
        said = run("drop", str(tmp_path))
        assert (said.exit_code, f"{own}: holds no position; write" in said.stderr) == (1, True)
    own.write_text("1\n")
    said = run("drop", str(tmp_path))
    assert (said.exit_code, "is beyond the last line, 0:" in said.stderr) == (1, True)
    assert "remove the file" in said.stderr
    assert list(tmp_path.glob("changes*")) == []


def test_one_drop_at_a_time_writes_into_a_folder(kept: Register, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    other = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(other, fcntl.LOCK_EX)
        said = run("drop", str(folder))
        assert (said.exit_code, "another drop is writing there" in said.stderr) == (1, True)
    finally:
        os.close(other)
    assert run("drop", str(folder)).exit_code == 0


@pytest.mark.parametrize("command", ["export", "follow"])
def test_a_position_beyond_the_last_line_is_refused(kept: Register, command: str) -> None:
    """As after the register was put back to a copy: what comes next would be passed over in silence."""
    said = run(command, "--since", "1")
    assert (said.exit_code, said.stdout) == (1, "")
    assert "--since: the position 1 is beyond the last line, 0" in said.stderr
    assert run(command, "--since", "99999999999999999999").exit_code == 2


@pytest.mark.parametrize("to", [".", "", "/"])
def test_a_folder_is_not_written_to(kept: Register, to: str) -> None:
    said = run("export", "--to", to)
    assert (said.exit_code, "cannot be written: Is a directory" in said.stderr) == (1, True)


def test_what_is_no_file_is_not_replaced_by_one(kept: Register, tmp_path: Path) -> None:
    """A pipe and a device are written to, and keep their modes; a link stays a link."""
    pipe, link = tmp_path / "pipe", tmp_path / "link.jsonl"
    os.mkfifo(pipe, 0o644)
    link.symlink_to("real.jsonl")
    with ThreadPoolExecutor(1) as pool:
        text = pool.submit(pipe.read_text, "utf-8")
        assert run("export", "--to", str(pipe)).exit_code == 0
        assert len(kinds(text.result())) == 3
    assert pipe.is_fifo()
    assert stat.S_IMODE(pipe.stat().st_mode) == 0o644
    assert run("export", "--to", str(link)).exit_code == 0
    assert link.is_symlink()
    assert len(kinds((tmp_path / "real.jsonl").read_text("utf-8"))) == 3
