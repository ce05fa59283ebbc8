"""Records that a source no longer has."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Delete,
    Insert,
    Select,
    Table,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    true,
)

from contracts.codes import DOCTOR_CONTACT
from mapping.loads.statements.shared import about, files_of, key_columns
from register.tables import fixed_contact, listing


def insert_vanished(
    keys: Table,
    target: Table,
    staged: Sequence[Table],
    gone: Table | None,
    *,
    source: str,
    first_file: int,
    end: str | None,
    now: datetime,
) -> Insert:
    """Keep the keys of the source's records that have not ended and that no row is about.

    Reads all records of the type once, whosever they are: that is what policy full asks. Each is sought among
    the rows by the index of `Stage.keyed`, and among the places that are gone by theirs.

    Args:
        keys: Where the keys are kept.
        target: The table of the records.
        staged: The rows of the type, as they were read: those that change nothing included.
        gone: File and line of the rows of the last load that are in this one no more; None when the load has
            looked at every row.
        source: The source.
        first_file: Number of the first file of the load.
        end: The column that ends a record; None when it has none.
        now: The present, Swedish local time.
    """
    names = key_columns(target)
    found = select(*(target.c[name] for name in names)).where(
        or_(target.c.loaded_from >= first_file, target.c.loaded_from.in_(files_of(source))),
        _not_ended(target, end, now),
        *(~exists().where(about(rows, target)).correlate(target) for rows in staged),
    )
    if gone is not None:
        found = found.where(
            exists()
            .where(gone.c.file == target.c.loaded_from, gone.c.line == target.c.loaded_line)
            .correlate(target)
        )
    return insert(keys).from_select(names, found)


def insert_replaced(
    keys: Table,
    target: Table,
    staged: Table,
    kind: Sequence[str],
    *,
    source: str,
    end: str | None,
    now: datetime,
) -> Insert:
    """Keep the keys of the source's records whose resident has another one of the kind among the rows.

    One that began after the row did is not replaced: the row is older than what the register has. Cost: the
    number of rows; records and rows are found by the resident, rows by the index that the stage makes.

    Args:
        keys: Where the keys are kept.
        target: The table of the records.
        staged: The rows.
        kind: The columns that tell the kinds of the type apart.
        source: The source.
        end: The column that ends a record.
        now: The present, Swedish local time.
    """
    of_kind = [staged.c[name] == target.c[name] for name in kind]
    found = select(target.c.id).where(
        target.c.person_id.in_(select(staged.c.person_id)),
        target.c.loaded_from.in_(files_of(source)),
        _not_ended(target, end, now),
        ~exists().where(about(staged, target), staged.c.person_id == target.c.person_id).correlate(target),
        exists()
        .where(staged.c.person_id == target.c.person_id, *of_kind, staged.c.valid_from >= target.c.valid_from)
        .correlate(target),
    )
    return insert(keys).from_select(["id"], found)


def number_of_source(
    target: Table, *, source: str, first_file: int, end: str | None, now: datetime
) -> Select[int]:
    """Count the source's records that have not ended.

    Reads all records of the type once; it runs when some have vanished, for the brake. The arguments are
    those of `insert_vanished`.
    """
    return (
        select(func.count())
        .select_from(target)
        .where(
            or_(target.c.loaded_from >= first_file, target.c.loaded_from.in_(files_of(source))),
            _not_ended(target, end, now),
        )
    )


def records(keys: Table, target: Table) -> Select[Any]:
    """Find the records whose keys are kept. Cost: their number; each is found by its key."""
    return select(*target.c).join_from(keys, target, about(keys, target))


def superseded_listings(keys: Table, staged: Table, by: datetime | None) -> Select[Any]:
    """Find listings that have vanished whose resident gets another of the type by some time, and since when.

    The latter is ``superseded_from``, the start of the first such row. Cost: the number of keys; listings are
    found by their keys and rows by the index of `Stage.index_residents`.
    """
    begins = (
        select(func.min(staged.c.valid_from))
        .where(
            staged.c.person_id == listing.c.person_id,
            staged.c.code == listing.c.code,
            staged.c.code_system == listing.c.code_system,
        )
        .correlate(listing)
        .scalar_subquery()
    )
    return (
        select(*listing.c, begins.label("superseded_from"))
        .join_from(keys, listing, listing.c.id == keys.c.id)
        .where(begins.is_not(None) if by is None else begins <= by)
    )


def superseded_doctors(keys: Table, staged: Table, by: date | None) -> Select[Any]:
    """Find doctors' contacts that have vanished whose resident gets another doctor by a day, and since when.

    Of the other types a resident can have several. Cost, plan and result are as those of
    `superseded_listings`.
    """
    begins = (
        select(func.min(staged.c.valid_from))
        .where(
            staged.c.person_id == fixed_contact.c.person_id,
            staged.c.type_code == fixed_contact.c.type_code,
        )
        .correlate(fixed_contact)
        .scalar_subquery()
    )
    return (
        select(*fixed_contact.c, begins.label("superseded_from"))
        .join_from(keys, fixed_contact, fixed_contact.c.id == keys.c.id)
        .where(fixed_contact.c.type_code == DOCTOR_CONTACT)
        .where(begins.is_not(None) if by is None else begins <= by)
    )


def delete_ended(keys: Table, target: Table, end: str | None, now: datetime) -> Delete:
    """Forget the keys of records that have ended or are gone.

    Cost: the number of keys; records are found by their keys.
    """
    return delete(keys).where(
        ~exists().where(about(keys, target), _not_ended(target, end, now)).correlate(keys)
    )


def _not_ended(target: Table, end: str | None, now: datetime) -> ColumnElement[bool]:
    """Return that a record has not ended: a moment ends it as it comes, a day when it is over."""
    if end is None:
        return true()
    column = target.c[end]
    if issubclass(column.type.python_type, datetime):
        return or_(column.is_(None), column > now)
    return or_(column.is_(None), column >= now.date())
