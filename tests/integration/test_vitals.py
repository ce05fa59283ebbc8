"""What an operator watches of the register, and how it is told that it cannot be used."""

import os
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import SQLAlchemyError

from listings import region_messages
from listings.region_messages import ListingUpdate
from register import schema, vitals
from register.database import Register, open_register
from register.engine import audit_file
from register.leases import Lease
from register.settings import RegisterSettings
from register.tables import outgoing
from tests.databases import copy_register, file_of
from tests.records import ANNA, BO, COUNTY, OTHER_COUNTY

NOW = datetime(2026, 3, 10, 11, 0)
AWAY = ListingUpdate(COUNTY, OTHER_COUNTY)


def test_an_empty_queue(register: Register) -> None:
    with register.reading() as connection:
        found = vitals.queue(connection)
    assert found == vitals.Queue(parked={"message": 0, "post": 0})


def test_the_oldest_message_to_each_region_counts(register: Register) -> None:
    with register.writing() as connection:
        for address, person, minutes in (("14", ANNA, 5), ("14", BO, 1), ("17", ANNA, 3)):
            region_messages.enqueue(connection, address, person, AWAY, NOW - timedelta(minutes=minutes))
    with register.reading() as connection:
        found = vitals.queue(connection)
    assert found.oldest_message == {"14": NOW - timedelta(minutes=5), "17": NOW - timedelta(minutes=3)}
    assert found.messages == 3


def test_what_is_counted_has_an_end(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"kind": "post", "contract": "Update", "version": 1, "attempts": 0, "state": "waiting"}
    row |= {"created_at": NOW, "next_attempt_at": NOW}
    many = vitals.COUNTED + 5
    with register.writing() as connection:
        connection.execute(insert(outgoing), [row | {"person_id": str(number)} for number in range(many)])
    with register.reading() as connection:
        assert vitals.queue(connection).posts == vitals.COUNTED


def test_leases_are_told(register: Register) -> None:
    Lease(register, "messages", "me", 60, lambda: NOW).held()
    with register.reading() as connection:
        assert vitals.leases(connection) == {"messages": NOW + timedelta(seconds=60)}


def test_a_register_that_is_as_it_should_be(register: Register) -> None:
    assert vitals.check_tables(register) == schema.revisions()[-1]
    vitals.check_audit(register)


@pytest.mark.breaks_the_register
def test_older_tables_are_told_and_newer_ones_are_served(register: Register) -> None:
    with register.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        with pytest.raises(vitals.UnfitError, match="fastkontakt db upgrade"):
            vitals.check_tables(register)
        with register.writing() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        assert vitals.check_tables(register) == "9999"
    finally:
        with register.writing() as connection:
            connection.execute(
                text("UPDATE alembic_version SET version_num = :last"), {"last": schema.revisions()[-1]}
            )


@pytest.fixture
def own(sqlite_template: Path, tmp_path: Path) -> Register:
    """A register on SQLite in files of its own, which waits for nobody."""
    copy_register(sqlite_template, tmp_path / "register.sqlite3")
    url = f"sqlite:///{tmp_path / 'register.sqlite3'}"
    return open_register(RegisterSettings(url=url, busy_timeout_seconds=0.1))


def test_an_audit_log_that_is_gone(own: Register) -> None:
    audit_file(file_of(own)).unlink()
    with pytest.raises((vitals.UnfitError, SQLAlchemyError)):
        vitals.check_audit(own)
    own.dispose()


def test_an_audit_log_that_another_has_locked(own: Register) -> None:
    with closing(sqlite3.connect(audit_file(file_of(own)), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(SQLAlchemyError):
            vitals.check_audit(own)
    vitals.check_audit(own)
    own.dispose()


def test_an_audit_log_on_a_disk_that_is_full(own: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.statvfs(file_of(own))
    full = os.statvfs_result((*real[:4], 0, *real[5:]))
    monkeypatch.setattr("os.statvfs", lambda _: full)
    with pytest.raises(vitals.UnfitError, match="MiB are free"):
        vitals.check_audit(own)
    own.dispose()


def test_an_audit_log_that_may_not_be_written(own: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(vitals.UnfitError, match="cannot be written"):
        vitals.check_audit(own)
    own.dispose()
