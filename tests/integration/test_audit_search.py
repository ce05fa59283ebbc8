"""``fastkontakt audit search``: who has asked about whom, without reading the whole log."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert
from sqlalchemy.dialects import sqlite

from contracts.clock import swedish, utc_now
from register import audit_pruning, audit_search
from register.audit import AuditEntry, write
from register.audit_search import Search
from register.database import Register
from register.model import Resident
from register.tables import audit
from tests.asking import ask
from tests.databases import audit_rows, keep, opened
from tests.integration.contact_commands import done, fill, refused, run
from tests.messages import actor, person
from tests.producers import SOURCE_SYSTEM, make_producer
from tests.records import ANNA, BO, COUNTY, DAN, EVA, OTHER_ID, hsa, residents

DAY = timedelta(days=1)
CONSUMER, CLINIC = hsa("e-services"), hsa("clinic")
HEADERS = {
    "x-rivta-original-serviceconsumer-hsaid": str(CONSUMER),
    "x-rivta-acting-on-behalf-of-hsaid": str(CLINIC),
}


@pytest.fixture
def region(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    """Anna, Bo and Eva (protected) have been asked about, by contract and by command."""
    fill(register, tmp_path, monkeypatch)
    keep(register, Resident(ANNA, COUNTY, other_ids=(OTHER_ID,)))
    app = make_producer(register)
    ask(app, "GetListing", actor("CITIZEN", ANNA), person("personId", ANNA))
    ask(app, "GetCareManagers", person("patientId", OTHER_ID), address=SOURCE_SYSTEM, headers=HEADERS)
    ask(app, "GetListing", actor("GUARDIAN", EVA), person("personId", BO), headers=HEADERS)
    ask(app, "GetListing", actor("CITIZEN", EVA), person("personId", EVA))
    done("contacts", "show", BO, "--by", "Karin")
    return register


def found(*options: str) -> list[tuple[str, str, str]]:
    """Return person, what and actor of the rows that are shown."""
    lines = done("audit", "search", *options, "--by", "Reviewer", "--csv", "-").splitlines()[1:]
    return [(cells[1], cells[2], cells[3]) for cells in (line.split(",") for line in lines)]


def test_about_a_person(region: Register) -> None:
    # S000-006: per patient: who has asked, by another number of the same person too
    assert found(ANNA) == [(OTHER_ID, "GetCareManagers", ""), (ANNA, "GetListing", ANNA)]
    assert found(OTHER_ID)[1:] == found(ANNA)[2:]
    assert found(DAN) == [], "nobody has asked, until now"
    assert found(DAN) == [(DAN, "fastkontakt audit search", "Reviewer")]


def test_by_whom_and_from_where(region: Register) -> None:
    today = ("--from", f"{swedish(utc_now()):%Y-%m-%d}")
    shown = [(BO, "fastkontakt contacts show", "Karin")]
    # S000-006, S002-005: per user, so that it can be seen whether each was part of the user's work
    assert found("--actor", "KARIN") == shown
    by_consumer = [(BO, "GetListing", "Skyddad identitet"), (OTHER_ID, "GetCareManagers", "")]
    assert found("--consumer", str(CONSUMER).lower()) == by_consumer
    assert found("--unit", str(CLINIC).upper(), *today) == by_consumer
    assert found("--unit", SOURCE_SYSTEM, "--consumer", str(CONSUMER)) == by_consumer[1:]
    assert found("--to", f"{swedish(utc_now()) - 2 * DAY:%Y-%m-%d}") == []
    assert found("--actor", f"{ANNA[:8]}-{ANNA[8:]}") == [(ANNA, "GetListing", ANNA)]
    assert found("--actor", "somebody else") == []


def test_of_somebody_protected_nothing_but_that(region: Register) -> None:
    # S000-007: not shown to who asks by number
    assert refused("audit", "search", EVA, "--by", "Reviewer") == "Skyddad identitet\n"
    lines = done("audit", "search", "--consumer", "none", "--csv", "-").splitlines()
    assert len(lines) == 1
    today = f"{swedish(utc_now()):%Y-%m-%d}"
    said = done("audit", "search", "--from", today, "--csv", "-")
    # S000-007: nor in a list, as person or as actor
    assert EVA not in said
    assert said.count("Skyddad identitet") == 4  # asked about herself as herself, about Bo, and just now


def test_a_search_is_in_the_log(region: Register) -> None:
    found("--consumer", str(CONSUMER))
    found("--actor", "nobody")
    found(ANNA)
    what = "fastkontakt audit search"
    rows = [row for row in audit_rows(region) if row["contract"] == what]
    # S000-005: for each person it shows, with who searched
    assert [(row["person_id"], row["actor_id"], row["hits"]) for row in rows] == [
        *((one, "Reviewer", 2) for one in sorted((BO, OTHER_ID))),
        ("-", "Reviewer", 0),
        (ANNA, "Reviewer", 3),
    ]


@pytest.mark.parametrize(
    "options", [(), ("--from", "2026-03-02", "--to", "2026-03-01"), ("1957",)], ids=["all", "days", "number"]
)
def test_what_is_asked_wrongly(region: Register, options: tuple[str, ...]) -> None:
    assert run("audit", "search", *options).exit_code == 2


def test_more_than_are_shown(region: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fastkontakt.commands.audit.MOST", 2)
    said = done("audit", "search", "--from", "2020-01-01")
    assert "There are more than 2" in said


def written(register: Register, days: int, at: Any) -> None:
    """Add a row an hour for some days until a moment, about residents one after the other."""
    people = [one.person_id for one in residents(ANNA, BO)]
    row = {"contract": "GetListing", "logical_address": COUNTY, "outcome": "OK", "hits": 1, "actor_id": "who"}
    rows = [
        row
        | {
            "logged_at": at - timedelta(hours=days * 24 - hour),
            "log_id": str(hour),
            "person_id": people[hour % 2],
        }
        for hour in range(days * 24)
    ]
    with register.auditing() as connection:
        connection.execute(insert(audit), rows)


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that an engine runs."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_a_time_is_found_by_halving_the_log(register: Register) -> None:
    """Of a log eight times as long, three steps more at each end; what is older or younger is not read."""
    now = utc_now()
    asked = Search(now - 2 * DAY, now - DAY, actor="who")
    with register.reading_audit() as connection:
        assert audit_search.find(connection, asked, 100) == []
    steps = []
    for days in (16, 128):
        audit_pruning.prune(register, now + DAY)
        written(register, days, now)
        with counted(register.audit_engine) as seen, register.reading_audit() as connection:
            rows = audit_search.find(connection, asked, 100)
        assert [one.logged_at for one in rows] == [now - DAY - timedelta(hours=hour) for hour in range(25)]
        steps.append(sum("audit" in statement for statement in seen))
    assert steps[1] - steps[0] <= 2 * 4
    with register.reading_audit() as connection:
        about = audit_search.find(connection, Search(now - 90 * DAY, now, [ANNA]), 3)
    assert [one.person_id for one in about] == [ANNA] * 3


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("statement", "plan"),
    [
        ("LAST", "SEARCH audit USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        ("NEXT", "SEARCH audit USING INTEGER PRIMARY KEY (rowid>?)"),
        ("IN_WINDOW", "SEARCH audit USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        ("OF_PERSONS", "SEARCH audit USING INDEX ix_audit_person_id (person_id=?)"),
    ],
)
def test_no_search_reads_the_whole_log(register: Register, statement: str, plan: str) -> None:
    compiled = str(getattr(audit_search, statement).compile(dialect=sqlite.dialect()))
    sql = compiled.replace("(__[POSTCOMPILE_person_ids])", "('x', 'y')")
    with register.reading_audit() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", ("1",) * sql.count("?"))
        lines = [row.detail for row in rows]
    assert any(plan in line for line in lines), lines
    assert not any(line.startswith("SCAN audit") for line in lines), lines


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_the_files_of_several_writers_are_searched_as_one_log(register: Register) -> None:
    now = utc_now()
    with ExitStack() as stack:
        url = register.engine.url.render_as_string(hide_password=False)
        writers = [stack.enter_context(opened(url)) for _ in range(3)]
        for turn in range(6):
            entry = AuditEntry(str(turn), ANNA, "GetListing", COUNTY, "OK", actor_id="who")
            write(writers[turn % 3], entry)
        with register.reading_audit() as connection:
            found = audit_search.find(connection, Search(now - DAY, now + DAY, actor="who"), 4)
            lines = []
            for statement in (audit_search.NEXT, audit_search.LAST):
                sql = str(statement.compile(dialect=sqlite.dialect()))
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", ("1",) * sql.count("?"))
                lines += [row.detail for row in plan]
    assert [one.log_id for one in found] == ["5", "4", "3", "2"]
    assert not any(line.startswith("SCAN") and "audit" in line for line in lines), lines
