"""Statements that the driver runs by itself, for what every call asks.

SQLAlchemy takes some 150 microseconds around each execution, ten times what the database needs for a row by
its key. A `Prepared` statement is put together by SQLAlchemy once for each database; after that its SQL text
goes to the driver as it is, on the connection and in the transaction that SQLAlchemy began.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Self

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Delete,
    Dialect,
    Insert,
    Select,
    SelectBase,
    Table,
    Update,
    bindparam,
    insert,
)
from sqlalchemy.exc import DBAPIError

from register.columns import AnyRecord, record
from register.engine import cut_row_values

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
    """A statement whose parameters are bound by name; none of them may stand for several values.

    Attributes:
        statement: The statement, for whoever looks at its plan.
    """

    def __init__(self, statement: Select[Any] | CompoundSelect[Any] | Insert | Update | Delete) -> None:
        self.statement = statement
        self._compiled: dict[str, _Compiled] = {}
        self._named: Any = None

    @classmethod
    def insert(cls, table: Table, *columns: str) -> Self:
        """Return the statement that adds a row with these columns, each a parameter of its name."""
        return cls(insert(table).values({name: bindparam(name) for name in columns}))

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Write, and return how many rows it was.

        Args:
            connection: A connection of `register.database.Register.writing`.
            values: As for `all`.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: As `all`.
        """
        one, driver = self._of(connection)
        try:
            count: int = driver.execute(one.sql, one.values(values)).rowcount
        except connection.dialect.loaded_dbapi.Error as error:
            raise _told(connection, one.sql, error) from error
        return count

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[Row]:
        """Return the rows.

        Args:
            connection: A connection to the register, in a transaction.
            values: The parameters by name; others are passed over.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer, or refuses.
        """
        one, driver = self._of(connection)
        try:
            rows = driver.execute(one.sql, one.values(values)).fetchall()
        except connection.dialect.loaded_dbapi.Error as error:
            raise _told(connection, one.sql, error) from error
        return [one.row(row) for row in rows] if one.results else rows

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Row | None:
        """Return the first row, None where there is none; arguments and errors are those of `all`."""
        return next(iter(self.all(connection, values)), None)

    def named(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Return the rows as tuples whose values have the names of their columns, as `all` otherwise."""
        if self._named is None:
            self._named = namedtuple("Row", self.statement.selected_columns.keys())  # type: ignore[misc,union-attr] # noqa: PYI024
        return [self._named(*row) for row in self.all(connection, values)]

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

    def _of(self, connection: Connection) -> tuple[_Compiled, Any]:
        """Return the statement for the database of a connection, and the driver's connection."""
        compiled = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        return compiled, connection.connection.dbapi_connection

    def _compile(self, dialect: Dialect) -> _Compiled:
        compiled: Any = self.statement.compile(dialect=dialect)
        turns = {
            name: one.type.dialect_impl(dialect).bind_processor(dialect)
            for one, name in compiled.bind_names.items()
        }
        results = [
            column.type.dialect_impl(dialect).result_processor(dialect, None)
            for column in (self.statement.selected_columns if isinstance(self.statement, SelectBase) else ())
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


def _told(connection: Connection, sql: str, error: Exception) -> Exception:
    """Return an error of the driver as SQLAlchemy tells it, without values; give a broken connection up."""
    cut_row_values(error)
    dialect: Any = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
    if lost:
        connection.invalidate(error)
    return DBAPIError.instance(
        sql,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=lost,
        dialect=dialect,
    )


def only(rows: list[Row]) -> list[Any]:
    """Return the first value of each row."""
    return list(map(itemgetter(0), rows))
