"""The records of a load in temporary tables, one for each section of the profile, before they are applied."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Table,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)

from mapping.loads.bulk import ORIGIN, row_maker, write
from register.columns import FIELD_COLUMNS, SIDE_TABLES, TABLES, SideTable
from register.model import Record
from register.tables import import_batch, import_file

_ROWS = 5000
"""Rows that are written to a temporary table together."""


class Place(NamedTuple):
    """A row: the place of its file in the load, and its line."""

    file: int
    line: int


@dataclass(eq=False)
class Stage:
    """The records of one section.

    Attributes:
        number: Tells the temporary tables of a load apart.
        record_type: The type of the records.
        fields: Fields the source says something about: the others are left alone in records that exist.
        table: The temporary table, of the columns of the record's own.
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

    def __post_init__(self) -> None:
        self.table = _temporary(f"load_{self.number}", self.target)
        self.table.create(self.connection)
        if self.side is not None and self.side.field in self.fields:
            self.values = _temporary(f"load_{self.number}_values", self.side.table)
            self.values.create(self.connection)
        self._make = row_maker(self.record_type, [column.name for column in self.table.c], self.connection)

    @property
    def target(self) -> Table:
        """The table of the record type."""
        return TABLES[self.record_type]

    @property
    def side(self) -> SideTable | None:
        """Where the record type keeps its field with several values."""
        return SIDE_TABLES.get(self.record_type)

    @cached_property
    def replaced(self) -> tuple[str, ...]:
        """Columns that a row changes in a record that exists."""
        given = {column for name, column in FIELD_COLUMNS[self.record_type].items() if name in self.fields}
        return tuple(one.name for one in self.target.c if one.name in given and not one.primary_key)

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

    @property
    def same(self) -> ColumnElement[bool]:
        """The record is in the register."""
        return and_(*(column == self.table.c[column.name] for column in self.target.primary_key))

    @property
    def known(self) -> ColumnElement[bool]:
        """The row's record is in the register."""
        return exists().where(self.same).correlate(self.table)

    @property
    def place(self) -> tuple[ColumnElement[int], ColumnElement[int]]:
        """The columns of a `Place`."""
        return self.table.c.loaded_from, self.table.c.loaded_line

    def count(self, condition: ColumnElement[bool] | None = None) -> int:
        """Return the number of rows, or of those that fit a condition."""
        statement = select(func.count()).select_from(self.table)
        return int(
            self.connection.scalar(statement.where(condition) if condition is not None else statement) or 0
        )

    def places(self, condition: ColumnElement[bool] | None = None) -> list[Place]:
        """Return the places of the rows, or of those that fit a condition, in their order."""
        rows = select(*self.place).order_by(*self.place)
        found = self.connection.execute(rows.where(condition) if condition is not None else rows)
        return [Place(*row) for row in found]

    def origins(self) -> dict[Place, Place]:
        """Return where the records that the rows are about come from: number of the file, and line."""
        there = self.target.c
        rows = select(*self.place, there.loaded_from, there.loaded_line).join_from(
            self.table, self.target, self.same
        )
        found = self.connection.execute(rows.where(there.loaded_from.is_not(None)))
        return {Place(file, line): Place(number, there) for file, line, number, there in found}

    def drop(self, places: Iterable[Place]) -> None:
        """Take rows out."""
        for chunk in _chunks(sorted(set(places))):
            self.connection.execute(delete(self.table).where(tuple_(*self.place).in_(chunk)))

    def rows_by_file(self) -> dict[int, int]:
        """Return how many rows each file has, by its place."""
        file = self.table.c.loaded_from
        rows = select(file, func.count(self.table.c.loaded_line.distinct())).group_by(file)
        return {int(place): int(number) for place, number in self.connection.execute(rows)}

    def repeated(self, *, alike: bool) -> list[tuple[Place, Place]]:
        """Find rows that name a record which an earlier row names.

        Args:
            alike: Pass over those that say the same of it. They are taken out, whatever they say.

        Returns:
            Place of the row, and of the first one about the record.
        """
        key = [self.table.c[column.name] for column in self.target.primary_key]
        several = select(*key).group_by(*key).having(func.count() > 1)
        row, first = self.table, self.table.alias()
        earlier = or_(first.c.loaded_from < row.c.loaded_from, _same_file_before(first, row))
        together = and_(*(first.c[column.name] == column for column in key))
        pairs = (
            select(*self.place, first.c.loaded_from, first.c.loaded_line, self._differs_from(first))
            .where(tuple_(*key).in_(several), together, earlier)
            .order_by(*self.place, first.c.loaded_from, first.c.loaded_line)
        )
        found: dict[Place, tuple[Place, bool]] = {}
        for file, line, first_file, first_line, differs in self.connection.execute(pairs):
            found.setdefault(Place(file, line), (Place(first_file, first_line), bool(differs)))
        self.drop(found)
        return [(place, before) for place, (before, differs) in found.items() if differs or not alike]

    def _differs_from(self, other: Any) -> ColumnElement[bool]:
        names = [column.name for column in self.table.c if column.name not in ORIGIN]
        return or_(*(self.table.c[name].is_distinct_from(other.c[name]) for name in names))

    def missing(self) -> list[tuple[Place, str]]:
        """Find references to providers, units, staff, teams and residents that are in neither place.

        Returns:
            Place of the row and the field that refers.
        """
        found: list[tuple[Place, str]] = []
        for name, column in FIELD_COLUMNS[self.record_type].items():
            for reference in self.target.c[column].foreign_keys:
                own, target = self.table.c[column], reference.column
                gone = and_(own.is_not(None), ~exists().where(target == own).correlate(self.table))
                if target.table is self.target:  # a working unit's care unit may come with it
                    gone = and_(gone, own.not_in(select(self.table.c[target.name])))
                found += [(place, name) for place in self.places(gone)]
        return sorted(found, key=itemgetter(0))

    def with_values(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return rows with what the load says of the field with several values."""
        if self.values is None or self.side is None:
            return list(rows)
        return [
            row
            | {
                self.side.field: [
                    *self.connection.scalars(
                        select(self.values.c[self.side.value])
                        .where(*(self.values.c[key.name] == row[key.name] for key in self.target.primary_key))
                        .distinct()
                        .order_by(self.values.c[self.side.value])
                    )
                ]
            }
            for row in rows
        ]

    def of_others(self, source: str) -> list[tuple[Place, str]]:
        """Find rows that would change a record of another source.

        Returns:
            Place of the row and the other source.
        """
        owner = (
            select(*self.place, import_batch.c.source)
            .join_from(self.table, self.target, self.same)
            .join(import_file, import_file.c.id == self.target.c.loaded_from)
            .join(import_batch, import_batch.c.id == import_file.c.batch_id)
            .where(import_batch.c.source != source)
            .order_by(*self.place)
        )
        return [(Place(file, line), other) for file, line, other in self.connection.execute(owner)]

    @property
    def _unchanged(self) -> ColumnElement[bool]:
        """The register has the row's record, from a source, and says of it what the row says."""
        equal = [self.target.c[one].is_not_distinct_from(self.table.c[one]) for one in self.replaced]
        return and_(self.same, self.target.c.loaded_from.is_not(None), *equal, *self._same_values())

    def drop_known(self, *, not_of: ColumnElement[bool] | None = None) -> int:
        """Take out rows whose record is in the register, and return how many.

        Args:
            not_of: Take out those whose record does not fit this; left out, those that change nothing.
        """
        condition = self._unchanged if not_of is None else and_(self.same, ~not_of)
        gone = delete(self.table).where(exists().where(condition).correlate(self.table))
        return self.connection.execute(gone).rowcount

    def touch(self, first_file: int, of_source: ColumnElement[bool]) -> None:
        """Let the records that a row changes nothing of know the row: it is the last that spoke of them.

        Args:
            first_file: Number of the first file of the load.
            of_source: The record is the source's own: what another has brought stays with that.
        """
        self.connection.execute(
            update(self.target)
            .values(loaded_from=self.table.c.loaded_from + first_file, loaded_line=self.table.c.loaded_line)
            .where(self._unchanged, of_source)
        )

    def _same_values(self) -> Iterator[ColumnElement[bool]]:
        """Neither the row nor the register has a value that the other lacks."""
        if self.values is None or self.side is None:
            return
        for one, other in ((self.values, self.side.table), (self.side.table, self.values)):
            of_record = and_(*(one.c[key.name] == self.table.c[key.name] for key in self.target.primary_key))
            alike = and_(*(other.c[column.name] == column for column in one.c))
            yield ~exists().where(of_record, ~exists().where(alike).correlate(one)).correlate(self.table)


@lru_cache(maxsize=1000)  # statements about the same table are compiled once
def _temporary(name: str, like: Table) -> Table:
    key = [column.name for column in like.primary_key]
    others = [column.name for column in like.c if column.name not in (*key, "added_from")]
    return Table(
        name,
        MetaData(),
        *(Column(column, like.c[column].type) for column in (*key, *others)),
        prefixes=["TEMPORARY"],
    )


def _same_file_before(first: Any, row: Any) -> ColumnElement[bool]:
    return and_(first.c.loaded_from == row.c.loaded_from, first.c.loaded_line < row.c.loaded_line)


def _chunks(values: Sequence[Place]) -> Iterator[Sequence[Place]]:
    for start in range(0, len(values), 1000):
        yield values[start : start + 1000]
