"""How SQLite goes about what a load asks: the register by its indexes, no row sought by reading all rows.

Loads that between them run every statement are watched, and each plan is taken as the statement runs, with
the indexes that are there then. Without statistics, which nobody makes, a plan is the same for a few rows and
for millions; that the work grows with the rows and no faster is counted besides.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from inspect import getmembers, isfunction
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Connection, event, insert, update

from contracts.clock import utc
from mapping.loads.pipeline import load
from mapping.loads.statements import (
    apply,
    contact_rules,
    load_log,
    ownership,
    record_rules,
    staging,
    vanished,
)
from mapping.sources.profile import load_profile
from mapping.sources.report import LoadState
from register import hands
from register.columns import row as columns_of
from register.database import Register
from register.hands import Hand
from register.model import Staff
from register.tables import employment, queue_place
from tests.databases import copy_register, keep, opened
from tests.integration.test_loads_sources import EVERYTHING
from tests.integration.upload_world import AT_CENTRE, CENTRE, DORA, ERIC, HEADER, NAME, prepare, row
from tests.people import people
from tests.records import (
    ANNA,
    BO,
    DAN,
    EVA,
    NOW,
    PROVIDER,
    REGION_TYPE,
    doctor,
    hsa,
    listing,
    place,
    residents,
    unit,
    works_at,
)
from tests.sources import FIELDS, Files, Source, section

SQLITE_ALONE = True

MODULES = (apply, contact_rules, load_log, ownership, record_rules, staging, vanished)

FEW = {"care_provider", "unit", "unit_listing_type", "listing_type", "listing_type_county", "team"}
"""Tables that have as many rows as a region has units. All others grow with its residents and its loads."""

TEMPORARY = re.compile("load_[0-9]+")

OF_STATEMENT = "(subquery)"
"""Stands for what a statement makes for itself."""

_READ = re.compile(r"(?:SCAN|SEARCH) (\w+)(.*)")
_ALIAS = re.compile(r"(\w+) AS (\w+)")
_SUBQUERY = re.compile(r"\) AS (\w+)")
_ELSEWHERE = re.compile("PRAGMA|CREATE|DROP|SAVEPOINT|RELEASE|ROLLBACK|BEGIN", re.IGNORECASE)


class Once(NamedTuple):
    """Tables that grow and that a statement reads from one end to the other, once.

    Attributes:
        statement: What the statement looks like.
        tables: The tables.
        reason: Why it has to.
    """

    statement: str
    tables: str
    reason: str


READ_ONCE = [
    Once(
        r"INSERT INTO load_N_vanished \(.*\) SELECT",
        "employment guardianship listing queue_place out_of_county_listing fixed_contact contact_route",
        "policy full asks of all records which of them the source no longer has",
    ),
    Once(
        r"SELECT count\(\*\) AS count_1 FROM",
        "employment listing queue_place fixed_contact",
        "the brake is a share of all records of a source; it is asked when some have vanished",
    ),
    Once(
        r"SELECT figure.unit_key, .* FROM figure WHERE figure.moment <=",
        "figure",
        "the ledger has a row for each figure, and those of what is to come: what has passed is folded",
    ),
    Once("", "import_batch", "the files of a source are found by its loads: a few rows for each night"),
    Once(
        "SELECT employment.unit_key, .*, staff.protected",
        "staff",
        "staff are found by names that are compared as no index knows them",
    ),
    Once(
        "INSERT INTO outgoing .* WHERE fixed_contact.staff_key IN",
        "fixed_contact",
        "no index leads from staff alone to contacts; it is seldom that a protected identity changes",
    ),
]


@dataclass(frozen=True)
class Read:
    """A table that a plan reads.

    Attributes:
        table: Its name, that of the statement's temporary table with N for the section's number.
        scanned: Whether from one end to the other.
        nested: Whether for each row of something else.
    """

    table: str
    scanned: bool
    nested: bool


@dataclass(frozen=True)
class Planned:
    """A statement and the tables that its plan reads."""

    statement: str
    reads: tuple[Read, ...]


def planned(statement: str, plan: list[tuple[int, int, int, str]]) -> Planned:
    """Read the rows of EXPLAIN QUERY PLAN: number, number of what they are part of, and text.

    Tables side by side are read one within the other, and what is correlated for each row of what it is part
    of. Tables that the statement does not name are those of foreign keys, which SQLite looks up where a row
    has violated one: never, as a load has found out before what is missing.
    """
    text = TEMPORARY.sub("load_N", " ".join(statement.split()))
    names = {alias: table for table, alias in _ALIAS.findall(text)}
    names |= dict.fromkeys(_SUBQUERY.findall(text), OF_STATEMENT)
    parts = {number: (part_of, detail) for number, part_of, _, detail in plan}
    outermost: set[int] = set()
    reads = []
    for part_of, detail in parts.values():
        match = _READ.match(detail)
        if match is None:
            continue
        table = TEMPORARY.sub("load_N", match[1])
        table = names.get(table, table)
        if table == OF_STATEMENT or re.search(rf"\b{table}\b", text):
            nested = part_of in outermost or correlated(part_of, parts)
            # An automatic index is made of the whole table whenever the part is run.
            reads.append(Read(table, detail.startswith("SCAN") or "AUTOMATIC" in detail, nested))
        outermost.add(part_of)
    return Planned(text, tuple(reads))


def correlated(number: int, parts: dict[int, tuple[int, str]]) -> bool:
    """Tell whether a part of a plan is run for each row of what it is part of."""
    while number:
        number, detail = parts[number]
        if detail.startswith("CORRELATED"):
            return True
        if detail.startswith(("LIST SUBQUERY", "SCALAR SUBQUERY")):
            return False  # run once, whoever asks for it
    return False


@contextmanager
def watched(register: Register, found: dict[str, Planned]) -> Iterator[None]:
    """Take the plan of each statement that is run."""

    def before(
        connection: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool
    ) -> None:
        if _ELSEWHERE.match(statement.strip()):
            return
        driver = connection.connection.dbapi_connection
        assert driver is not None
        plan = driver.cursor().execute(
            f"EXPLAIN QUERY PLAN {statement}", parameters[0] if many else parameters
        )
        one = planned(statement, plan.fetchall())
        found.setdefault(one.statement, one)

    event.listen(register.engine, "before_cursor_execute", before)
    yield
    event.remove(register.engine, "before_cursor_execute", before)


OTHER: Files = EVERYTHING | {
    "unit": [*EVERYTHING["unit"], (str(hsa("u2")), "U2", str(hsa("p")), "14", "")],
    "listing_type": [("14", *REGION_TYPE, "BVC", "01,03")],
    "employment": [(str(hsa("s")), str(hsa("u2")), "ja", "")],
    "resident": [(ANNA, "14", EVA), (BO, "14", DAN)],
    "listing": [(ANNA, str(hsa("u2")), "2025-02-01", "")],
    "queue_place": [],
    "fixed_contact": [(ANNA, "2", str(hsa("s")), str(hsa("u2")), "2025-02-01", "")],
}
"""A night later: residents have moved, got another doctor and another earlier number, or left a queue."""


def load_everything(register: Register, folder: Path) -> None:
    """Run loads that between them ask everything that loads ask."""
    source = Source(register, folder / "full", list(EVERYTHING), policy="full")
    for rows, all_rows in ((EVERYTHING, False), (OTHER, True), (EVERYTHING, False)):
        source.loaded(rows, all_rows=all_rows)
    meet_hands(register, source)
    corrected = {"listing.faulty": [(ANNA, str(hsa("u")), "2025-03-01", "", "is corrected")]}
    source.loaded(corrected, header=(*FIELDS["listing"], "Fel"))

    kept = section("listing", FIELDS["listing"], existing='"keep"')
    other = Source(register, folder / "other", sections=[kept], name="other", faulty="skip")
    other.loaded({"listing": [(ANNA, str(hsa("u")), "2025-01-01", "")]})
    twice = [(BO, str(hsa("u")), day, "") for day in ("2025-01-01", "2025-01-02", "2025-01-02")]
    assert other.load({"listing": twice}).faulty == 2
    last = section("listing", FIELDS["listing"], repeats='"last"')
    other.with_(sections=[last]).loaded({"listing": twice[1:]})
    contacts = section("fixed_contact", FIELDS["fixed_contact"])
    other = other.with_(sections=[contacts])
    doctors = [(BO, "2", str(hsa("s")), str(hsa("u")), day, "") for day in ("2025-01-01", "2025-01-02")]
    assert other.load({"fixed_contact": doctors}).faulty == 1

    staff = section("staff", (*FIELDS["staff"], "protected"))
    source = source.with_(sections=[staff], policy="delta")
    source.loaded({"staff": [(str(hsa("s")), "S", "One", "ja")]}, header=(*FIELDS["staff"], "protected"))
    names = ("person_id", "type_code", "staff_given_name", "staff_surname", "unit", "valid_from")
    source = source.with_(sections=[section("fixed_contact", names)])
    source.loaded({"fixed_contact": [(BO, "1", "S", "One", str(hsa("u")), "2025-01-01")]}, header=names)

    for chosen in (ERIC, DORA):
        upload(register, folder, AT_CENTRE[:2], chosen)


def meet_hands(register: Register, source: Source) -> None:
    """Load what meets an employment that staff have changed, and a place in a queue that a call has given."""
    queued = place("of a call", ANNA, unit("u"), queued_at=datetime(2025, 1, 3))
    at_work = {"staff_key": hsa("s").key, "unit_key": hsa("u").key}
    with register.writing() as connection:
        hands.note(connection, employment, at_work, Hand.STAFF, utc(NOW))
        changed = employment.c.staff_key == at_work["staff_key"]
        connection.execute(update(employment).where(changed).values(paused=True))
        hands.note(connection, queue_place, {"id": queued.id}, Hand.CALL, utc(NOW), person_id=ANNA)
        connection.execute(insert(queue_place), columns_of(queued))
    rows = EVERYTHING | {"queue_place": [(ANNA, str(hsa("u")), "2025-01-02", "")]}
    counts = source.loaded(rows, all_rows=True)
    assert counts["queue_place"].adopted == 1


def upload(register: Register, folder: Path, patients: list[str], doctor_of_all: Staff) -> None:
    """Load a file that says who the doctor of some residents is from today on."""
    file = folder / "upload.csv"
    file.write_text("\n".join([HEADER, *(row(one, doctor_of_all) for one in patients)]), "utf-8")
    profile = load_profile(Path(__file__).parents[2] / "fastkontakt" / "profiles" / f"{NAME}.toml")
    assert load(register, profile, [file], now=NOW).state is LoadState.LOADED


class Observed(NamedTuple):
    """What was seen of loads: the plans of their statements, and which functions made statements."""

    plans: list[Planned]
    made: set[str]


def statement_functions() -> dict[str, tuple[Any, str]]:
    """Return the functions that make the statements, by their full names: module and name."""
    return {
        f"{module.__name__}.{name}": (module, name)
        for module in MODULES
        for name, function in getmembers(module, isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


@pytest.fixture(scope="module")
def observed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Observed:
    """What is seen of `load_everything`."""
    folder = tmp_path_factory.mktemp("plans")
    copy_register(sqlite_template, folder / "register.sqlite3")
    plans: dict[str, Planned] = {}
    made: set[str] = set()
    with (
        pytest.MonkeyPatch.context() as patch,
        opened(f"sqlite:///{folder / 'register.sqlite3'}") as register,
    ):
        for full_name, (module, name) in statement_functions().items():
            patch.setattr(module, name, noted(getattr(module, name), full_name, made))
        prepare(register)
        with watched(register, plans):
            load_everything(register, folder)
    return Observed(list(plans.values()), made)


def noted(function: Any, name: str, made: set[str]) -> Any:
    """Return a function that notes that it is called."""

    @wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        made.add(name)
        return function(*arguments, **named)

    return call


def read_once(plan: Planned) -> Iterator[tuple[Once, str]]:
    """Yield what of `READ_ONCE` a plan makes use of, and the table."""
    for read in plan.reads:
        if read.scanned and read.table not in FEW and not read.table.startswith(("load_N", OF_STATEMENT)):
            allowed = [
                (one, read.table)
                for one in READ_ONCE
                if read.table in one.tables.split() and re.match(one.statement, plan.statement)
            ]
            assert allowed, f"reads all of {read.table}: {plan.statement}"
            yield from allowed


def test_every_statement_of_a_load_has_been_planned(observed: Observed) -> None:
    assert set(statement_functions()) - observed.made == set()
    assert len(observed.plans) > 150


def test_tables_that_grow_are_reached_by_an_index(observed: Observed) -> None:
    used = {one for plan in observed.plans for one in read_once(plan)}
    assert used == {(one, table) for one in READ_ONCE for table in one.tables.split()}


def test_no_table_that_grows_is_read_for_each_row(observed: Observed) -> None:
    nested = [
        (read.table, plan.statement)
        for plan in observed.plans
        for read in plan.reads
        if read.scanned and read.nested and read.table not in FEW
    ]
    assert nested == []


STEPS = 100
"""Steps of SQLite's machine that are counted together."""


@contextmanager
def counted(register: Register) -> Iterator[list[int]]:
    """Count the steps that SQLite takes, some hundred for a row: unlike seconds, they are always the same."""
    steps = [0]

    def more() -> None:
        steps[0] += STEPS

    def watch(connection: Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        driver.set_progress_handler(more, STEPS)

    event.listen(register.engine, "engine_connect", watch)
    yield steps
    event.remove(register.engine, "engine_connect", watch)


def rows_of(record: str, number: int, changed: int) -> Files:
    """Return a row for each of so many residents; of every so many-th another one than without."""
    rows = []
    persons, earlier, others = (people(3 * number)[one::3] for one in range(3))
    for position, person in enumerate(persons):
        other = changed and position % changed == 0
        at = str(hsa("b" if other else "a"))
        rows.append(
            {
                "listing": (person, at, "2025-01-01", ""),
                "fixed_contact": (person, "2", str(hsa("dora")), at, "2025-01-01", ""),
                "resident": (person, "14", others[position] if other else earlier[position]),
            }[record]
        )
    return {record: rows}


@pytest.mark.parametrize("changed", [0, 100], ids=["nothing changed", "1 percent changed"])
@pytest.mark.parametrize("record", ["listing", "fixed_contact", "resident"])
def test_policy_full_grows_with_its_rows(
    tmp_path: Path, sqlite_template: Path, record: str, changed: int
) -> None:
    """Every row is looked at: eight times the rows are no more than some ten times the work."""
    steps = {}
    for number in (200, 1600):
        file = tmp_path / f"{number}.sqlite3"
        copy_register(sqlite_template, file)
        with opened(f"sqlite:///{file}") as register:
            keep(register, PROVIDER, unit("a"), unit("b"), doctor("dora"))
            keep(register, *residents(*people(3 * number)[::3]))
            source = Source(register, tmp_path / f"{number}", [record], policy="full")
            source.loaded(rows_of(record, number, 0))
            with counted(register) as counting:
                source.loaded(rows_of(record, number, changed), all_rows=True)
            (steps[number],) = counting
    assert steps[1600] < 10 * steps[200]


@pytest.mark.parametrize("again", [ERIC, DORA], ids=["nothing changed", "another doctor"])
def test_an_upload_grows_with_its_rows(tmp_path: Path, sqlite_template: Path, again: Staff) -> None:
    """Each row costs the same, however many patients its doctor has."""
    steps = {}
    for number in (200, 1600):
        file = tmp_path / f"{number}.sqlite3"
        copy_register(sqlite_template, file)
        patients = people(number)
        with opened(f"sqlite:///{file}") as register:
            keep(register, PROVIDER, CENTRE, ERIC, DORA, *residents(*patients))
            keep(register, *(works_at(one, CENTRE, max_patients=number) for one in (ERIC, DORA)))
            keep(register, *(listing(person, person, CENTRE) for person in patients))
            upload(register, tmp_path, patients, ERIC)
            with counted(register) as counting:
                upload(register, tmp_path, patients, again)
            (steps[number],) = counting
    assert steps[1600] < 10 * steps[200]
