"""Staged rows into the table of their records: what says nothing new is taken out, the rest is written."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Delete,
    Insert,
    Select,
    Table,
    Update,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from mapping.loads.bulk import ORIGIN
from mapping.loads.statements.shared import about, files_of, key_columns
from register.database import INSERT
from register.tables import fixed_contact


def delete_known_of_others(staged: Table, target: Table, source: str, first_file: int) -> Delete:
    """Take out rows about a record that is not the source's own.

    Cost: n; records are found by their keys.
    """
    return delete(staged).where(
        exists()
        .where(
            about(staged, target),
            or_(
                target.c.loaded_from.is_(None),
                and_(target.c.loaded_from < first_file, target.c.loaded_from.not_in(files_of(source))),
            ),
        )
        .correlate(staged)
    )


def delete_unchanged(
    staged: Table, target: Table, mapped: Collection[str], values: Table | None, kept_values: Table | None
) -> Delete:
    """Take out rows that say of a record what the register has from a source already.

    Cost: n; records are found by their keys, and so are their values, here and there.

    Args:
        staged: The rows.
        target: The table of their records.
        mapped: The columns that a row says something about.
        values: The rows' values of the field that has several; None where the source does not give it.
        kept_values: The table that the register keeps such values in.
    """
    return delete(staged).where(
        exists()
        .where(
            about(staged, target),
            target.c.loaded_from.is_not(None),
            *(target.c[name].is_not_distinct_from(staged.c[name]) for name in mapped),
            *_same_values(staged, target, values, kept_values),
        )
        .correlate(staged)
    )


def update_origins(
    staged: Table,
    target: Table,
    mapped: Collection[str],
    values: Table | None,
    kept_values: Table | None,
    *,
    source: str,
    first_file: int,
) -> Update:
    """Let the source's own records that a row changes nothing of know the row: it spoke of them last.

    What another source has brought stays with that. Cost and arguments are as those of `delete_unchanged`.

    Args:
        staged: As there.
        target: As there.
        mapped: As there.
        values: As there.
        kept_values: As there.
        source: The source.
        first_file: Number of the first file of the load. Its files are not written down before its end.
    """
    return (
        update(target)
        .values(loaded_from=staged.c.loaded_from + first_file, loaded_line=staged.c.loaded_line)
        .where(
            about(staged, target),
            or_(target.c.loaded_from >= first_file, target.c.loaded_from.in_(files_of(source))),
            *(target.c[name].is_not_distinct_from(staged.c[name]) for name in mapped),
            *_same_values(staged, target, values, kept_values),
        )
    )


def _same_values(
    staged: Table, target: Table, values: Table | None, kept_values: Table | None
) -> list[ColumnElement[bool]]:
    """Neither the row nor the register has a value that the other lacks.

    Each value of the record is found by the beginning of its table's key, and sought in the other table by
    the whole of it.
    """
    if values is None or kept_values is None:
        return []
    key = key_columns(target)
    return [
        ~exists()
        .where(
            *(one.c[name] == staged.c[name] for name in key),
            ~exists().where(*(other.c[column.name] == column for column in one.c)).correlate(one),
        )
        .correlate(staged)
        for one, other in ((values, kept_values), (kept_values, values))
    ]


def changed(staged: Table, target: Table, mapped: Sequence[str]) -> Select[Any]:
    """Find the records that the rows are about, and what the rows say of them, as ``new_`` and the column.

    Cost: n; records are found by their keys.
    """
    return select(
        *target.c,
        *(staged.c[name].label(f"new_{name}") for name in mapped),
    ).join_from(staged, target, about(staged, target))


def people_with_new_contacts(staged: Table, target: Table) -> Select[tuple[str]]:
    """Find the residents of rows about a contact that the register does not have.

    Cost: n; records are found by their keys.
    """
    return (
        select(staged.c.person_id).where(~exists().where(about(staged, target)).correlate(staged)).distinct()
    )


def contacts_of_newly_listed(staged: Table, target: Table) -> Select[tuple[str]]:
    """Find the residents of rows about a listing that the register does not have, if they have a contact.

    Cost: n; listings are found by their keys, contacts by ix_fixed_contact_person_id.
    """
    listed = select(staged.c.person_id).where(~exists().where(about(staged, target)).correlate(staged))
    return select(fixed_contact.c.person_id).where(fixed_contact.c.person_id.in_(listed)).distinct()


def people_of_records(staged: Table, target: Table) -> Select[str]:
    """Find the residents of records that the rows say are about others. Cost: n; found by their keys."""
    return (
        select(target.c.person_id)
        .join_from(staged, target, about(staged, target))
        .where(target.c.person_id != staged.c.person_id)
    )


def write_records(
    staged: Table, target: Table, mapped: Sequence[str], first_file: int, dialect: str
) -> Insert:
    """Make the rows records: those that are there get what the rows say of them.

    Cost: n; records are found by their keys.

    Args:
        staged: The rows.
        target: The table of their records.
        mapped: The columns that a row says something about.
        first_file: Number of the first file of the load.
        dialect: Name of the database's dialect.
    """
    file = staged.c.loaded_from + first_file
    columns = {column.name: column for column in staged.c} | {"loaded_from": file, "added_from": file}
    statement = INSERT[dialect](target).from_select(
        list(columns),
        # Without a WHERE SQLite takes ON CONFLICT for the condition of a join.
        select(*columns.values()).where(staged.c.loaded_line.is_not(None)),
    )
    replaced: Insert = statement.on_conflict_do_update(
        index_elements=list(target.primary_key),
        set_={name: statement.excluded[name] for name in (*mapped, *ORIGIN)},
    )
    return replaced


def delete_gone_values(staged: Table, target: Table, values: Table, kept_values: Table) -> Delete:
    """Remove the values of the rows' records that the rows do not have.

    Cost: n; values are found by the key of their record, and sought among those of the rows by the whole key.
    """
    key = key_columns(target)
    return delete(kept_values).where(
        tuple_(*(kept_values.c[name] for name in key)).in_(select(*(staged.c[name] for name in key))),
        ~exists()
        .where(*(values.c[column.name] == column for column in kept_values.c))
        .correlate(kept_values),
    )


def insert_new_values(staged: Table, target: Table, values: Table, kept_values: Table) -> Insert:
    """Add the values of the rows that their records do not have.

    Rows that said nothing new have been taken out, but their values have not. Cost: n; values are found by
    the key of their record, and sought in the register by the whole key.
    """
    key, names = key_columns(target), [column.name for column in kept_values.c]
    missing = (
        select(*(values.c[name] for name in names))
        .where(
            tuple_(*(values.c[name] for name in key)).in_(select(*(staged.c[name] for name in key))),
            ~exists().where(*(kept_values.c[name] == values.c[name] for name in names)).correlate(values),
        )
        .distinct()
    )
    return insert(kept_values).from_select(names, missing)
