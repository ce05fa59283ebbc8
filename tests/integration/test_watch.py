"""`fastkontakt watch`: which files are taken, where they go, and what a crash leaves."""

import errno
import hashlib
import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from fastkontakt.loads import watching
from fastkontakt.loads.folders import Seen
from fastkontakt.loads.running import run_load
from fastkontakt.loads.watch_state import WatchState
from fastkontakt.loads.watching import Watch
from fastkontakt.settings import load as load_settings
from mapping.sources.profile import load_profile
from register.database import Register
from tests.databases import file_of
from tests.integration.contact_commands import done, refused, run
from tests.integration.load_commands import BO, CLARA, DAN, doctors, row, upload, world
from tests.records import hsa

pytestmark = pytest.mark.parametrize("register", ["sqlite"], indirect=True)

NOW = ("--once", "--every", "0.01")


@pytest.fixture
def profile(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    return world(register, tmp_path, monkeypatch, faulty="skip")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """The folder in which the source puts its files."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def kept(folder: Path) -> list[str]:
    """Return the names of the files of the only load that is kept in a folder."""
    (place,) = folder.iterdir()
    return sorted(one.name for one in place.iterdir())


def waiting(inbox: Path) -> list[str]:
    return sorted(one.name for one in inbox.iterdir() if one.is_file() and not one.name.startswith("."))


def watch(register: Register, profile: Path, inbox: Path) -> Watch:
    settings = load_settings()
    done, failed = inbox / "done", inbox / "failed"
    state = WatchState(inbox.parent, inbox)
    return Watch(settings, register, load_profile(profile), inbox, done, failed, None, "tester", state)


def test_files_are_loaded_and_moved_with_their_report(register: Register, profile: Path, inbox: Path) -> None:
    upload(inbox, row(BO))
    (inbox / "readme.txt").write_text("not for us")

    printed = done("watch", str(profile), str(inbox), *NOW)

    assert "loaded" in printed
    assert doctors(register) == {BO}
    assert kept(inbox / "done") == ["doctors.csv", "report.json"]
    assert waiting(inbox) == ["readme.txt"]
    (place,) = (inbox / "done").iterdir()
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert json.loads((place / "report.json").read_text("utf-8"))["state"] == "loaded"
    assert "nothing is ready" in done("watch", str(profile), str(inbox), *NOW)


def test_rows_left_out_lie_beside_the_report(register: Register, profile: Path, inbox: Path) -> None:
    upload(inbox, row(BO), row(CLARA, doctor=hsa("nobody")))

    assert run("watch", str(profile), str(inbox), *NOW).exit_code == 3

    assert kept(inbox / "done") == ["doctors.csv", "doctors.faulty.csv", "report.json"]
    assert doctors(register) == {BO}


def test_refused_files_go_to_failed(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inbox: Path
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    profile = world(register, tmp_path, monkeypatch)
    upload(inbox, row(BO), row(DAN))
    elsewhere = tmp_path / "elsewhere"

    result = run("watch", str(profile), str(inbox), *NOW, "--failed", str(elsewhere))

    assert result.exit_code == 1
    assert kept(elsewhere) == ["doctors.csv", "doctors.faulty.csv", "report.json"]
    assert doctors(register) == set()


def test_a_file_that_is_being_written_is_left(register: Register, profile: Path, inbox: Path) -> None:
    file = upload(inbox, row(BO))

    def write_on() -> bool:
        with file.open("a", encoding="utf-8") as growing:
            growing.write(row(CLARA) + "\n")
        return False

    assert watch(register, profile, inbox).once(write_on) is None
    assert waiting(inbox) == ["doctors.csv"]
    assert watch(register, profile, inbox).once(lambda: False) is not None
    assert doctors(register) == {BO, CLARA}


def test_nothing_is_begun_after_the_word_to_stop(register: Register, profile: Path, inbox: Path) -> None:
    upload(inbox, row(BO))
    assert watch(register, profile, inbox).once(lambda: True) is None
    assert waiting(inbox) == ["doctors.csv"]


def test_with_marks_a_file_counts_when_it_has_one(register: Register, profile: Path, inbox: Path) -> None:
    upload(inbox, row(BO))
    upload(inbox, row(CLARA), name="doctors2.csv")
    (inbox / "doctors.csv.ready").touch()

    done("watch", str(profile), str(inbox), *NOW, "--marker", ".ready")

    assert kept(inbox / "done") == ["doctors.csv", "doctors.csv.ready", "report.json"]
    assert waiting(inbox) == ["doctors2.csv"]
    assert doctors(register) == {BO}


def test_a_full_load_waits_for_all_its_files(register: Register, profile: Path, inbox: Path) -> None:
    text = profile.read_text("utf-8").replace("current = true", "")
    text = text.replace("[load]", '[load]\npolicy = "full"')
    staff = '[[file]]\nname = "staff.csv"\nrecord = "staff"\n[file.fields]\nhsa_id = "ID"\n'
    profile.write_text(f'{text}{staff}given_name = "FIRST"\nsurname = "LAST"\n', "utf-8")
    upload(inbox, row(BO))

    result = run("watch", str(profile), str(inbox), *NOW)
    assert "nothing is ready" in result.stdout
    assert "event=watch_waiting" in result.stderr
    assert "lacking=staff.csv" in result.stderr

    (inbox / "staff.csv").write_text(f"ID;FIRST;LAST\n{hsa('new')};Nils;Ny\n", "utf-8")
    done("watch", str(profile), str(inbox), *NOW)
    assert kept(inbox / "done") == ["doctors.csv", "report.json", "staff.csv"]


def test_a_crash_between_load_and_move_loads_again_what_changes_nothing(
    register: Register, profile: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(inbox, row(BO, day="2026-01-01"))

    class Crash(Exception):
        pass

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(watching, "new_place", crash)
        with pytest.raises(Crash):
            watch(register, profile, inbox).once(lambda: False)
    assert doctors(register) == {BO}

    printed = done("watch", str(profile), str(inbox), *NOW)

    lines = [line.split() for line in printed.splitlines()]
    assert ["fixed_contact", "0", "0", "1", *"00000"] in lines
    assert waiting(inbox) == []
    assert doctors(register) == {BO}


def test_a_crash_while_files_are_moved_is_gone_on_from(
    register: Register, profile: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(inbox, row(BO))
    upload(inbox, row(CLARA), name="doctors2.csv")
    real = os.rename
    moved: list[str] = []

    class Crash(Exception):
        pass

    def move_one(source: str, to: str, **folders: int) -> None:
        if moved and folders:
            raise Crash
        moved.extend([source] if folders else [])
        real(source, to, **folders)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", move_one)
        with pytest.raises(Crash):
            watch(register, profile, inbox).once(lambda: False)
    assert waiting(inbox) == ["doctors2.csv"]
    upload(inbox, row(DAN), name="doctors.csv")  # the next night's comes before the watcher is back

    assert "doctors.csv" in done_or_partly("watch", str(profile), str(inbox), *NOW)

    first, second = sorted((inbox / "done").iterdir())
    assert sorted(one.name for one in first.iterdir()) == ["doctors.csv", "doctors2.csv", "report.json"]
    assert "doctors2.csv" not in [one.name for one in second.iterdir()]


def done_or_partly(*arguments: str) -> str:
    """Run a load of which rows may be left out."""
    result = run(*arguments)
    assert result.exit_code in (0, 3), result.output
    return result.stdout


def test_a_file_replaced_during_the_load_stays_to_be_loaded(
    register: Register, profile: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(inbox, row(BO))
    load = run_load

    def load_and_replace(*arguments: object, **named: object) -> object:
        report = load(*arguments, **named)  # type: ignore[arg-type]
        upload(inbox, row(CLARA), name="new.tmp").rename(inbox / "doctors.csv")
        return report

    with monkeypatch.context() as patch:
        patch.setattr(watching, "run_load", load_and_replace)
        watch(register, profile, inbox).once(lambda: False)
    assert waiting(inbox) == ["doctors.csv"]

    done("watch", str(profile), str(inbox), *NOW)
    assert doctors(register) == {BO, CLARA}


def test_one_process_watches_a_folder(register: Register, profile: Path, inbox: Path) -> None:
    with WatchState(inbox.parent, inbox).held():
        told = refused("watch", str(profile), str(inbox), *NOW)
    assert told == f"{inbox}: another process watches this folder\n"
    done("watch", str(profile), str(inbox), *NOW)


def test_a_register_that_does_not_answer_leaves_the_files_and_is_tried_again(
    register: Register, profile: Path, inbox: Path
) -> None:
    upload(inbox, row(BO))
    watched = watch(register, profile, inbox)
    with register.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE import_batch RENAME TO hidden")
    looks: list[list[str]] = []

    def wait() -> bool:
        looks.append(waiting(inbox))
        if len(looks) == 3:
            with register.writing() as connection:
                connection.exec_driver_sql("ALTER TABLE hidden RENAME TO import_batch")
        return looks[-1] == [] or len(looks) > 9

    watched.run(wait)

    assert looks[:3] == [["doctors.csv"]] * 3
    assert looks[-1] == []
    assert doctors(register) == {BO}


def test_a_folder_that_cannot_be_written_to_is_told(register: Register, profile: Path, inbox: Path) -> None:
    upload(inbox, row(BO))
    (inbox / "done").write_text("a file where a folder should be")

    result = run("watch", str(profile), str(inbox), *NOW)

    assert result.exit_code == 1
    last = result.stderr.splitlines()[-1]
    assert last == f"{inbox / 'done'}: cannot be used: {os.strerror(errno.ENOTDIR)}"
    assert waiting(inbox) == ["doctors.csv", "done"]


def test_a_profile_without_files_is_not_for_a_folder(register: Register, profile: Path, inbox: Path) -> None:
    profile.write_text(
        '[profile]\nname = "x"\ntitle = "x"\n[database]\nurl = "sqlite:///x"\n[[file]]\nname = "x"\n'
        'query = "SELECT 1"\nrecord = "staff"\n[file.fields]\nhsa_id = "a"\n'
        'given_name = "b"\nsurname = "c"\n',
        "utf-8",
    )
    result = run("watch", str(profile), str(inbox), *NOW)
    assert (result.exit_code, "reads no files" in result.stderr) == (2, True)


# The source is a stranger ----------------------------------------------------------------------------


THEIRS = "what the source may not have"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that the watcher's user can write to, and the source may not even read."""
    file = tmp_path / "secret.csv"
    file.write_text(THEIRS)
    return file


@pytest.mark.parametrize(
    "name", [".fastkontakt-moves.json", ".fastkontakt-moves.json.new", ".fastkontakt.lock"]
)
def test_a_link_in_place_of_what_was_kept_in_the_folder_is_not_followed(
    profile: Path, inbox: Path, secret: Path, name: str, register: Register
) -> None:
    (inbox / name).symlink_to(secret)
    upload(inbox, row(BO))

    done("watch", str(profile), str(inbox), *NOW)

    assert secret.read_text() == THEIRS
    assert doctors(register) == {BO}


def test_a_plan_that_lies_in_the_folder_moves_nothing(
    profile: Path, inbox: Path, secret: Path, tmp_path: Path, register: Register
) -> None:
    found = secret.stat()
    signature = [found.st_size, found.st_mtime_ns, found.st_ino]
    plan = {"place": str(inbox), "marker": None, "files": {"../secret.csv": signature}}
    (inbox / ".fastkontakt-moves.json").write_text(json.dumps(plan))

    done("watch", str(profile), str(inbox), *NOW)

    assert secret.read_text() == THEIRS


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_only_plain_files_are_loaded_and_the_others_are_told(
    profile: Path, inbox: Path, tmp_path: Path, register: Register, kind: str
) -> None:
    if kind == "link":
        (inbox / "doctors.csv").symlink_to(upload(tmp_path, row(BO)))
    elif kind == "pipe":
        os.mkfifo(inbox / "doctors.csv")
    else:
        (inbox / "doctors.csv").mkdir()

    result = run("watch", str(profile), str(inbox), *NOW)

    assert (result.exit_code, "nothing is ready" in result.stdout) == (0, True)
    assert "event=links_left" in result.stderr
    assert doctors(register) == set()


def test_a_file_that_becomes_a_link_before_it_is_read_is_not_read(
    register: Register, profile: Path, inbox: Path, tmp_path: Path
) -> None:
    file = upload(inbox, row(BO))
    other = upload(tmp_path, row(CLARA))

    class Swapped(Watch):
        def _complete(self, seen: Seen) -> bool:
            file.unlink()
            file.symlink_to(other)
            return True

    watched = watch(register, profile, inbox)
    swapped = Swapped(*(getattr(watched, name) for name in Watch.__slots__))
    with pytest.raises(OSError, match="symbolic link"):
        swapped.once(lambda: False)
    assert doctors(register) == set()


def test_a_link_where_loads_are_kept_is_not_followed(
    register: Register, profile: Path, inbox: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (inbox / "done").symlink_to(elsewhere)
    upload(inbox, row(BO))

    result = run("watch", str(profile), str(inbox), *NOW)

    assert result.exit_code == 1
    assert f"{inbox / 'done'}: cannot be used" in result.stderr
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(
    "kept_text",
    [
        "{",
        "[]",
        "7",
        "[" * 10_000,
        '{"place": "relative", "marker": null, "files": {}}',
        '{"place": "/", "marker": null, "files": {"../secret.csv": [1, 2, 3]}}',
        '{"place": "/", "marker": null, "files": {"doctors.csv": "xyz"}}',
        '{"place": "/", "marker": "/../x", "files": {}}',
        '{"place": "/nowhere/at/all", "marker": null, "files": {}}',
    ],
)
def test_what_is_kept_and_cannot_be_believed_is_one_event(
    register: Register, profile: Path, inbox: Path, tmp_path: Path, kept_text: str
) -> None:
    (tmp_path / "fastkontakt-watch").mkdir(mode=0o700)
    name = hashlib.sha256(os.fsencode(inbox.resolve())).hexdigest()[:16]
    (tmp_path / "fastkontakt-watch" / f"{name}.json").write_text(kept_text)
    upload(inbox, row(BO))

    result = run("watch", str(profile), str(inbox), *NOW)

    assert result.exit_code == 0, result.output
    assert result.stderr.count("event=watch_state_broken") == 1
    assert doctors(register) == {BO}
    assert waiting(inbox) == []


def test_state_that_others_can_write_is_refused(profile: Path, inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "fastkontakt-watch").mkdir()
    (tmp_path / "fastkontakt-watch").chmod(0o777)  # noqa: S103 - that is the case
    assert "others can write to it" in refused("watch", str(profile), str(inbox), *NOW)


def test_state_lies_beside_a_register_on_sqlite(
    register: Register, profile: Path, inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STATE_DIRECTORY")
    done("watch", str(profile), str(inbox), *NOW)
    made = file_of(register).parent / "fastkontakt-watch"
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    shutil.rmtree(made)
    assert not any(one.name.startswith(".") for one in inbox.iterdir())


def test_files_are_moved_to_another_disk(
    register: Register, profile: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(inbox, row(BO))
    rename = os.rename

    def between_disks(source: str, to: str, **folders: int) -> None:
        if folders:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        rename(source, to)

    monkeypatch.setattr(os, "rename", between_disks)
    done("watch", str(profile), str(inbox), *NOW)
    assert kept(inbox / "done") == ["doctors.csv", "report.json"]
    assert waiting(inbox) == []
