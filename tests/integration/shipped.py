"""The shipped profiles and their samples, and registers that hold what the samples refer to."""

from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Table, select

from contracts.identifiers import HsaId
from fastkontakt import profiles
from fastkontakt.demo_data import FOLDER as DEMO
from fastkontakt.demo_data import PROFILE as DEMO_PROFILE
from mapping.loads.bulk import ORIGIN
from mapping.loads.pipeline import load
from mapping.loads.report import LoadReport
from mapping.sources.profile import load_profile
from mapping.sources.report import LoadState
from register.database import Register
from register.tables import metadata
from tests.asking import care_managers, get_listing, values
from tests.databases import FIGURES
from tests.producers import make_producer
from tests.records import TODAY

NOON = time(12)

_PROFILES = Path(profiles.__file__).parent


def shipped(name: str) -> Path:
    """Return the path of a shipped profile."""
    return _PROFILES / f"{name}.toml"


def samples(name: str) -> list[Path]:
    """Return the sample files of a profile."""
    return sorted((_PROFILES / "samples" / name).iterdir())


def load_with(
    name: str, register: Register, files: Sequence[Path], *, today: date = TODAY, **options: Any
) -> LoadReport:
    """Load files with a shipped profile, at noon of a day."""
    now = datetime.combine(today, NOON)
    return load(register, load_profile(shipped(name)), files, today=today, now=now, **options)


def load_demo(register: Register, *names: str) -> None:
    """Load some files of the demo data, such as ``enheter``: they are the source demo's from then on."""
    files = [DEMO / f"{name}.csv" for name in names]
    now = datetime.combine(TODAY, NOON)
    assert load(register, load_profile(DEMO_PROFILE), files, today=TODAY, now=now).state is LoadState.LOADED


def contents(register: Register) -> dict[str, list[str]]:
    """Return all rows of all tables but those that log loads and changes, to see that nothing has changed.

    Where a record comes from is left out: it is the last load that had the row.
    """
    found = {}
    with register.reading() as connection:
        for table in metadata.sorted_tables:
            columns = [one for one in table.c if one.name not in (*ORIGIN, "added_from")]
            if not table.name.startswith("import_") and table.name not in {"change_feed", *FIGURES}:
                found[table.name] = sorted(map(repr, connection.execute(select(*columns))))
    return found


def rows(register: Register, table: Table, *columns: str) -> list[tuple[Any, ...]]:
    """Return some columns of all rows in the order of these columns, HSA-ids as texts."""
    wanted: list[Column[Any]] = [table.c[name] for name in columns]
    with register.reading() as connection:
        found = [tuple(map(_text_of, row)) for row in connection.execute(select(*wanted))]
    return sorted(found, key=repr)


def _text_of(value: Any) -> Any:
    return str(value) if isinstance(value, HsaId) else value


def told(report: LoadReport) -> list[tuple[str, int | None, str | None, str]]:
    """Return file, line, column and message of every problem."""
    return [
        (one.file.name, one.line, one.column, one.message) for file in report.files for one in file.problems
    ]


def listed_doctors(register: Register, person: str) -> list[tuple[str, str]]:
    """Return facility and name of each doctor that GetListing answers."""
    return [
        (values(entry, "healthcareFacility/id")[0], name)
        for entry in get_listing(make_producer(register), person).iterfind("{*}listings")
        for name in values(entry, "healthcarePersonnel/name")
    ]


def shown_contacts(register: Register, person: str) -> list[tuple[str, str]]:
    """Return code and name of each contact that GetCareManagers answers."""
    items = care_managers(make_producer(register), person)
    return sorted((values(item, "code/code")[0], values(item, "practitioner/name")[0]) for item in items)
