"""Files with personal data are their owner's alone, whatever the umask; the service minds those it finds."""

import os
import shlex
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.identifiers import HsaId
from register import schema
from register.database import Register
from register.engine import RegisterError
from register.file_modes import exposed_files, refuse_exposed
from register.settings import RegisterSettings
from tests.databases import opened
from tests.integration.contact_commands import done, run
from tests.integration.load_commands import BO, row, upload, world
from tests.producers import CENTRE

UMASKS = [0o000, 0o022, 0o277]


@pytest.fixture(params=UMASKS, ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Return what everybody may do with the files of a folder."""
    return {one.name: stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir() if one.is_file()}


def settings(folder: Path, readable_by: str = "owner") -> RegisterSettings:
    url = f"sqlite:///{folder / 'register.sqlite3'}"
    return RegisterSettings.model_validate({"url": url, "readable_by": readable_by})


@pytest.mark.usefixtures("umask")
def test_a_new_register_and_all_beside_it(tmp_path: Path) -> None:
    with opened(settings(tmp_path).url) as register:
        schema.upgrade(register)
        with register.writing() as connection, register.auditing() as log:
            connection.exec_driver_sql("DELETE FROM unit")
            log.exec_driver_sql("DELETE FROM audit")
            with register.reading_audit():
                found = modes(tmp_path)
    there = {"register.sqlite3", "register.sqlite3-wal", "register.sqlite3-shm", "register-audit.sqlite3"}
    assert there | {"register-audit.sqlite3-wal", "register-audit.sqlite3-shm"} <= found.keys()
    assert set(found.values()) == {0o600}
    assert exposed_files(settings(tmp_path)) == []


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_what_commands_write(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a file was there before that everybody could read."""
    profile = world(register, tmp_path, monkeypatch, faulty="skip")
    files = upload(tmp_path, row(BO), row(BO, CENTRE.hsa_id, HsaId("SE2321000016-NOBODY")))
    out = tmp_path / "out"
    out.mkdir()
    (out / "audit.csv").touch(0o644)
    drops = out / "drops"
    drops.mkdir()
    before = os.umask(0o000)
    try:
        loaded = run("import", str(profile), str(files), "--report", str(out / "report.json"))
        done("audit", "search", BO, "--csv", str(out / "audit.csv"))
        done("changes", "export", "--to", str(out / "export.jsonl"))
        done("changes", "drop", str(drops))
    finally:
        os.umask(before)
    assert loaded.exit_code == 3, loaded.output
    found = modes(out) | modes(drops) | modes(tmp_path)
    written = {name for name, mode in found.items() if mode == 0o600}
    assert {"report.json", "audit.csv", "export.jsonl", "doctors.faulty.csv"} <= written
    assert set(modes(drops).values()) == {0o600}


@pytest.mark.parametrize(
    ("mode", "readable_by", "refused"),
    [
        (0o600, "owner", False),
        (0o400, "owner", False),
        (0o640, "owner", True),
        (0o604, "owner", True),
        (0o602, "owner", True),
        (0o644, "group", True),
        (0o660, "group", True),
        (0o640, "group", False),
        (0o666, "everybody", False),
    ],
)
def test_who_else_may_read_a_register_that_is_served(
    tmp_path: Path, mode: int, readable_by: str, refused: bool
) -> None:
    with opened(settings(tmp_path).url) as register:
        schema.upgrade(register)
    chosen = settings(tmp_path, readable_by)
    for name in ("register.sqlite3", "register-audit.sqlite3"):
        file = tmp_path / name
        file.chmod(mode)
        if refused:
            with pytest.raises(
                RegisterError, match=f"{name}: others than its owner .* run: chmod 6"
            ) as caught:
                refuse_exposed(chosen)
            command = str(caught.value).partition("run: ")[2].partition(" (")[0]
            subprocess.run(shlex.split(command), check=True)  # noqa: S603 - what an operator would do
        refuse_exposed(chosen)


def test_a_register_on_postgresql_has_no_files() -> None:
    assert exposed_files(RegisterSettings(url="postgresql://somewhere/else")) == []
