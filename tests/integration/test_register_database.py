"""Connections and transactions (register.database)."""

import sqlite3
import stat
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Insert, delete, func, insert, select, text
from sqlalchemy.exc import DatabaseError, DBAPIError, IntegrityError, OperationalError, TimeoutError

from contracts.identifiers import HsaId
from register import audit, schema
from register.audit import AuditEntry
from register.database import Register, open_register
from register.engine import RegisterError, audit_file
from register.model import CareProvider
from register.settings import RegisterSettings
from register.tables import audit as audit_table
from register.tables import care_provider, resident, resident_identity
from tests import store
from tests.databases import audit_rows, file_of, keep, opened
from tests.records import ANNA, BO, OTHER_ID, PROVIDER, hsa, residents

ON_SQLITE = pytest.mark.parametrize("register", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("register", ["postgresql"], indirect=True)


def url_of(register: Register) -> str:
    return register.engine.url.render_as_string(hide_password=False)


def impatient(register: Register, seconds: float) -> Register:
    return open_register(RegisterSettings(url=url_of(register), busy_timeout_seconds=seconds))


def providers(register: Register) -> int:
    with register.reading() as connection:
        return connection.execute(select(func.count()).select_from(care_provider)).scalar_one()


@pytest.mark.parametrize(
    "url",
    [
        "fastkontakt.sqlite3",
        "mysql://host/database",
        "postgresql+psycopg2://host/database",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:register?uri=true",
        "postgresql://user:hemligt@host:port/database",
    ],
)
def test_an_unusable_url_names_the_setting_and_keeps_the_password(url: str) -> None:
    with pytest.raises(RegisterError, match=r"^database\.url: ") as caught:
        open_register(RegisterSettings(url=url))
    assert "hemligt" not in str(caught.value)


def test_a_missing_folder_is_told_at_once(tmp_path: Path) -> None:
    missing = tmp_path / "no" / "register.sqlite3"
    with pytest.raises(RegisterError, match=f"the folder {missing.parent} does not exist"):
        open_register(RegisterSettings(url=f"sqlite:///{missing}"))


@pytest.mark.parametrize("beginning", ["postgresql", "postgresql+psycopg"])
def test_postgresql_means_psycopg(beginning: str) -> None:
    with opened(f"{beginning}://user:hemligt@host/database") as register:
        assert register.engine.dialect.driver == "psycopg"


def test_the_url_does_not_show_where_settings_are_printed() -> None:
    assert "hemligt" not in repr(RegisterSettings(url="postgresql://user:hemligt@host/database"))


def test_sqlite_is_durable_checked_and_patient(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'register.sqlite3'}") as register, register.writing() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 20_000}


def test_a_new_sqlite_file_waits_for_whoever_has_it_locked(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN EXCLUSIVE")
        other.execute("CREATE TABLE alembic_version (version_num)")
        timer = threading.Timer(0.2, other.execute, ["COMMIT"])
        timer.start()
        with opened(f"sqlite:///{path}") as register, register.reading() as connection:
            assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 0
        timer.join()


def test_a_sqlite_file_that_stays_locked_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite3"
    settings = RegisterSettings(url=f"sqlite:///{path}", busy_timeout_seconds=0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        register = open_register(settings)
        with pytest.raises(OperationalError, match="locked"):
            register.ping()
        register.dispose()


def test_ping_fails_when_there_is_no_database(register: Register, tmp_path: Path) -> None:
    register.ping()
    if register.engine.dialect.name == "sqlite":
        url = f"sqlite:///{tmp_path}"  # a folder
    else:
        url = register.engine.url.set(database="nowhere").render_as_string(hide_password=False)
    with opened(url) as nowhere, pytest.raises(OperationalError):
        nowhere.ping()


def test_ping_fails_when_the_database_holds_no_register(empty_database: str) -> None:
    with opened(empty_database) as empty, pytest.raises(DatabaseError):
        empty.ping()


def test_writing_commits_at_the_end_and_rolls_back_on_an_exception(register: Register) -> None:
    keep(register, PROVIDER)

    def fail_halfway() -> None:
        with register.writing() as connection:
            store.upsert(connection, [CareProvider(hsa("other"), "Annan")])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert providers(register) == 1


def test_reading_cannot_write(register: Register) -> None:
    values = {"hsa_key": "X", "hsa_id": "x", "name": "x"}
    with pytest.raises(DBAPIError, match=r"(?i)read-?only"), register.reading() as connection:
        connection.execute(insert(care_provider), values)
    with register.writing() as connection:  # the connection in the pool is none the worse for it
        connection.execute(insert(care_provider), values)
    assert providers(register) == 1


def test_reading_sees_one_state_while_a_writer_commits(register: Register) -> None:
    keep(register, PROVIDER)
    names = select(care_provider.c.name)
    with register.reading() as connection:
        before = connection.scalars(names).all()
        keep(register, CareProvider(PROVIDER.hsa_id, "Nytt namn"), CareProvider(hsa("other"), "Annan"))
        assert connection.scalars(names).all() == before == [PROVIDER.name]
    with register.reading() as connection:
        assert sorted(connection.scalars(names)) == ["Annan", "Nytt namn"]


def test_nothing_of_an_unfinished_import_shows(register: Register) -> None:
    with register.writing() as connection:
        store.upsert(connection, [PROVIDER])
        assert providers(register) == 0
    assert providers(register) == 1


def test_writers_queue_so_that_a_check_holds_until_the_commit(register: Register) -> None:
    """Ten threads each read a counter and write it back: only in a queue does it become ten."""
    keep(register, CareProvider(HsaId("A"), "0"))
    table = care_provider

    def count_up(_: int) -> None:
        with register.writing() as connection:
            name = connection.execute(select(table.c.name)).scalar_one()
            connection.execute(table.update().values(name=str(int(name) + 1)))

    with ThreadPoolExecutor(10) as threads:
        list(threads.map(count_up, range(10)))
    with register.reading() as connection:
        assert connection.execute(select(table.c.name)).scalar_one() == "10"


def test_a_writer_gives_up_when_its_turn_does_not_come(register: Register) -> None:
    hasty = impatient(register, 0.05)
    with register.writing(), pytest.raises(OperationalError, match="lock"), hasty.writing():
        pytest.fail("two writers at once")
    hasty.dispose()


def test_the_audit_log_does_not_wait_for_a_load(register: Register) -> None:
    hasty = impatient(register, 0.05)
    with register.writing() as connection:
        store.upsert(connection, [PROVIDER])
        audit.write(hasty, AuditEntry("log", ANNA, "GetListing", "14", "OK"))
        assert len(audit_rows(hasty)) == 1
    hasty.dispose()


@ON_SQLITE
def test_the_file_of_the_audit_log_is_for_those_who_may_read_the_register(
    register: Register,
) -> None:
    file = file_of(register)
    log = audit_file(file)
    log.unlink()
    file.chmod(0o640)
    with opened(url_of(register)) as other:
        schema.upgrade(other)
        audit.write(other, AuditEntry("log", ANNA, "GetListing", "14", "OK"))
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in log.parent.glob(f"{log.name}*")}
    assert modes == {f"{log.name}{end}": 0o640 for end in ("", "-lock", "-shm", "-wal")}


@ON_SQLITE
def test_ping_fails_when_the_audit_log_is_gone(register: Register) -> None:
    audit_file(file_of(register)).unlink()
    with opened(url_of(register)) as other, pytest.raises(DatabaseError, match="is gone"):
        other.ping()


@ON_SQLITE
def test_the_audit_log_is_as_durable_as_the_register(register: Register) -> None:
    with opened(url_of(register)) as other, other.auditing() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 20_000}


def test_reading_the_audit_log_cannot_write_it(register: Register) -> None:
    audit.write(register, AuditEntry("log", ANNA, "GetListing", "14", "OK"))
    with pytest.raises(DBAPIError, match=r"(?i)read-?only"), register.reading_audit() as connection:
        connection.execute(delete(audit_table))
    assert len(audit_rows(register)) == 1


@pytest.mark.parametrize(
    ("file", "log"),
    [
        ("register.sqlite3", "register-audit.sqlite3"),
        ("fk.prod.db", "fk.prod-audit.db"),
        ("register", "register-audit"),
    ],
)
def test_the_audit_log_lies_beside_the_register(file: str, log: str) -> None:
    assert audit_file(Path("/srv/a.b", file)) == Path("/srv/a.b", log)


def test_many_threads_read_and_write_the_audit_log(register: Register) -> None:
    entry = AuditEntry("log", ANNA, "GetListing", "14", "OK")
    count = select(func.count()).select_from(audit_table)

    def rows() -> int:
        with register.reading_audit() as connection:
            return connection.execute(count).scalar_one()

    def work(_: int) -> int:
        before = rows()
        audit.write(register, entry)
        return rows() - before

    with ThreadPoolExecutor(8) as threads:
        assert min(threads.map(work, range(120))) >= 1
    assert rows() == 120


def test_the_pool_gives_up_as_the_setting_says(register: Register) -> None:
    small = open_register(RegisterSettings(url=url_of(register), pool_size=1, busy_timeout_seconds=0.05))
    with small.reading(), small.reading(), pytest.raises(TimeoutError), small.reading():
        pytest.fail("a third connection from a pool of one and one more")
    small.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        insert(resident).values(person_id=ANNA, protected=False),
        insert(resident).values(person_id=BO, protected=False, home_county="1x"),
        insert(resident_identity).values(person_id=BO, other_id=OTHER_ID),
    ],
    ids=["key", "check", "reference"],
)
def test_an_error_quotes_no_person(register: Register, statement: Insert) -> None:
    """Exceptions end up in logs, where person numbers must not (design rule 8)."""
    keep(register, *residents(ANNA))
    with pytest.raises(IntegrityError) as caught, register.writing() as connection:
        connection.execute(statement)
    told = "".join(traceback.format_exception(caught.value))
    assert "IntegrityError" in told
    assert not any(number in told for number in (ANNA, BO, OTHER_ID))


@ON_POSTGRESQL
def test_a_lost_connection_is_replaced(register: Register) -> None:
    with opened(url_of(register)) as other:
        with other.reading() as connection:
            process = connection.scalar(text("SELECT pg_backend_pid()"))
        with register.writing() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": process})
        other.ping()


def test_dispose_closes_the_pooled_connections(register: Register) -> None:
    with opened(url_of(register)) as other:
        other.ping()
        assert other.reading_engine.pool.checkedin() == 1  # type: ignore[attr-defined]
        other.dispose()
        assert other.reading_engine.pool.checkedin() == 0  # type: ignore[attr-defined]
