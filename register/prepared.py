"""Statements that the driver runs by itself, for what every call asks.

SQLAlchemy takes some 150 microseconds around each execution, ten times what the database needs for a row by
its key. A `Prepared` statement is put together by SQLAlchemy once for each database; after that its SQL text
goes to the driver as it is, on the connection and in the transaction that SQLAlchemy began.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Select

from register.columns import AnyRecord, record

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement as one database takes it.

    Attributes:
        sql: Its text.
        names: Its parameters in their order for a driver that numbers them; None for one that names them.
        fixed: The parameters that the statement has values for itself, as the driver takes them.
        binds: What turns the value of another parameter into the driver's, for those that need it.
        results: What turns a value of the driver into ours, by place, for those that need it.
    """

    sql: str
    names: tuple[str, ...] | None
    fixed: Mapping[str, Any]
    binds: tuple[tuple[str, Callable[[Any], Any]], ...]
    results: tuple[tuple[int, Callable[[Any], Any]], ...]

    def values(self, values: Mapping[str, Any]) -> Any:
        """Return the parameters as the driver takes them."""
        given = {**self.fixed, **values}
        for name, turn in self.binds:
            given[name] = turn(values[name])
        return given if self.names is None else [given[name] for name in self.names]

    def row(self, values: Row) -> Row:
        """Return a row of the driver with values of our types."""
        if not self.results:
            return values
        turned = list(values)
        for place, turn in self.results:
            turned[place] = turn(turned[place])
        return tuple(turned)


class Prepared:
    """A select whose parameters are bound by name; none of them may stand for several values.

    Attributes:
        statement: The statement, for whoever looks at its plan.
    """

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[Row]:
        """Return the rows.

        Args:
            connection: A connection to the register, in a transaction.
            values: The parameters by name; others are passed over.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer, or refuses.
        """
        dialect = connection.dialect
        one = self._compiled.get(dialect.name) or self._compile(dialect)
        driver: Any = connection.connection.dbapi_connection
        try:
            rows = driver.execute(one.sql, one.values(values)).fetchall()
        except dialect.loaded_dbapi.Error:
            # What went wrong is for SQLAlchemy to tell: whether the connection is to be used again, and how.
            return [tuple(row) for row in connection.execute(self.statement, values)]
        return [one.row(row) for row in rows] if one.results else rows

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Row | None:
        """Return the first row, None where there is none; arguments and errors are those of `all`."""
        return next(iter(self.all(connection, values)), None)

    def records(
        self, record_type: type[AnyRecord], connection: Connection, values: Mapping[str, Any]
    ) -> list[AnyRecord]:
        """Return the records of a statement that selects `register.columns.columns` of their type.

        Args:
            record_type: The type.
            connection: As for `all`.
            values: As for `all`.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: As `all`.
        """
        return [record(record_type, iter(row)) for row in self.all(connection, values)]

    def _compile(self, dialect: Dialect) -> _Compiled:
        compiled: Any = self.statement.compile(dialect=dialect)
        turns = {
            name: one.type.dialect_impl(dialect).bind_processor(dialect)
            for one, name in compiled.bind_names.items()
        }
        results = [
            column.type.dialect_impl(dialect).result_processor(dialect, None)
            for column in self.statement.selected_columns
        ]
        fixed = {name: value for name, value in compiled.params.items() if value is not None}
        made = _Compiled(
            str(compiled),
            tuple(compiled.positiontup) if compiled.positional else None,
            {name: turns[name](value) if turns[name] else value for name, value in fixed.items()},
            tuple((name, turn) for name, turn in turns.items() if turn is not None and name not in fixed),
            tuple((place, turn) for place, turn in enumerate(results) if turn is not None),
        )
        self._compiled[dialect.name] = made
        return made


def only(rows: list[Row]) -> list[Any]:
    """Return the first value of each row."""
    return list(map(itemgetter(0), rows))
