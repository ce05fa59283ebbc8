"""The audit log (register.audit)."""

from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import SQLAlchemyError

from register import audit
from register.audit import AuditEntry
from register.database import Register
from register.tables import audit as audit_table
from tests.databases import audit_rows, opened
from tests.records import ANNA, hsa

ENTRY = AuditEntry(
    log_id="2f5e2d0c-7f3a-4a57-9f0c-0d5a8d7c2b11",
    person_id=ANNA,
    contract="GetListing",
    logical_address="14",
    outcome="OK",
    hits=2,
    correlation_id="a-correlation",
    consumer=str(hsa("consumer")),
    sender=str(hsa("sender")),
    on_behalf_of=str(hsa("organisation")),
    actor_type="CITIZEN",
    actor_id=ANNA,
)


def test_every_field_is_kept_and_the_time_is_utc(register: Register) -> None:
    before = datetime.now(UTC).replace(tzinfo=None)
    audit.write(register, ENTRY)
    after = datetime.now(UTC).replace(tzinfo=None)
    (kept,) = audit_rows(register)
    assert before <= kept.pop("logged_at") <= after
    assert kept.pop("id") >= 1
    assert kept == asdict(ENTRY)
    assert None not in kept.values()


def test_the_table_has_a_column_for_every_field() -> None:
    assert {field.name for field in fields(AuditEntry)} == {column.name for column in audit_table.c} - {
        "id",
        "logged_at",
    }


def test_entries_keep_their_order_and_what_nobody_said_is_empty(register: Register) -> None:
    """The person as written in the request: possibly nobody's number, possibly no number."""
    audit.write(register, ENTRY)
    audit.write(register, AuditEntry("log", "not a number", "GetCareManagers", "SE1", "FAULT"))
    first, second = audit_rows(register)
    assert (first["person_id"], second["person_id"]) == (ANNA, "not a number")
    assert first["logged_at"] <= second["logged_at"] < first["logged_at"] + timedelta(minutes=5)
    assert (second["hits"], second["consumer"], second["actor_id"]) == (0, None, None)


def test_it_is_there_for_others_when_the_function_returns(register: Register) -> None:
    with opened(register.engine.url.render_as_string(hide_password=False)) as other:
        audit.write(register, ENTRY)
        assert len(audit_rows(other)) == 1


def test_an_entry_that_cannot_be_kept_is_an_error(empty_database: str) -> None:
    with opened(empty_database) as without_tables, pytest.raises(SQLAlchemyError):
        audit.write(without_tables, ENTRY)
