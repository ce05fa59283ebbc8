"""`fastkontakt watch` as a process of its own: stopped by a signal, and never in the middle of a load."""

import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.databases import copy_register
from tests.e2e.processes import STOP_SECONDS, Process, run, start

PROFILE = """
[profile]
name = "directory"
title = "Directory"
[[file]]
name = "staff*.csv"
record = "staff"
fields = { hsa_id = "ID", given_name = "FIRST", surname = "LAST" }
"""
STAFF = "ID;FIRST;LAST\nSE2321000131-X;Dora;Doktorsson\n"


@pytest.fixture
def inbox(folder: Path, sqlite_template: Path) -> Path:
    """A watched folder beside a register and a profile."""
    copy_register(sqlite_template, folder / "fastkontakt.sqlite3")
    (folder / "directory.toml").write_text(PROFILE, "utf-8")
    (folder / "inbox").mkdir()
    return folder / "inbox"


@contextmanager
def watching(inbox: Path) -> Iterator[Process]:
    """Run a watcher until the block ends."""
    command = ("watch", "directory.toml", "inbox", "--every", "0.05")
    with (inbox.parent / "log").open("wb") as log:
        process = start(*command, cwd=inbox.parent, output=log, errors=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def logged(inbox: Path) -> str:
    return (inbox.parent / "log").read_text("utf-8")


def until(come: Callable[[], bool], inbox: Path) -> None:
    """Wait for something, with a deadline."""
    deadline = time.monotonic() + STOP_SECONDS
    while not come():
        assert time.monotonic() < deadline, logged(inbox)
        time.sleep(0.02)


def staff(inbox: Path) -> int:
    with closing(sqlite3.connect(inbox.parent / "fastkontakt.sqlite3")) as register:
        return int(register.execute("SELECT count(*) FROM staff").fetchone()[0])


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_files_are_loaded_as_they_come_until_it_is_told_to_stop(inbox: Path, told: signal.Signals) -> None:
    with watching(inbox) as process:
        until(lambda: "event=watch_started" in logged(inbox), inbox)
        for number, name in enumerate(("staff1.csv", "staff2.csv"), 1):
            (inbox / name).write_text(STAFF.replace("-X", f"-X{number}"), "utf-8")
            until(lambda name=name: not (inbox / name).exists(), inbox)  # type: ignore[misc]
        process.send_signal(told)
        assert process.wait(STOP_SECONDS) == 0, logged(inbox)
    assert "event=watch_stopped" in logged(inbox)
    assert len(list(inbox.glob("done/*/staff?.csv"))) == 2
    assert staff(inbox) == 2


def test_a_load_under_way_is_finished_before_it_stops(inbox: Path) -> None:
    (inbox / "staff.csv").write_text(STAFF, "utf-8")
    with closing(sqlite3.connect(inbox.parent / "fastkontakt.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # the load cannot end before this
        with watching(inbox) as process:
            until(lambda: "event=files_found" in logged(inbox), inbox)
            process.send_signal(signal.SIGTERM)
            other.execute("ROLLBACK")
            assert process.wait(STOP_SECONDS) == 0, logged(inbox)
    assert staff(inbox) == 1
    assert len(list(inbox.glob("done/*/staff.csv"))) == 1


def test_a_watcher_that_is_killed_leaves_the_folder_to_the_next(inbox: Path) -> None:
    with watching(inbox) as process:
        until(lambda: "event=watch_started" in logged(inbox), inbox)
        second = run("watch", "directory.toml", "inbox", "--once", cwd=inbox.parent)
        assert (second.returncode, "another process watches" in second.stderr) == (1, True)
        process.kill()
        process.wait()
    (inbox / "staff.csv").write_text(STAFF, "utf-8")
    third = run("watch", "directory.toml", "inbox", "--once", "--every", "0.05", cwd=inbox.parent)
    assert (third.returncode, staff(inbox)) == (0, 1)
