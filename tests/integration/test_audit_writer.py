"""Rows of the audit log are committed in groups, whoever leads and whatever fails (docs/adr/0020)."""

import sqlite3
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from register import audit
from register.audit import AuditEntry
from register.audit_writer import AuditConnection, AuditWriter
from register.database import Register
from tests.databases import audit_rows
from tests.records import ANNA, BO

ENTRY = AuditEntry("log", ANNA, "GetListing", "14", "OK")
UNWRITABLE = "\udcff"
"""As of an argument in no known encoding: no text that either database keeps."""


class Commits:
    """A log to write to of which each commit waits until it is let go."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.entered, self.go = Event(), Event()
        self.failures: list[BaseException] = []

    def connect(self) -> AuditConnection:
        return AuditConnection(self.insert, lambda: True, lambda: None, sqlite3.OperationalError)

    def insert(self, rows: str, _seconds: float) -> None:
        self.begun.append(rows)
        self.entered.set()
        assert self.go.wait(60)
        if self.failures:
            raise self.failures.pop(0)


def row(number: int) -> list[dict[str, Any]]:
    return [{"log_id": f"log {number}"}]


def write_in_order(
    threads: ThreadPoolExecutor, writer: AuditWriter, commits: Commits, numbers: Sequence[int]
) -> list[Future[None]]:
    """Have one caller write, and the others come one by one while it does; return when all wait."""
    first, *others = numbers
    futures = [threads.submit(writer.write, row(first))]
    assert commits.entered.wait(60)
    for waiting, number in enumerate(others, 1):
        futures.append(threads.submit(writer.write, row(number)))
        give_up = time.monotonic() + 60
        while len(writer._queue) < waiting:
            assert time.monotonic() < give_up
            time.sleep(0.001)
    return futures


def test_all_that_come_during_a_commit_have_the_next_one_in_their_order() -> None:
    commits = Commits()
    writer = AuditWriter(commits.connect, 60)
    with ThreadPoolExecutor(9) as threads:
        futures = write_in_order(threads, writer, commits, range(9))
        assert not any(one.done() for one in futures)
        commits.go.set()
        for one in futures:
            one.result(60)
    lone, group = commits.begun
    assert lone.count("log_id") == 1
    places = [group.index(f'"log {number}"') for number in range(1, 9)]
    assert places == sorted(places)


def test_everybody_of_a_failed_group_is_told_and_the_next_is_written() -> None:
    commits = Commits()
    commits.failures = [OSError("disk full"), OSError("disk full")]
    writer = AuditWriter(commits.connect, 60)
    with ThreadPoolExecutor(4) as threads:
        futures = write_in_order(threads, writer, commits, range(4))
        commits.go.set()
        errors = [one.exception(60) for one in futures]
    assert [type(one) for one in errors] == [OperationalError] * 4
    assert len({id(one) for one in errors}) == 4  # each thread raises an exception of its own
    assert all("disk full" in str(one) for one in errors)
    assert len(commits.begun) == 2
    writer.write(row(4))


def test_a_leader_that_is_stopped_leaves_nobody_waiting() -> None:
    commits = Commits()
    commits.failures = [KeyboardInterrupt()]
    writer = AuditWriter(commits.connect, 60)
    with ThreadPoolExecutor(3) as threads:
        futures = write_in_order(threads, writer, commits, range(3))
        commits.go.set()
        assert isinstance(futures[0].exception(60), KeyboardInterrupt)
        assert [one.exception(60) for one in futures[1:]] == [None, None]
    assert len(commits.begun) == 2


def test_a_caller_is_told_in_its_time_when_whoever_leads_is_stuck() -> None:
    commits = Commits()
    writer = AuditWriter(commits.connect, 0.2)
    with ThreadPoolExecutor(1) as threads:
        (stuck,) = write_in_order(threads, writer, commits, [0])
        began = time.monotonic()
        with pytest.raises(OperationalError, match=r"not written within 0\.2 s"):
            writer.write(row(1))
        assert 0.2 <= time.monotonic() - began < 30
        commits.go.set()
        stuck.result(60)
    writer.write(row(2))
    assert ['"log 1"' in one for one in commits.begun] == [False, False]  # who has left is not written


def test_a_row_that_is_at_fault_fails_its_own_caller_alone(register: Register) -> None:
    start = Barrier(8)

    def work(number: int) -> bool:
        start.wait(60)
        try:
            audit.write(register, replace(ENTRY, actor_id=UNWRITABLE) if number % 4 == 0 else ENTRY)
        except OperationalError:
            return True
        return False

    with ThreadPoolExecutor(8) as threads:
        for _ in range(5):
            assert list(threads.map(work, range(8))) == [number % 4 == 0 for number in range(8)]
    assert len(audit_rows(register)) == 5 * 6


def test_the_rows_of_one_call_are_kept_all_or_none_and_in_their_order(register: Register) -> None:
    with pytest.raises(OperationalError):
        audit.write(register, ENTRY, replace(ENTRY, person_id=UNWRITABLE))
    assert audit_rows(register) == []
    many = [replace(ENTRY, log_id=str(number)) for number in range(4000)]
    audit.write(register, *many)
    assert [one["log_id"] for one in audit_rows(register)] == [one.log_id for one in many]


def test_commits_for_each_call_fall_as_callers_come(register: Register) -> None:
    commits = 0
    audit.write(register, ENTRY)
    connection = register.audit_writer._connection
    assert connection is not None

    def counted(rows: str, seconds: float) -> None:
        nonlocal commits
        commits += 1
        time.sleep(0.002)  # as a disk takes it; the tests' databases wait for none
        connection.insert(rows, seconds)

    register.audit_writer._connection = connection._replace(insert=counted)
    found = {}
    for callers in (1, 16):
        commits = 0
        with ThreadPoolExecutor(callers) as threads:
            list(threads.map(lambda _: audit.write(register, ENTRY), range(320)))
        found[callers] = commits
    assert found[1] == 320
    assert found[16] < 320 / 2
    assert len(audit_rows(register)) == 641


@pytest.mark.parametrize("register", ["postgresql"], indirect=True)
def test_a_server_that_has_been_away_is_found_again(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection has been cut meanwhile, as by a restart or by whatever is between."""
    monkeypatch.setattr("register.audit_table._IDLE_SECONDS", 0)
    audit.write(register, ENTRY)
    kill = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND query LIKE 'INSERT INTO audit %'"
    )
    with register.reading() as connection:
        assert connection.execute(kill).scalars().all()
    audit.write(register, replace(ENTRY, person_id=BO))
    assert [one["person_id"] for one in audit_rows(register)] == [ANNA, BO]
