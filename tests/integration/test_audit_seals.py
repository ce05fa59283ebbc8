"""The audit log cannot be altered unseen: append-only, sealed, signed, and kept (docs/audit.md)."""

import hashlib
import json
import re
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymerkle import InmemoryTree
from sqlalchemy import create_engine, delete, insert, text, update
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner, Result

from contracts.clock import utc_now
from fastkontakt.cli import app
from register import audit, audit_notes, audit_pruning, grants
from register.audit import AuditEntry
from register.audit_leaves import leaves, root
from register.database import Register
from register.tables import audit as audit_table
from tests.asking import get_listing
from tests.databases import audit_rows, keep, opened
from tests.producers import SMALL_REGION, make_producer
from tests.records import ANNA, BO, CLARA
from tests.strength import sized

ENTRY = AuditEntry("log", ANNA, "GetListing", "14", "OK", hits=1)
STRANGE = 'a "quoted" \\ back\tslash\x7f ö \U0001f600 </x> \x1f'
FIRST = utc_now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=3)


def rows(count: int, began: datetime = FIRST, **values: Any) -> list[dict[str, Any]]:
    """Return rows of three days."""
    step = timedelta(days=3) / (count + 1)
    every = {"contract": "GetListing", "logical_address": "14", "outcome": "OK"} | values
    return [
        every
        | {
            "logged_at": began + (number + 1) * step,
            "log_id": f"log {number}",
            "person_id": (ANNA, BO)[number % 2],
            "hits": number % 3,
        }
        for number in range(count)
    ]


def fill(register: Register, added: list[dict[str, Any]]) -> None:
    with register.auditing() as connection:
        connection.execute(insert(audit_table), added)


@pytest.fixture
def settings(register: Register, tmp_path: Path) -> Path:
    """Settings of the log, which has a key and 30 rows of three days."""
    fill(register, rows(30))
    file = tmp_path / "fastkontakt.toml"
    url = register.engine.url.render_as_string(hide_password=False)
    file.write_text(
        f"[database]\nurl = '{url}'\n[audit]\nfolder = '{tmp_path}/sealed'\nkey = '{tmp_path}/key.pem'\n",
        "utf-8",
    )
    done(run(file, "keys"))
    return file


def run(settings: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["audit", *arguments, "--config", str(settings)], catch_exceptions=True)


def done(result: Result) -> str:
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def altered(register: Register, statement: Any) -> None:
    """Alter the log as who owns the database can."""
    with audit_pruning.deleting(register, 0) as connection:
        assert connection.execute(statement).rowcount


def ids(register: Register) -> list[int]:
    return [row["id"] for row in audit_rows(register)]


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_rows_are_neither_changed_nor_deleted(register: Register) -> None:
    audit.write(register, ENTRY)
    for statement in (delete(audit_table), update(audit_table).values(hits=9)):
        with (
            pytest.raises(DBAPIError, match="neither changed nor deleted"),
            register.auditing() as connection,
        ):
            connection.execute(statement)
    assert len(audit_rows(register)) == 1


@pytest.mark.parametrize("register", ["postgresql"], indirect=True)
def test_a_user_that_serves_cannot_alter_the_log(register: Register) -> None:
    """A second user of the database, with what `fastkontakt db grants` says and no more."""
    keep(register, *SMALL_REGION)
    url = register.engine.url
    owner = create_engine(url)
    with owner.begin() as connection:
        schema = str(connection.scalar(text("SELECT current_schema()")))
        connection.execute(text("DROP ROLE IF EXISTS serving"))
        connection.execute(text("CREATE ROLE serving LOGIN"))
        for statement in grants.grants("serving", schema):
            connection.execute(text(statement))
    try:
        with opened(url.set(username="serving").render_as_string(hide_password=False)) as serving:
            get_listing(make_producer(serving.for_calls()))
            keep(serving, *SMALL_REGION)
            for what in (
                "DELETE FROM audit",
                "UPDATE audit SET hits = 9",
                "TRUNCATE audit",
                "DROP TABLE audit",
            ):
                with (
                    pytest.raises(DBAPIError, match="permission denied|must be owner"),
                    serving.auditing() as one,
                ):
                    one.execute(text(what))
        assert [row["hits"] for row in audit_rows(register)] == [1]
    finally:
        with owner.begin() as connection:
            connection.execute(text("DROP OWNED BY serving"))
            connection.execute(text("DROP ROLE serving"))
        owner.dispose()


def test_a_canonical_row_is_the_json_of_its_columns(register: Register) -> None:
    """Whatever the database; so others can check it, and a log can be moved."""
    audit.write(register, ENTRY, AuditEntry(STRANGE, ANNA, STRANGE, "14", "OK", consumer=STRANGE))
    with register.reading_audit() as connection:
        found = list(leaves(connection, 0, 10**9))
    expected = []
    for row in audit_rows(register):
        row["logged_at"] = row["logged_at"].isoformat(" ", "microseconds")
        canonical = json.dumps(
            [row[column.name] for column in audit_table.c], ensure_ascii=False, separators=(",", ":")
        )
        expected.append((row["id"], hashlib.sha256(b"\0" + canonical.encode()).digest()))
    assert [tuple(one) for one in found] == expected


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 8, 13])
def test_the_root_is_that_of_the_library(count: int) -> None:
    entries = [str(number).encode() for number in range(count)]
    tree = InmemoryTree.init_from_entries(entries)
    hashes = [hashlib.sha256(b"\0" + one).digest() for one in entries]
    assert root(hashes) == (tree.get_root() if count else hashlib.sha256().digest())


def test_nothing_is_found_where_nothing_was_altered(register: Register, settings: Path) -> None:
    assert done(run(settings, "checkpoint")).count("rows sealed") == 3
    audit.write(register, ENTRY)
    assert "3 days with 30 rows are sealed; 1 rows are not sealed yet." in done(run(settings, "verify"))
    again = done(run(settings, "checkpoint"))
    assert "rows sealed" not in again
    assert (settings.parent / "sealed").stat().st_mode & 0o077 == 0
    assert (settings.parent / "key.pem").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("what", ["changed", "removed", "inserted"])
def test_a_row_that_is_altered_is_named(register: Register, settings: Path, what: str) -> None:
    done(run(settings, "checkpoint"))
    row = ids(register)[14]
    if what == "changed":
        altered(register, update(audit_table).where(audit_table.c.id == row).values(person_id=CLARA))
    elif what == "removed":
        altered(register, delete(audit_table).where(audit_table.c.id == row))
    else:
        row = ids(register)[0] - 1
        altered(register, insert(audit_table).values(id=row, **rows(1)[0]))
    result = run(settings, "verify")
    assert result.exit_code == 1
    found = re.findall(r"row (-?\d+) (\w+)", result.output)
    assert found == [(str(row), what)]


def test_a_log_that_is_rewritten_whole_does_not_agree_with_an_old_checkpoint(
    register: Register, settings: Path
) -> None:
    """By somebody who has the database, the folder and the key, and seals it all anew."""
    done(run(settings, "checkpoint"))
    folder = settings.parent / "sealed"
    elsewhere = settings.parent / "handed elsewhere"
    elsewhere.write_bytes((folder / "checkpoint").read_bytes())
    altered(register, update(audit_table).where(audit_table.c.person_id == BO).values(person_id=CLARA))
    for one in folder.iterdir():
        one.unlink()
    done(run(settings, "checkpoint"))
    assert "Nothing has been altered." in done(run(settings, "verify"))
    result = run(settings, "verify", "--checkpoint", str(elsewhere))
    assert result.exit_code == 1
    assert "has been rewritten" in result.output


def test_a_checkpoint_of_before_is_gone_on_from(register: Register, settings: Path) -> None:
    done(run(settings, "checkpoint"))
    folder = settings.parent / "sealed"
    old = folder / "old"
    old.write_bytes((folder / "checkpoint").read_bytes())
    lines = (folder / "days.jsonl").read_text("utf-8").splitlines()
    assert "Nothing has been altered." in done(run(settings, "verify", "--checkpoint", str(old)))
    (folder / "days.jsonl").write_text(
        "\n".join([*lines[:1], lines[1].replace("0", "1"), lines[2]]) + "\n", "utf-8"
    )
    assert run(settings, "verify").exit_code == 1
    (folder / "days.jsonl").write_text("\n".join(lines[:2]) + "\n", "utf-8")
    assert "rewritten" in run(settings, "verify").output


@pytest.mark.parametrize(("old", "new"), [("\n3\n", "\n2\n"), ("\u2014 ", "\u2014 x"), ("\n\n", "\n")])
def test_a_checkpoint_that_is_forged_is_refused(
    register: Register, settings: Path, old: str, new: str
) -> None:
    done(run(settings, "checkpoint"))
    forged = settings.parent / "forged"
    forged.write_text(
        (settings.parent / "sealed" / "checkpoint").read_text("utf-8").replace(old, new, 1), "utf-8"
    )
    assert run(settings, "verify", "--checkpoint", str(forged)).exit_code == 1


def test_a_key_of_somebody_else_is_refused(settings: Path, tmp_path: Path) -> None:
    done(run(settings, "checkpoint"))
    audit_notes.make_keys(tmp_path / "other.pem", "fastkontakt-audit")
    assert run(settings, "verify", "--key", str(tmp_path / "other.pem.pub")).exit_code == 1
    assert run(settings, "keys").exit_code == 1  # the key there is is not written over


def test_old_rows_go_by_their_own_command_and_nothing_is_missed(register: Register, settings: Path) -> None:
    altered(register, delete(audit_table))
    fill(register, rows(6, datetime(utc_now().year - 12, 5, 1)))
    fill(register, rows(30))
    done(run(settings, "checkpoint"))
    before = len(audit_rows(register))
    assert "--apply deletes them" in done(run(settings, "prune"))
    assert len(audit_rows(register)) == before
    assert "are deleted" in done(run(settings, "prune", "--apply", "--by", "arkivarie"))
    kept = audit_rows(register)
    # S004-003: kept for ten years at least, and gone after that
    assert [row for row in kept if row["logged_at"] < datetime(utc_now().year - 10, 1, 1)] == []
    assert [row["actor_id"] for row in kept if row["contract"].startswith("fastkontakt audit prune")] == [
        "arkivarie"
    ]
    assert "6 days with 36 rows are sealed" in done(run(settings, "verify"))


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_it_is_in_proportion_to_the_rows(register: Register, settings: Path) -> None:
    took = {}
    for count in (sized(quick=4_000, full=250_000), sized(quick=16_000, full=1_000_000)):
        fill(register, rows(count))
        began = time.process_time()
        with register.reading_audit() as connection:
            found = sum(1 for _ in leaves(connection, 0, 10**9))
        took[found] = time.process_time() - began
    (few, first), (many, second) = took.items()
    assert second / first < 3 * many / few
