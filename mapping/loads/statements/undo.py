"""Taking a load back. No index leads from a load to its records: they are sought by reading their tables."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Delete, Select, Table, Update, delete, exists, func, or_, select, update

from mapping.loads.batches import BatchState
from mapping.loads.statements.shared import key_columns
from register.tables import fixed_contact, import_batch, import_change, import_file, listing


def last_loaded() -> Select[int]:
    """Find the number of the last load that is in the register. Scans the loads, backwards."""
    return select(func.max(import_batch.c.id)).where(import_batch.c.state == BatchState.LOADED)


def last_number() -> Select[int]:
    """Find the number of the last load, whatever became of it, from the end of the key."""
    return select(func.max(import_batch.c.id))


def files(number: int) -> Select[int]:
    """Find the numbers of a load's files by ix_import_file_batch_id."""
    return select(import_file.c.id).where(import_file.c.batch_id == number)


def people_changed_since(log: Table, target: Table, files: Sequence[int], since: datetime) -> Select[int]:
    """Count the residents with a record in some files of whom a log of changes has something later.

    Reads the log once; the records of the residents it has are found by the index of the resident.
    """
    return select(func.count(log.c.person_id.distinct())).where(
        log.c.logged_at > since,
        exists()
        .where(
            target.c.person_id == log.c.person_id,
            or_(target.c.loaded_from.in_(files), target.c.added_from.in_(files)),
        )
        .correlate(log),
    )


def changes(number: int, record: str) -> Select[Any]:
    """Find what a load changed of a record type, the last first. Cost: its changes, by the table's key."""
    return (
        select(import_change)
        .where(import_change.c.batch_id == number, import_change.c.record == record)
        .order_by(import_change.c.number.desc())
    )


def delete_changes(number: int) -> Delete:
    """Forget what a load changed. Cost: its changes, by the table's key."""
    return delete(import_change).where(import_change.c.batch_id == number)


def record(target: Table, row: Mapping[str, Any]) -> Select[Any]:
    """Find the record that a row is of, by its key."""
    return select(target).where(*(target.c[name] == row[name] for name in key_columns(target)))


def update_record(target: Table, row: Mapping[str, Any], columns: Mapping[str, Any]) -> Update:
    """Give the record that a row is of some values, by its key."""
    return (
        update(target)
        .where(*(target.c[name] == row[name] for name in key_columns(target)))
        .values(dict(columns))
    )


def delete_values(values: Table, target: Table, row: Mapping[str, Any]) -> Delete:
    """Remove the values of a record in its field with several, by the beginning of their table's key."""
    return delete(values).where(*(values.c[name] == row[name] for name in key_columns(target)))


def people_with_contacts(files: Sequence[int]) -> Select[tuple[str]]:
    """Find the residents of contacts that some files brought. Reads all contacts once."""
    return select(fixed_contact.c.person_id).where(fixed_contact.c.added_from.in_(files)).distinct()


def listed_with_contacts(files: Sequence[int]) -> Select[tuple[str]]:
    """Find the residents of listings that some files brought, if they have a contact.

    Reads all listings once; contacts are found by ix_fixed_contact_person_id.
    """
    listed = select(listing.c.person_id).where(listing.c.added_from.in_(files))
    return select(fixed_contact.c.person_id).where(fixed_contact.c.person_id.in_(listed)).distinct()


def delete_values_of_brought(values: Table, target: Table, files: Sequence[int]) -> Delete:
    """Remove the values of records that some files brought. Reads all values once, records by their keys."""
    return delete(values).where(
        exists()
        .where(
            target.c.added_from.in_(files),
            *(target.c[name] == values.c[name] for name in key_columns(target)),
        )
        .correlate(values)
    )


def delete_brought(target: Table, files: Sequence[int]) -> Delete:
    """Remove the records that some files brought. Reads all records of the type once."""
    return delete(target).where(target.c.added_from.in_(files))
