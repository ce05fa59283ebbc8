"""Statements that the driver runs (register.prepared): what they give is what SQLAlchemy would."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    String,
    Table,
    bindparam,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from register.database import Register
from register.prepared import Prepared, only
from register.tables import change_feed, contact_route, unit
from tests.databases import keep
from tests.records import COUNTY, NOW, PROVIDER, hsa, lower, phone
from tests.records import unit as unit_of

OF_COUNTY = Prepared(
    select(unit, literal("seen").label("mark"))
    .where(unit.c.county == bindparam("county"), unit.c.listable.is_(True), unit.c.name != "nobody")
    .order_by(unit.c.hsa_key)
)
ROUTES = Prepared(select(contact_route).where(contact_route.c.unit_key == bindparam("key")))
LINE = Prepared.insert(change_feed, "at", "kind", "person_id", "cause", "who")


@pytest.fixture
def region(register: Register) -> Register:
    alfa = unit_of("alfa", valid_from=NOW.date(), max_listings=7)
    keep(register, PROVIDER, alfa, unit_of("beta"), phone("R1", unit=alfa.hsa_id))
    return register


@contextmanager
def terminated(connection: Connection) -> Iterator[None]:
    """End the server's side of a connection to PostgreSQL."""
    pid = connection.scalar(text("SELECT pg_backend_pid()"))
    with connection.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    yield


def test_rows_are_those_of_sqlalchemy(region: Register) -> None:
    with region.reading() as connection:
        for statement, values in ((OF_COUNTY, {"county": COUNTY}), (ROUTES, {"key": lower(hsa("alfa"))})):
            expected = [tuple(row) for row in connection.execute(statement.statement, values)]
            assert expected
            found = statement.all(connection, values | {"of": "no use"})
            assert [list(map(repr, row)) for row in found] == [list(map(repr, row)) for row in expected]
            assert statement.first(connection, values) == expected[0]
        named = OF_COUNTY.named(connection, {"county": COUNTY})
        assert [(one.max_listings, one.mark) for one in named] == [(7, "seen"), (None, "seen")]
        assert OF_COUNTY.first(connection, {"county": "99"}) is None


def test_writing_tells_how_many_rows(region: Register) -> None:
    rename = Prepared(
        update(unit)
        .where(unit.c.county == bindparam("of"))
        .values(name=bindparam("to"), valid_to=bindparam("end"))
    )
    values = {"of": COUNTY, "to": "Ny", "end": datetime(2030, 1, 31).date()}
    with region.writing() as connection:
        assert rename.run(connection, values) == 2
        assert rename.run(connection, values | {"of": "99"}) == 0
    with region.reading() as connection:
        assert only(OF_COUNTY.all(connection, {"county": COUNTY}))
        assert {(one.name, one.valid_to) for one in OF_COUNTY.named(connection, {"county": COUNTY})} == {
            ("Ny", values["end"])
        }


def test_what_is_refused_is_told_as_by_sqlalchemy_and_taken_back(region: Register) -> None:
    nobody = {"at": NOW, "kind": "Anna", "person_id": None, "cause": "x", "who": "x"}

    def write() -> None:
        with region.writing() as connection:
            connection.execute(insert(change_feed), nobody | {"person_id": "1"})
            LINE.run(connection, nobody)

    with pytest.raises(IntegrityError) as refused:
        write()
    assert "Anna" not in str(refused.value)
    assert "Anna" not in str(refused.value.orig)
    with region.reading() as connection:
        assert connection.execute(select(change_feed)).all() == []


def test_a_statement_the_database_does_not_take(register: Register) -> None:
    nowhere = Prepared(select(Table("nowhere", MetaData(), Column("id", String))))
    with pytest.raises(DBAPIError), register.reading() as connection:
        nowhere.all(connection, {})
    with register.reading() as connection:
        assert OF_COUNTY.all(connection, {"county": COUNTY}) == []


@pytest.mark.parametrize("register", ["postgresql"], indirect=True)
def test_a_connection_that_has_broken_is_not_used_again(region: Register) -> None:
    with pytest.raises(OperationalError), region.reading() as connection, terminated(connection):
        OF_COUNTY.all(connection, {"county": COUNTY})
    with region.reading() as connection:
        assert len(OF_COUNTY.all(connection, {"county": COUNTY})) == 2
