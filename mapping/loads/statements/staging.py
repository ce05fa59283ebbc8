"""Rows of a load in their temporary table."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Delete,
    Select,
    Table,
    TextClause,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    tuple_,
)

from mapping.loads.bulk import ORIGIN
from mapping.loads.statements.shared import about, key_columns


def create_index(table: Table, name: str, columns: Sequence[str]) -> TextClause:
    """Make an index of a temporary table. Cost: a sort of its rows."""
    return text(f"CREATE INDEX IF NOT EXISTS {table.name}_{name} ON {table.name} ({', '.join(columns)})")


def drop_index(table: Table, name: str) -> TextClause:
    """Remove an index that was made."""
    return text(f"DROP INDEX {table.name}_{name}")


def number(staged: Table) -> Select[int]:
    """Return how many rows there are. One scan."""
    return select(func.count()).select_from(staged)


def places(staged: Table) -> Select[int, int]:
    """Find where the rows are from, in their order. One scan."""
    return select(staged.c.loaded_from, staged.c.loaded_line).order_by(
        staged.c.loaded_from, staged.c.loaded_line
    )


def rows_by_file(staged: Table) -> Select[int, int]:
    """Count the rows of each file; several records may be from one row. One scan, sorted."""
    return select(staged.c.loaded_from, func.count(staged.c.loaded_line.distinct())).group_by(
        staged.c.loaded_from
    )


def delete_rows(staged: Table, places: Sequence[tuple[int, int]]) -> Delete:
    """Take out the rows that are from some places, at most a thousand. One scan."""
    return delete(staged).where(tuple_(staged.c.loaded_from, staged.c.loaded_line).in_(places))


def any_repeated(staged: Table, target: Table) -> Select[int]:
    """Find out whether several rows are about one record. One scan, sorted: there is no index yet."""
    key = [staged.c[name] for name in key_columns(target)]
    return select(func.count()).select_from(staged).group_by(*key).having(func.count() > 1).limit(1)


def repeated(staged: Table, target: Table) -> Select[Any]:
    """Find rows about a record that an earlier row is about, and whether they say something else of it.

    A row comes with each of the earlier ones, the first of them first. Cost: n; the keys that come more than
    once are counted from the index of `Stage.keyed`, and only their rows are met with each other by it.
    """
    later, first = staged.alias("later"), staged.alias("first")
    key = key_columns(target)
    said = [column.name for column in staged.c if column.name not in ORIGIN]
    several = (
        select(*(staged.c[name] for name in key))
        .group_by(*(staged.c[name] for name in key))
        .having(func.count() > 1)
    )
    return (
        select(
            later.c.loaded_from,
            later.c.loaded_line,
            first.c.loaded_from,
            first.c.loaded_line,
            or_(*(later.c[name].is_distinct_from(first.c[name]) for name in said)),
        )
        .join_from(later, first, and_(*(first.c[name] == later.c[name] for name in key)))
        .where(
            tuple_(*(later.c[name] for name in key)).in_(several),
            or_(
                first.c.loaded_from < later.c.loaded_from,
                and_(
                    first.c.loaded_from == later.c.loaded_from,
                    first.c.loaded_line < later.c.loaded_line,
                ),
            ),
        )
        .order_by(later.c.loaded_from, later.c.loaded_line, first.c.loaded_from, first.c.loaded_line)
    )


def delete_repeated(staged: Table, target: Table, *, last: bool) -> Delete:
    """Take out records that another row is about as well: a later one, or an earlier one.

    Of a row with several records only these go. Cost: n; the rows of a record are met by the index of
    `Stage.keyed`.
    """
    other = staged.alias("other")
    place, others = (tuple_(one.c.loaded_from, one.c.loaded_line) for one in (staged, other))
    return delete(staged).where(
        exists()
        .where(
            *(other.c[name] == staged.c[name] for name in key_columns(target)),
            others > place if last else others < place,
        )
        .correlate(staged)
    )


def origins(staged: Table, target: Table) -> Select[Any]:
    """Find where the records that the rows are about come from: row, then file and line of the record.

    Cost: n; each record is found by its key.
    """
    return (
        select(staged.c.loaded_from, staged.c.loaded_line, target.c.loaded_from, target.c.loaded_line)
        .join_from(staged, target, about(staged, target))
        .where(target.c.loaded_from.is_not(None))
    )


def places_of(staged: Table, ids: Sequence[str]) -> Select[int, int]:
    """Find where the rows about some records are from, in their order, by the index of `Stage.keyed`."""
    return (
        select(staged.c.loaded_from, staged.c.loaded_line)
        .where(staged.c.id.in_(ids))
        .order_by(staged.c.loaded_from, staged.c.loaded_line)
    )
