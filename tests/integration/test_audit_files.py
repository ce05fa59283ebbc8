"""SQLite: a file of the audit log for each process that writes, read as one log (register.audit_files)."""

import stat
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from fastkontakt.settings import Settings
from register import audit, audit_files, schema
from register.audit import AuditEntry
from register.audit_pruning import deleting
from register.database import Register
from register.engine import RegisterError, audit_file
from register.schema import open_current_register
from register.tables import audit as audit_table
from tests.databases import audit_rows, file_of, opened
from tests.records import ANNA, BO, CLARA

SQLITE_ALONE = True

ENTRY = AuditEntry("log", ANNA, "GetListing", "14", "OK")
IN_ORDER = [ANNA, BO, CLARA, ANNA]


def url_of(register: Register) -> str:
    return register.engine.url.render_as_string(hide_password=False)


def number_of_files(register: Register) -> int:
    return sum(audit_file(file_of(register), number).exists() for number in range(20))


@pytest.fixture
def three(register: Register) -> Iterator[list[Register]]:
    """A register opened by three that write to it at the same time, with rows of each in its audit log."""
    with ExitStack() as stack:
        writers = [register, *(stack.enter_context(opened(url_of(register))) for _ in range(2))]
        for writer, person in zip([*writers, register], IN_ORDER, strict=True):
            audit.write(writer, replace(ENTRY, person_id=person))
        yield writers


def test_each_writes_a_file_of_its_own_and_all_read_one_log(three: list[Register]) -> None:
    assert number_of_files(three[0]) == 3
    for reader in three:
        assert [row["person_id"] for row in audit_rows(reader)] == IN_ORDER
    ids = [row["id"] for row in audit_rows(three[0])]
    assert ids == [1, 10**12 + 1, 2 * 10**12 + 1, 2]


def test_files_are_taken_again_when_their_writer_has_ended(three: list[Register]) -> None:
    register, other, third = three
    for writer in (other, third):
        writer.dispose()
    for _ in range(4):
        with opened(url_of(register)) as later:
            audit.write(later, ENTRY)
    assert number_of_files(register) == 3
    assert [row["id"] - 10**12 for row in audit_rows(register)[4:]] == [2, 3, 4, 5]


def test_the_one_log_is_searched_by_the_index_of_each_file(three: list[Register]) -> None:
    search = text("EXPLAIN QUERY PLAN SELECT * FROM audit WHERE person_id = :person ORDER BY logged_at DESC")
    with three[1].reading_audit() as connection:
        plan = [row.detail for row in connection.execute(search, {"person": ANNA})]
    assert sum("USING INDEX ix_audit_person_id" in one for one in plan) == 3
    assert not any(one.startswith("SCAN") and "audit" in one for one in plan)


def test_reading_cannot_write_any_file(three: list[Register]) -> None:
    for table in ("main.audit", "audit_1.audit", "audit_2.audit"):
        with pytest.raises(DBAPIError, match="readonly"), three[0].reading_audit() as connection:
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - a name of ours
    assert len(audit_rows(three[0])) == 4


def test_a_reader_sees_one_state_of_all_files(three: list[Register]) -> None:
    count = select(func.count()).select_from(audit_table)
    with three[0].reading_audit() as connection:
        before = connection.execute(count).scalar_one()
        for writer in three:
            audit.write(writer, ENTRY)
        assert connection.execute(count).scalar_one() == before
    assert len(audit_rows(three[0])) == before + 3


def test_each_part_can_be_tidied(three: list[Register]) -> None:
    """As for a term of keeping."""
    register = three[0]
    assert register.audit_parts() == [0, 1, 2]
    for part in register.audit_parts():
        with deleting(register, part) as connection:
            connection.execute(delete(audit_table).where(audit_table.c.person_id != BO))
    assert [row["person_id"] for row in audit_rows(register)] == [BO]


def test_more_writers_than_files_share_the_first(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_files, "MOST", 2)
    with ExitStack() as stack:
        for person in IN_ORDER:
            writer = stack.enter_context(opened(url_of(register)))
            audit.write(writer, replace(ENTRY, person_id=person))
        assert number_of_files(register) == 2
        assert [row["person_id"] for row in audit_rows(register)] == IN_ORDER


def test_every_file_is_for_those_who_may_read_the_register(register: Register) -> None:
    file_of(register).chmod(0o640)
    with opened(url_of(register)) as other:
        for writer in (register, other):
            audit.write(writer, ENTRY)
        second = audit_file(file_of(register), 1)
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in second.parent.glob(f"{second.name}*")}
    assert modes == {f"{second.name}{end}": 0o640 for end in ("", "-lock", "-shm", "-wal")}


@pytest.mark.parametrize("lost", [1, 2])
def test_a_lost_file_is_missed_by_everybody(three: list[Register], lost: int) -> None:
    register = three[0]
    for one in three:
        one.dispose()
    file = audit_file(file_of(register), lost)
    file.unlink()
    settings = Settings.model_validate({"database": {"url": url_of(register)}})
    with pytest.raises(RegisterError, match=f"^{file}: holds no audit log; put back the file"):
        open_current_register(settings.database)
    with pytest.raises(OperationalError, match="unable to open database"):
        audit_rows(register)
    with pytest.raises(OperationalError, match="unable to open database"):
        register.ping()
    for one in three:  # a service that is running does not make it anew either, nor go on elsewhere
        with pytest.raises(OperationalError, match="this file of the audit log is gone; put it back"):
            audit.write(one, ENTRY)
    assert not file.exists()
    assert schema.status(register).audit_missing == [file]
    schema.upgrade(register)
    assert schema.status(register).up_to_date
    assert [row["person_id"] for row in audit_rows(register)][:3] == [
        person for number, person in zip([0, 1, 2, 0], IN_ORDER, strict=True) if number != lost
    ]


def test_the_first_file_can_be_older_than_the_others_or_new(three: list[Register]) -> None:
    """As after it was put back from a backup of before the others were made."""
    register = three[0]
    for one in three:
        one.dispose()
    audit_file(file_of(register)).unlink()
    assert schema.status(register).audit_missing == [audit_file(file_of(register))]
    schema.upgrade(register)
    assert schema.status(register).up_to_date
    assert [row["person_id"] for row in audit_rows(register)] == [BO, CLARA]
    with register.auditing() as connection:
        connection.exec_driver_sql("PRAGMA user_version=0")
    assert [row["person_id"] for row in audit_rows(register)] == [BO, CLARA]


def test_a_log_that_is_replaced_under_a_writer_is_not_written_on(register: Register) -> None:
    audit.write(register, ENTRY)
    file = audit_file(file_of(register))
    file.rename(file.with_name("elsewhere.sqlite3"))
    with pytest.raises(OperationalError, match="is gone"):
        audit.write(register, ENTRY)
    assert not file.exists()
