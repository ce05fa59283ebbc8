"""What many statements have in common: how a row meets its record, and the files of a source."""

from sqlalchemy import ColumnElement, Select, Table, and_, select

from register.tables import import_batch, import_file


def key_columns(target: Table) -> list[str]:
    """Return the names of the columns that tell the records of a table apart."""
    return [column.name for column in target.primary_key]


def about(row: Table, record: Table) -> ColumnElement[bool]:
    """Return how a row is joined to the record it is about.

    Args:
        row: A table with the columns of the record's key, such as that of the staged rows.
        record: The table of the records.
    """
    return and_(*(record.c[name] == row.c[name] for name in key_columns(record)))


def files_of(source: str) -> Select[int]:
    """Return the query for the files of a source's loads, those of the load under way not among them.

    It runs once in a statement, however often it is asked. It scans import_batch, which has a row for each
    load there has been, and finds the files of each by ix_import_file_batch_id.
    """
    return (
        select(import_file.c.id)
        .join_from(import_batch, import_file, import_file.c.batch_id == import_batch.c.id)
        .where(import_batch.c.source == source)
    )
