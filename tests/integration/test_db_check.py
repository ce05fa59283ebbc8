"""``fastkontakt db check``: the kept figures compared with a count of everything."""

from pathlib import Path

import pytest
from sqlalchemy import text, update

from register import triggers
from register.database import Register
from register.tables import figure
from tests.databases import keep
from tests.integration.contact_commands import done, fill, run
from tests.producers import CENTRE
from tests.records import ANNA, BO, CLARA, DAN, EVA, listing, place

RIGHT = "The figures are those of a count.\n"


@pytest.fixture
def region(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    """The register of a small region, which the commands use."""
    fill(register, tmp_path, monkeypatch)
    return register


def test_there_is_nothing_to_find(region: Register) -> None:
    assert done("db", "check") == RIGHT
    keep(region, place("Q1", DAN, CENTRE))
    assert done("db", "check", "--repair") == RIGHT


def test_what_differs_is_told_and_put_right(region: Register) -> None:
    with region.writing() as connection:
        connection.execute(update(figure).values(amount=figure.c.amount + 2))
    found = run("db", "check")
    assert found.exit_code == 1
    first, *_, last = found.stdout.splitlines()
    assert first.split() == [
        CENTRE.hsa_id.key,
        "PV",
        "listed",
        "from",
        "2024-01-01",
        "08:00:00",
        *["+2", "of", "the", "count"],
    ]
    assert last == "Run: fastkontakt db check --repair"
    assert not any(person in found.stdout for person in (ANNA, BO, CLARA, DAN, EVA))

    assert done("db", "check", "--repair").endswith("Put right.\n")
    assert done("db", "check") == RIGHT


def test_a_trigger_that_is_missing_is_told_and_made(region: Register) -> None:
    with region.writing() as connection:
        drop = {"sqlite": "DROP TRIGGER {0}", "postgresql": "DROP TRIGGER {0} ON queue_place"}
        connection.execute(text(drop[connection.dialect.name].format("figures_queue_place_insert")))
    keep(region, place("Q1", DAN, CENTRE))
    found = run("db", "check")
    assert found.exit_code == 1
    assert found.stdout.splitlines()[:2] == [
        "The trigger figures_queue_place_insert is missing: figures do not follow every change.",
        f"{CENTRE.hsa_id.key}  PV  queuing  from 2024-01-01 08:00:00  -1 of the count",
    ]
    assert done("db", "check", "--repair").endswith("Put right.\n")
    keep(region, place("Q2", BO, CENTRE), listing("L9", DAN, CENTRE))
    assert done("db", "check") == RIGHT
    with region.reading() as connection:
        assert triggers.missing(connection) == set()
