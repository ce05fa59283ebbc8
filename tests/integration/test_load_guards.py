"""What a load must not tell or do when files are not what the profile takes them for, or loads meet."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from contracts.clock import swedish_now
from fastkontakt import cli
from fastkontakt.loads import running as loading
from mapping.loads.pipeline import LoadConflict, load
from mapping.sources.profile import load_profile
from mapping.sources.report import LoadState
from register.database import Register
from register.tables import fixed_contact
from tests.integration.contact_commands import EMIL, run
from tests.integration.load_commands import BO, CLARA, row, upload, world
from tests.producers import CENTRE

STAFF = """
[profile]
name = "staff"
title = "Staff"
[[file]]
name = "*.jsonl"
record = "staff"
[file.fields]
hsa_id = "id"
given_name = "first"
surname = "last"
title = { column = "title", optional = true }
"""


@pytest.mark.parametrize(
    "header", ['["Enhet", "Personnummer", "Läkare", "Datum"]', None], ids=["mixed", "no"]
)
def test_a_row_is_not_quoted_when_columns_are_mixed_up_or_lack_their_header(
    header: str | None, register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = world(register, tmp_path, monkeypatch)
    if header is not None:
        form = f"[format]\nheader = false\ncolumns = {header}"
        profile.write_text(profile.read_text("utf-8").replace("[format]", form), "utf-8")
    file = tmp_path / "doctors.csv"
    file.write_text(f"{BO};Fia Quist;{CENTRE.hsa_id};2026-01-02\n", "utf-8")
    report = tmp_path / "report.json"
    result = run("import", str(profile), str(file), "--no-faulty-file", "--report", str(report))
    assert result.exit_code == 1
    told = result.output + report.read_text("utf-8")
    assert BO not in told
    assert "Quist" not in told
    assert ("not an HSA-id" if header else "line 1 looks like a row") in told


def test_a_file_that_cannot_be_read_on_has_no_file_of_faulty_rows(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = load_profile(world(register, tmp_path, monkeypatch))
    file = tmp_path / "doctors.csv"
    file.write_text(f"A;B\n{BO};x\n", "utf-8")
    (report,) = load(register, profile, [file]).files
    assert (report.state, report.rows, report.approved, report.faulty) == (LoadState.REFUSED, 0, 0, 0)
    assert not report.faults


def test_a_key_that_no_object_has_may_be_optional(register: Register, tmp_path: Path) -> None:
    (tmp_path / "staff.toml").write_text(STAFF, "utf-8")
    file = tmp_path / "staff.jsonl"
    file.write_text('{"id": "SE2321000016-NEW1", "first": "Fia", "last": "Quist"}\n', "utf-8")
    report = load(register, load_profile(tmp_path / "staff.toml"), [file])
    assert (report.state, report.records["staff"].added) == (LoadState.LOADED, 1)


def test_a_load_that_another_has_overtaken_is_one_line(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def overtaken(*_: object, **__: object) -> None:
        raise LoadConflict("another load of the source upload has ended in the meantime; load again")

    profile = world(register, tmp_path, monkeypatch)
    monkeypatch.setattr(loading, "load", overtaken)
    monkeypatch.setattr(sys, "argv", ["fastkontakt", "import", str(profile), str(upload(tmp_path, row(BO)))])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 1
    assert (
        capsys.readouterr().err == "another load of the source upload has ended in the meantime; load again\n"
    )


@pytest.mark.parametrize("days", [(-400, -100), (30, None)], ids=["has ended", "is to come"])
def test_a_contact_that_is_not_in_force_does_not_stand_for_the_row(
    days: tuple[int, int | None], register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = load_profile(world(register, tmp_path, monkeypatch))
    today = swedish_now().date()
    first, last = (None if one is None else today + timedelta(days=one) for one in days)
    with register.writing() as connection:
        given = {"id": "other", "person_id": CLARA, "type_code": "2", "staff_key": EMIL.hsa_id}
        there = connection.execute(select(fixed_contact).limit(1)).mappings().one()
        period = {"unit_key": CENTRE.hsa_id, "valid_from": first, "valid_to": last}
        connection.execute(insert(fixed_contact), dict(there) | given | period)
    report = load(register, profile, [upload(tmp_path, row(CLARA, day=f"{today - timedelta(days=300)}"))])
    assert report.state is LoadState.LOADED, report.files[0].problems
    own, begins, ends = fixed_contact.c, fixed_contact.c.valid_from, fixed_contact.c.valid_to
    with register.reading() as connection:
        in_force = connection.scalars(
            select(own.id).where(
                own.person_id == CLARA,
                own.staff_key == EMIL.hsa_id,
                begins <= today,
                ends.is_(None) | (ends >= today),
            )
        ).all()
    assert len(in_force) == 1
