"""What calls ask the database goes by an index, whatever the size of the region (design rule 11).

The plans are SQLite's for the statements as they stand in the rooms of the subjects. A statement that reads
all of a table that grows is named here with the reason.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import CompoundSelect, Select, text
from sqlalchemy.dialects import sqlite

from contacts import appointing, care_managers, doctors, kept, lists, staff
from listings import figures, finding, moves, overview, statements, upkeep
from register import directory, feed, feed_reading, home_county, residents
from register import figures as register_figures
from register.database import Register
from register.prepared import Prepared

SQLITE_ALONE = True

Statement = Select[Any] | CompoundSelect[Any]

GROWING = (
    "change_feed",
    "contact_change",
    "employment",
    "figure",
    "fixed_contact",
    "guardianship",
    "listing",
    "listing_change",
    "listing_request",
    "out_of_county_listing",
    "queue_place",
    "resident",
    "resident_identity",
)
"""Tables with rows for residents, or for staff."""

ALIASES = {"other": "queue_place", "listed": "listing"}

READS_ALL = {
    "listings.upkeep._LISTINGS_OVER": "reads the residents who have died, from an index of them alone",
    "listings.upkeep._PLACES_OVER": "reads the residents who have died, from an index of them alone",
    "listings.upkeep._REQUESTS_OVER": "reads the residents who have died, from an index of them alone",
    "listings.statements.LAST_CHANGE": "reads one row, from the end of the primary key",
    "listings.figures._COUNTED_OF_COUNTY": "for a moment that is not kept any more; nobody asks for one",
    "register.figures._FOLD": "reads the ledger: what has passed is folded, whatever figure it is of",
    "register.figures._MISSING": "`db check` counts everything",
    "contacts.lists._WITHOUT_DOCTOR": "a report on all units; narrowed to one when a unit is named",
    "contacts.lists._IN_FORCE": "a report on all units; narrowed to one when a unit is named",
    "contacts.staff._COUNTS": "a report on all units; narrowed to one when a unit is named",
    "contacts.staff._MEMBERS": "a report on all units; narrowed to one when a unit is named",
    "contacts.staff._PATIENTS": "is narrowed to one member of staff when it is run",
}
"""Statement -> why it may read all of a table that grows."""


MODULES = (
    register_figures,
    appointing,
    care_managers,
    directory,
    doctors,
    feed,
    feed_reading,
    figures,
    finding,
    home_county,
    kept,
    lists,
    moves,
    overview,
    residents,
    staff,
    statements,
    upkeep,
)


def written() -> Iterator[tuple[str, Statement]]:
    """Yield every statement that a room keeps as a constant, by module and name."""
    for module in MODULES:
        for name, value in vars(module).items():
            kept = value.items() if isinstance(value, dict) else [("", value)]
            for key, one in kept:
                statement = one.statement if isinstance(one, Prepared) else one
                if isinstance(statement, Select | CompoundSelect):
                    yield ".".join(filter(None, (module.__name__, name, key))), statement


WRITTEN = dict(written())


def plan(register: Register, statement: Statement) -> list[str]:
    """Return the lines of SQLite's plan for a statement; which values its parameters have does not matter."""
    compiled = str(statement.compile(dialect=sqlite.dialect()))
    sql = re.sub(r"\(__\[POSTCOMPILE_\w+\]\)", "('x', 'y')", compiled)
    with register.reading() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", ("x",) * sql.count("?"))
        return [row.detail for row in rows]


def scanned(lines: list[str]) -> set[str]:
    """Return the growing tables of which a plan reads all."""
    found = set()
    for line in lines:
        match = re.match(r"SCAN (\w+)", line)
        if match and ALIASES.get(match[1], match[1]) in GROWING:
            found.add(match[1])
    return found


@pytest.mark.parametrize("name", sorted(set(WRITTEN) - set(READS_ALL)))
def test_a_call_reads_no_whole_table(register: Register, name: str) -> None:
    lines = plan(register, WRITTEN[name])
    assert scanned(lines) == set(), "\n".join(lines)


@pytest.mark.parametrize("name", sorted(READS_ALL))
def test_the_exceptions_still_are_some(register: Register, name: str) -> None:
    """One that has come to go by an index is to be taken off the list."""
    assert scanned(plan(register, WRITTEN[name])), "goes by an index by now"


def test_a_scan_is_seen(register: Register) -> None:
    with register.reading() as connection:
        rows = connection.execute(text("EXPLAIN QUERY PLAN SELECT count(*) FROM resident WHERE protected"))
        assert scanned([row.detail for row in rows]) == {"resident"}
    assert len(WRITTEN) > 40, "statements are not found any more"
