"""The registers that are loaded, what they hold, and the bare loop that the load is compared with."""

import time
import uuid
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import String, cast, func, insert, select

from contracts.codes import PV
from register import schema
from register.tables import listing, resident
from tests.bench import region
from tests.databases import copy_register, keep, opened, own_schema

Fresh = Callable[[], AbstractContextManager[str]]
"""Makes a register that holds the units and residents and no listing, and gives its URL."""

_COLUMNS = (
    *("id", "person_id", "unit_key", "code", "code_system", "valid_from", "valid_to", "counts_as_change"),
    *("loaded_from", "loaded_line", "added_from"),
)
_SECONDS = len("2025-01-01 00:00:00")
_COMPARED = (
    *(cast(listing.c[name], String) for name in ("person_id", "unit_key", "code", "code_system")),
    *(func.substr(cast(listing.c[name], String), 1, _SECONDS) for name in ("valid_from", "valid_to")),
)
_ORIGIN = tuple(listing.c[name] for name in ("id", "loaded_from", "loaded_line", "added_from"))


def fill(url: str, rows: int) -> None:
    """Put the units, and the residents that so many rows are about, in a register without tables."""
    with opened(url) as register:
        schema.upgrade(register)
        keep(register, region.PROVIDER, *region.UNITS)
        left = region.people(region.residents(rows))
        with register.writing() as connection:
            while batch := [
                {"person_id": person_id, "home_county": region.COUNTY, "protected": False}
                for person_id, _ in islice(left, 20_000)
            ]:
                connection.execute(insert(resident), batch)


def on_sqlite(folder: Path, rows: int) -> Fresh:
    """Fill a register once; each fresh one is a copy of its file, in a folder of its own."""
    original = folder / "original.sqlite3"
    fill(f"sqlite:///{original}", rows)

    @contextmanager
    def fresh() -> Iterator[str]:
        own = folder / uuid.uuid4().hex
        own.mkdir()
        copy_register(original, own / "register.sqlite3")
        yield f"sqlite:///{own / 'register.sqlite3'}"
        for file in own.iterdir():
            file.unlink()

    return fresh


def on_postgresql(server_url: str, rows: int) -> Fresh:
    """Fill a schema of its own for each fresh register."""

    @contextmanager
    def fresh() -> Iterator[str]:
        with own_schema(server_url) as url:
            fill(url, rows)
            yield url

    return fresh


def load_bare(url: str, file: Path, *, numbered: bool) -> float:
    """Load listings with ``csv`` and ``executemany`` and no check, in one transaction; return the seconds.

    The connection is set up as the register sets up its own, and every column that a load fills is filled.

    Args:
        url: The register.
        file: The file.
        numbered: Whether the ids of the listings count upwards, which a database stores with less work,
            instead of being made of what the row says, as those of a load are.
    """
    make_id = _number if numbered else _made_of
    with opened(url) as register:
        connection = register.engine.raw_connection()
        try:
            sqlite = register.engine.dialect.name == "sqlite"
            marks = ", ".join(["?" if sqlite else "%s"] * len(_COLUMNS))
            statement = f"INSERT INTO listing ({', '.join(_COLUMNS)}) VALUES ({marks})"  # noqa: S608 - constants
            cursor: Any = connection.cursor()  # both drivers take any iterable, as the standard does not say
            began = time.perf_counter()
            if sqlite:  # psycopg begins by itself
                cursor.execute("BEGIN IMMEDIATE")
            cursor.executemany(
                statement,
                (
                    (make_id(line, row), *_listing(row), False, 1, line, 1)
                    for line, row in enumerate(region.read_file(file), 2)
                ),
            )
            # Not the connection's commit(): on SQLite the register has it told where transactions end.
            cursor.execute("COMMIT")
            return time.perf_counter() - began
        finally:
            connection.close()


def _number(line: int, _row: Sequence[str]) -> str:
    return f"{line:036}"


def _made_of(_line: int, row: Sequence[str]) -> str:
    person_id, unit, code, first, _ = row
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{person_id} {unit} {code} {PV.system} {first}"))


def _listing(row: Sequence[str]) -> tuple[str | None, ...]:
    person_id, unit, code, first, last = row
    end = f"{last} 23:59:59.000000" if last else None
    return person_id, unit, code, PV.system, f"{first} 00:00:00.000000", end


def of_file(file: Path) -> int:
    """Return the `_sum` of the listings that a file stands for."""
    return _sum(
        (*columns, start and start[:_SECONDS], end and end[:_SECONDS])
        for *columns, start, end in map(_listing, region.read_file(file))
    )


def of_register(url: str) -> tuple[int, int]:
    """Return the `_sum` of the listings of a register, and that of their ids and where they came from."""
    with opened(url) as register, register.reading() as connection:
        found = connection.execution_options(yield_per=10_000)
        return _sum(found.execute(select(*_COMPARED))), _sum(found.execute(select(*_ORIGIN)))


def _sum(rows: Iterable[Iterable[Hashable]]) -> int:
    """Return a number that is the same for the same rows in any order, within this process."""
    return sum(hash(tuple(row)) for row in rows)
