"""Messages and marks move into the one queue, whatever state they are in (revision 0006)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, inspect, select, text

from contacts import index_marks
from listings import region_messages
from listings.region_messages import ListingUpdate
from register import claims, schema
from register.claims import LONGEST_CLAIM
from register.database import Register
from register.outgoing import TaskKind, TaskState, find, listed
from register.tables import audit_metadata, outgoing
from tests.databases import opened
from tests.records import ANNA, BO, CLARA, COUNTY, DAN, EVA, OTHER_COUNTY

NOW = datetime(2026, 3, 10, 11, 0, 0, 123)
MINUTE = timedelta(minutes=1)

_before = MetaData()
OUTBOX = Table(
    "outbox",
    _before,
    *(Column(name, Integer) for name in ("id", "attempts")),
    *(Column(name, String) for name in ("correlation_id", "contract", "address", "person_id", "message")),
    *(Column(name, String) for name in ("request_id", "state", "claimed_by", "result")),
    *(Column(name, DateTime) for name in ("created_at", "next_attempt_at", "attempted_at")),
)
PAUSE = Table(
    "outbox_pause",
    _before,
    Column("address", String),
    *(Column(name, DateTime) for name in ("since", "until")),
)
INDEX_TASK = Table(
    "index_task",
    _before,
    *(Column(name, Integer) for name in ("version", "attempts")),
    *(Column(name, String) for name in ("person_id", "state", "claimed_by", "result")),
    *(Column(name, DateTime) for name in ("marked_at", "next_attempt_at")),
)

REQUEST = (
    "INSERT INTO care_provider (hsa_key, hsa_id, name) VALUES ('P', 'P', 'P')",
    "INSERT INTO unit (hsa_key, hsa_id, name, provider_key, county, listable, offers_queue,"
    " offers_choice_of_personnel) VALUES ('U', 'U', 'U', 'P', '14', true, true, true)",
    "INSERT INTO resident (person_id, protected) VALUES (:anna, false)",
    "INSERT INTO listing_request (id, person_id, unit_key, code, code_system, requested_at, state)"
    " VALUES ('R1', :anna, 'U', 'PV', '1.2', '2026-03-10 11:00:00', 'waiting')",
)


def message(number: int, person_id: str, state: str, **values: Any) -> dict[str, Any]:
    """Return a message as it was in the outbox: tried once if it is not said otherwise."""
    return {
        "id": number,
        "correlation_id": f"correlation {number}",
        "contract": "UpdateListing",
        "address": OTHER_COUNTY,
        "person_id": person_id,
        "message": f'["{COUNTY}", "{OTHER_COUNTY}", null, null]',
        "request_id": None,
        "state": state,
        "attempts": 1,
        "created_at": NOW - 10 * MINUTE,
        "next_attempt_at": NOW + 5 * MINUTE,
        "attempted_at": NOW,
        "claimed_by": None,
        "result": None,
    } | values


MESSAGES = [
    message(12, ANNA, "waiting", request_id="R1", result="VP009"),
    message(13, BO, "waiting", attempts=0, attempted_at=None, next_attempt_at=NOW - 10 * MINUTE),
    message(20, CLARA, "sending", attempts=2, claimed_by="one"),
    message(21, DAN, "parked", result="VP007"),
    message(22, DAN, "done", result="OK"),
    message(30, DAN, "refused", result="ERROR"),
    message(31, DAN, "dropped", result="given up by an operator"),
]


def mark(person_id: str, state: str, **values: Any) -> dict[str, Any]:
    """Return a mark as it was: seen by nobody yet if it is not said otherwise."""
    return {
        "person_id": person_id,
        "version": 1,
        "marked_at": NOW - 10 * MINUTE,
        "state": state,
        "attempts": 0,
        "next_attempt_at": NOW - 10 * MINUTE,
        "claimed_by": None,
        "result": None,
    } | values


MARKS = [
    mark(ANNA, "waiting", version=3),
    mark(BO, "waiting", attempts=1, next_attempt_at=NOW + 5 * MINUTE, result="EI000"),
    mark(CLARA, "sending", attempts=1, next_attempt_at=NOW + 5 * MINUTE, claimed_by="two"),
    mark(DAN, "refused", attempts=1, next_attempt_at=NOW, result="EI004"),
    mark(EVA, "parked", attempts=2, next_attempt_at=NOW, result="EI003"),
]


@pytest.fixture
def moved(empty_database: str) -> Iterator[Register]:
    """A register that was upgraded with rows of every state in its two queues."""
    with opened(empty_database) as register:
        with register.writing() as connection, register.auditing() as audit_connection:
            if connection.dialect.name == "sqlite":
                audit_metadata.create_all(audit_connection)
            config = Config()
            config.set_main_option("script_location", "register:migrations")
            config.attributes["connection"] = connection
            config.attributes["audit_connection"] = audit_connection
            command.upgrade(config, "0005")
            for statement in REQUEST:
                connection.execute(text(statement), {"anna": ANNA} if ":anna" in statement else {})
            connection.execute(OUTBOX.insert(), MESSAGES)
            connection.execute(INDEX_TASK.insert(), MARKS)
            connection.execute(PAUSE.insert(), {"address": "17", "since": NOW, "until": NOW + MINUTE})
        schema.upgrade(register)
        yield register


def test_every_message_is_there_with_its_id(moved: Register) -> None:
    with moved.reading() as connection:
        found = connection.execute(select(outgoing).where(outgoing.c.kind == "message"))
        rows = sorted((dict(row) for row in found.mappings()), key=lambda row: row["id"])
    assert [row | {"message": row.pop("content")} for row in rows] == [
        row | {"kind": "message", "version": 1} for row in MESSAGES
    ]


def test_every_mark_is_there_behind_them_those_who_have_waited_longest_first(moved: Register) -> None:
    with moved.reading() as connection:
        found = connection.execute(select(outgoing).where(outgoing.c.kind == "post").order_by(outgoing.c.id))
        rows = [dict(row) for row in found.mappings()]
    assert min(row["id"] for row in rows) > max(row["id"] for row in MESSAGES)
    nothing = dict.fromkeys(("address", "content", "correlation_id", "request_id"))
    assert [{name: row[name] for name in nothing} for row in rows] == [nothing] * len(rows)
    assert {row["contract"] for row in rows} == {"Update"}
    kept = [{name: row[name] for name in MARKS[0] if name != "marked_at"} for row in rows]
    order = sorted(MARKS, key=lambda row: (row["next_attempt_at"], row["person_id"]))
    assert kept == [{name: row[name] for name in row if name != "marked_at"} for row in order]
    assert [row["created_at"] for row in rows] == [row["marked_at"] for row in order]


def test_the_tables_they_were_in_are_gone(moved: Register) -> None:
    tables = inspect(moved.engine).get_table_names()
    assert not {"outbox", "outbox_pause", "index_task"} & set(tables)
    with moved.reading() as connection:
        assert claims.paused(connection, NOW) == {"17": NOW + MINUTE}
    schema.upgrade(moved)
    assert schema.status(moved).up_to_date


def test_senders_go_on_where_they_were(moved: Register) -> None:
    def messages(at: datetime) -> list[int]:
        found = []
        while claimed := claims.claim(moved, TaskKind.MESSAGE, "three", at, address=OTHER_COUNTY):
            found += [task.id for task in claimed]
        return found

    def posts(at: datetime) -> set[str]:
        return {task.person_id for task in claims.claim(moved, TaskKind.POST, "three", at, limit=10)}

    assert (messages(NOW), posts(NOW)) == ([13], {ANNA})
    assert (messages(NOW + 4 * MINUTE), posts(NOW + 4 * MINUTE)) == ([], set())
    later = NOW + 5 * MINUTE
    assert (messages(later), posts(later)) == ([12, 13, 20], {ANNA, BO, CLARA})


def test_what_comes_next_goes_behind_them(moved: Register) -> None:
    with moved.writing() as connection:
        index_marks.mark(connection, [BO, DAN], NOW)
        new = region_messages.enqueue(connection, OTHER_COUNTY, DAN, ListingUpdate(COUNTY, OTHER_COUNTY), NOW)
        assert new > max(task.id for task in listed(connection, TaskKind.POST, list(TaskState)))
        parked = find(connection, TaskKind.MESSAGE, 21)
    assert parked is not None
    assert parked.state is TaskState.DROPPED
    tried = claims.claim(moved, TaskKind.POST, "three", NOW, limit=10)
    assert {task.person_id: task.version for task in tried} == {ANNA: 3, DAN: 2}
    assert {task.next_attempt_at for task in tried} == {NOW + LONGEST_CLAIM}
