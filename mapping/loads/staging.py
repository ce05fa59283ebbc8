"""The records of a load in temporary tables, one for each section of the profile, before they are applied."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, MetaData, Select, Table

from mapping.loads.bulk import ORIGIN, row_maker, write
from mapping.loads.statements import staging as statements
from mapping.loads.statements.shared import key_columns
from register.columns import DERIVED, FIELD_COLUMNS, SIDE_TABLES, TABLES, SideTable
from register.model import Record

_ROWS = 5000
"""Rows that are written to a temporary table together."""

_PLACES = 1000
"""Places whose rows are taken out together."""


class RowPlace(NamedTuple):
    """Where a row is from: the position of its file in the load, and its line."""

    file: int
    line: int


class RowFault(NamedTuple):
    """What is wrong with a row, by itself or beside what the register has.

    Attributes:
        place: The row.
        field: The field at fault, if it is one.
        message: What is wrong, in words that are the same for all faults of the kind.
        detail: What differs from row to row, behind it.
    """

    place: RowPlace
    field: str | None
    message: str
    detail: str = ""


@dataclass(eq=False)
class Stage:
    """The records of one section.

    Attributes:
        number: Position of the section in the profile; it tells the temporary tables of a load apart.
        record_type: The type of the records.
        fields: Fields the source says something about: the others are left alone in records that exist.
        table: The temporary table: the columns of the record, and where its row is from.
        values: That of the field with several values, if the record has one and the source gives it.
    """

    connection: Connection
    number: int
    record_type: type[Record]
    fields: frozenset[str]
    table: Table = field(init=False)
    values: Table | None = field(init=False, default=None)
    _rows: list[tuple[Any, ...]] = field(init=False, default_factory=list)
    _values: list[tuple[Any, ...]] = field(init=False, default_factory=list)
    _by_resident: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.table = _like(f"load_{self.number}", self.target)
        self.table.create(self.connection)
        if self.side is not None and self.side.field in self.fields:
            self.values = _like(f"load_{self.number}_values", self.side.table)
            self.values.create(self.connection)
        self._make = row_maker(self.record_type, [column.name for column in self.table.c], self.connection)

    @cached_property
    def _key(self) -> Callable[[Record], object]:
        """Gets what tells the records apart."""
        names = {column: name for name, column in FIELD_COLUMNS[self.record_type].items()}
        return attrgetter(*(names.get(one, "hsa_id") for one in key_columns(self.target)))

    @property
    def target(self) -> Table:
        """The table of the record type."""
        return TABLES[self.record_type]

    @property
    def side(self) -> SideTable | None:
        """Where the record type keeps its field with several values."""
        return SIDE_TABLES.get(self.record_type)

    @cached_property
    def mapped(self) -> tuple[str, ...]:
        """The columns of the fields, without the key: what a row changes in a record that exists."""
        given = {column for name, column in FIELD_COLUMNS[self.record_type].items() if name in self.fields}
        given |= {one for one, name in DERIVED.get(self.record_type, {}).items() if name in self.fields}
        return tuple(one.name for one in self.target.c if one.name in given and not one.primary_key)

    def put_all(self, records: Sequence[Record], file: int, line: int) -> None:
        """Add the records that a row stands for, each once: a cell with several values may have one twice."""
        if len(records) > 1:
            records = list({self._key(record): record for record in reversed(records)}.values())
        for record in records:
            self.put(record, file, line)

    def put(self, record: Record, file: int, line: int) -> None:
        """Add a record."""
        self._rows.append(self._make(record, file, line))
        if self.values is not None and self.side is not None:
            owner = dict(zip((one.name for one in self.table.c), self._rows[-1], strict=True))
            for value in getattr(record, self.side.field):
                row = owner | {self.side.value: value}
                self._values.append(tuple(row[column.name] for column in self.values.c))
        if len(self._rows) >= _ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what has been put."""
        for table, rows in ((self.table, self._rows), (self.values, self._values)):
            if table is not None and rows:
                write(self.connection, table, rows)
                rows.clear()

    @contextmanager
    def keyed(self) -> Iterator[None]:
        """Let statements find rows by the record they are about, for the length of the context.

        An index is made for it, which costs a sort of the rows. It is not kept: each row that is taken out
        would have to be sought in it.
        """
        self.connection.execute(statements.create_index(self.table, "key", key_columns(self.target)))
        yield
        self.connection.execute(statements.drop_index(self.table, "key"))

    def index_values(self) -> None:
        """Let statements find values by the record they are of, once all have been written."""
        if self.values is not None and self.side is not None:
            columns = [*key_columns(self.target), self.side.value]
            self.connection.execute(statements.create_index(self.values, "key", columns))

    def index_residents(self) -> None:
        """Let statements find rows by the resident they are about, from now on."""
        if self._by_resident:
            return
        self._by_resident = True
        self.connection.execute(statements.create_index(self.table, "person", ["person_id"]))

    def places(self, statement: Select[int, int]) -> list[RowPlace]:
        """Return the places of the rows that a statement finds, in the order it gives them."""
        return [RowPlace(file, line) for file, line in self.connection.execute(statement)]

    def drop(self, places: Iterable[RowPlace]) -> None:
        """Take rows out."""
        chosen = sorted(set(places))
        for start in range(0, len(chosen), _PLACES):
            self.connection.execute(statements.delete_rows(self.table, chosen[start : start + _PLACES]))


def temporary(name: str, columns: Collection[Column[Any]]) -> Table:
    """Return a temporary table, to be created on the connection of the load."""
    return Table(name, MetaData(), *columns, prefixes=["TEMPORARY"])


@lru_cache(maxsize=1000)  # statements about the same table are compiled once
def _like(name: str, target: Table) -> Table:
    """Return a temporary table with the columns of another, the key first and the origin last."""
    key = key_columns(target)
    origin = [name for name in ORIGIN if name in target.c]
    others = [column.name for column in target.c if column.name not in (*key, *origin, "added_from")]
    return temporary(name, [Column(column, target.c[column].type) for column in (*key, *others, *origin)])
