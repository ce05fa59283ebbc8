"""What a load has changed, and how the records it ends are written."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Delete, Select, Table, Update, bindparam, delete, select, tuple_, update

from mapping.loads.statements.shared import key_columns
from register.tables import import_change


def values_of(
    values: Table, key: Sequence[str], value: str, keys: Collection[tuple[Any, ...]]
) -> Select[Any]:
    """Find the values of records in a field that has several: the record's key, and the value.

    Cost: the number of keys; other numbers of residents are found by the index of the resident, while SQLite
    scans the few counties of listing types, as their key has several columns.

    Args:
        values: The table of the values, of the register or of a load.
        key: The columns that refer to the record.
        value: The column of the value.
        keys: The keys of the records, at most some thousand.
    """
    owner = [values.c[name] for name in key]
    return (
        select(*owner, values.c[value])
        .where(tuple_(*owner).in_(list(keys)))
        .distinct()
        .order_by(values.c[value])
    )


def delete_changes(batch: int) -> Delete:
    """Forget what a load and those before it changed. Cost: those changes, the first in the table's key."""
    return delete(import_change).where(import_change.c.batch_id <= batch)


def update_ends(target: Table, columns: Sequence[str]) -> Update:
    """Give records their ends, many at once. Each is found by its key, given as ``key_`` and the column."""
    return (
        update(target)
        .where(*(target.c[name] == bindparam(f"key_{name}") for name in key_columns(target)))
        .values({name: bindparam(name, type_=target.c[name].type) for name in columns})
    )


def delete_records(target: Table) -> Delete:
    """Remove records, many at once. Each is found by its key, given as ``key_`` and the column."""
    return delete(target).where(*(target.c[name] == bindparam(f"key_{name}") for name in key_columns(target)))
