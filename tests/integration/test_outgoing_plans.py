"""How the databases find what goes out: never by reading what has ended."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select

from contacts import index_marks
from listings import region_messages
from listings.region_messages import ListingUpdate
from register import claims, vitals
from register import outgoing as queue
from register.database import Register
from register.outgoing import OPEN, TaskKind, TaskState
from register.tables import outgoing
from tests.records import ANNA, BO, CLARA, COUNTY, OTHER_COUNTY

NOW = datetime(2026, 3, 10, 11, 0)
MANY = 2000
AWAY = ListingUpdate(COUNTY, OTHER_COUNTY)

OPEN_MESSAGES = ("SCAN", "outgoing", "ix_outgoing_message_open")
OPEN_TO_ADDRESS = ("SEARCH", "outgoing", "ix_outgoing_message_open")
UNSENT_POSTS = ("SCAN", "outgoing", "ix_outgoing_post_unsent")
"""In the order that they are taken in, and no further than it takes."""
ENDED_BEFORE = ("SEARCH", "outgoing", "ix_outgoing_message_ended")
OF_PERSON = ("SEARCH", "outgoing", "ix_outgoing_message")
EARLIER_OF_PERSON = ("SEARCH", "earlier", "ix_outgoing_message")
OF_REQUEST = ("SEARCH", "outgoing", "ix_outgoing_request_id")
MARK = ("SEARCH", "outgoing", "ix_outgoing_post")
BY_ID = ("SEARCH", "outgoing", "PRIMARY KEY")

_STEP = re.compile(
    r"(SCAN|SEARCH) (outgoing|earlier)\b(?: USING (?:COVERING )?(?:INDEX|INTEGER) (\w+(?: KEY)?))?"
)


@pytest.fixture
def full(register: Register) -> Register:
    """A register with much that has ended or been given up, and a few that are to be sent."""
    common = {"contract": "UpdateListing", "version": 1, "attempts": 1}
    common |= {"created_at": NOW - timedelta(days=30), "next_attempt_at": NOW - timedelta(days=30)}
    message = common | {"kind": "message", "address": OTHER_COUNTY, "content": "[]", "correlation_id": "c"}
    rows: list[dict[str, Any]] = []
    for state in (TaskState.DONE, TaskState.REFUSED, TaskState.DROPPED):
        rows += [message | {"person_id": ANNA, "state": state} for _ in range(MANY)]
    posts = [
        common | {"kind": "post", "person_id": f"{state} {number}", "state": state}
        for state in (TaskState.REFUSED, TaskState.PARKED)
        for number in range(MANY)
    ]
    with register.writing() as connection:
        connection.execute(insert(outgoing), rows)
        connection.execute(insert(outgoing), posts)
        for person in (ANNA, BO, CLARA):
            region_messages.enqueue(connection, OTHER_COUNTY, person, AWAY, NOW)
        index_marks.mark(connection, [ANNA, BO, CLARA], NOW)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE outgoing")
    return register


def assert_found(register: Register, what: Callable[[], object], *expected: tuple[str, str, str]) -> None:
    """Assert how the statements that something runs come to rows of the queue.

    On SQLite by verb, table and index; PostgreSQL may choose among indexes, but reads no whole table.
    """
    if register.engine.dialect.name == "postgresql":
        plans = [line for line in explained(register, what, "EXPLAIN") if "Seq Scan on outgoing" in line]
        assert plans == []
    else:
        found: set[tuple[str, str, str]] = set()
        for line in explained(register, what, "EXPLAIN QUERY PLAN"):
            found |= set(_STEP.findall(line))
        assert found == set(expected)


def explained(register: Register, what: Callable[[], object], explain: str) -> list[str]:
    """Return the lines of the plans of the statements that something runs."""
    ran: list[tuple[str, Any]] = []

    def note(*arguments: Any) -> None:
        _, _, statement, parameters, _, several = arguments
        ran.append((statement, parameters[0] if several else parameters))

    for engine in {register.engine, register.reading_engine}:
        event.listen(engine, "before_cursor_execute", note)
    try:
        what()
    finally:
        for engine in {register.engine, register.reading_engine}:
            event.remove(engine, "before_cursor_execute", note)
    lines: list[str] = []
    with register.reading() as connection:
        for statement, parameters in ran:
            if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
                rows = connection.exec_driver_sql(f"{explain} {statement}", parameters)
                lines += [str(row[-1]) for row in rows]
    assert lines
    return lines


def test_what_is_due(full: Register) -> None:
    assert_found(full, lambda: claims.due_addresses(full, NOW), OPEN_MESSAGES, EARLIER_OF_PERSON)


def test_claims(full: Register) -> None:
    assert_found(
        full,
        lambda: claims.claim(full, TaskKind.MESSAGE, "one", NOW, address=OTHER_COUNTY),
        BY_ID,
        OPEN_TO_ADDRESS,
        EARLIER_OF_PERSON,
    )
    assert_found(full, lambda: claims.claim(full, TaskKind.POST, "one", NOW, limit=1000), BY_ID, UNSENT_POSTS)


def test_giving_back(full: Register) -> None:
    tasks = claims.claim(full, TaskKind.POST, "one", NOW, limit=1000)

    def give_back() -> None:
        with full.writing() as connection:
            assert claims.still_claimed(connection, tasks) == tasks
            assert claims.give_back(connection, tasks[1:], TaskState.DONE, NOW) == 2
            assert claims.give_back(connection, tasks[:1], TaskState.PARKED, NOW) == 1

    assert_found(full, give_back, BY_ID)


def test_forgetting(full: Register) -> None:
    def forget() -> None:
        with full.writing() as connection:
            assert queue.forget(connection, NOW) == 3 * MANY

    assert_found(full, forget, ENDED_BEFORE)


def test_a_message_and_a_mark(full: Register) -> None:
    def put() -> None:
        with full.writing() as connection:
            region_messages.enqueue(connection, OTHER_COUNTY, BO, AWAY, NOW, sender="one")
            region_messages.drop_for_request(connection, "R1")
            assert index_marks.is_marked(connection, BO)

    assert_found(full, put, OF_PERSON, BY_ID, EARLIER_OF_PERSON, OF_REQUEST, MARK)


def test_the_list_of_open_messages(full: Register) -> None:
    def show() -> None:
        with full.reading() as connection:
            assert len(queue.listed(connection, TaskKind.MESSAGE, OPEN, 1000)) == 3

    assert_found(full, show, OPEN_MESSAGES)


def test_a_scan_is_seen(full: Register) -> None:
    def scan() -> None:
        with full.reading() as connection:
            connection.execute(select(func.count()).where(outgoing.c.attempts == 7))

    with pytest.raises(AssertionError):
        assert_found(full, scan, OPEN_MESSAGES)


def test_what_an_operator_watches(full: Register) -> None:
    def watch() -> None:
        with full.reading() as connection:
            found = vitals.queue(connection)
        assert found.oldest_message == {OTHER_COUNTY: NOW}
        assert found.post_due == NOW
        assert (found.messages, found.posts) == (3, 3)
        assert found.parked == {"message": 0, "post": MANY}

    assert_found(
        full,
        watch,
        OPEN_TO_ADDRESS,
        OPEN_MESSAGES,
        UNSENT_POSTS,
        ("SEARCH", "outgoing", "ix_outgoing_parked"),
    )
