"""Records as rows: which table keeps a record and which column each of its fields.

It follows from the names. A field is kept in the column of its name; a reference by HSA-id in ``<field>_key``
as the key it is compared by, ``team`` in ``team_id``. A field with several values has a table of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, FromClause, Table

from register import model, tables

AnyRecord = TypeVar("AnyRecord", bound=model.Record)

TABLES: dict[type[model.Record], Table] = {
    model.CareProvider: tables.care_provider,
    model.Unit: tables.unit,
    model.ListingType: tables.listing_type,
    model.UnitListingType: tables.unit_listing_type,
    model.Team: tables.team,
    model.Staff: tables.staff,
    model.Employment: tables.employment,
    model.Resident: tables.resident,
    model.Guardianship: tables.guardianship,
    model.Listing: tables.listing,
    model.QueuePlace: tables.queue_place,
    model.OutOfCountyListing: tables.out_of_county_listing,
    model.FixedContact: tables.fixed_contact,
    model.ContactRoute: tables.contact_route,
}
"""The table of each record type, in an order in which referred records come first."""


@dataclass(frozen=True, slots=True)
class SideTable:
    """Where a field with several values is kept.

    Attributes:
        field: Name of the field.
        table: A row for each value: the record's primary key and the value.
        value: Name of the value's column.
    """

    field: str
    table: Table
    value: str


SIDE_TABLES: dict[type[model.Record], SideTable] = {
    model.ListingType: SideTable("agreed_counties", tables.listing_type_county, "agreed_county"),
    model.Resident: SideTable("other_ids", tables.resident_identity, "other_id"),
}


DERIVED: dict[type[model.Record], dict[str, str]] = {
    model.Resident: {"folded_given_name": "given_name", "folded_surname": "surname"},
}
"""Columns that follow from a field -> the field; the record has what they hold under the column's name."""


def _field_columns(record_type: type[model.Record]) -> dict[str, str]:
    side = SIDE_TABLES.get(record_type)
    names = [field.name for field in fields(record_type) if side is None or field.name != side.field]
    columns = TABLES[record_type].c
    return {
        name: next(column for column in (f"{name}_key", f"{name}_id", name) if column in columns)
        for name in names
    }


FIELD_COLUMNS: dict[type[object], dict[str, str]] = {
    record_type: _field_columns(record_type) for record_type in TABLES
}
"""The fields of each record type, in their order, with the names of their columns."""


def columns(
    record_type: type[model.Record], source: FromClause | None = None
) -> tuple[ColumnElement[Any], ...]:
    """Return the columns to select for records of a type, for `record` to read.

    Args:
        record_type: The record type.
        source: The table under an alias, where a query needs it twice.
    """
    source = TABLES[record_type] if source is None else source
    return tuple(source.c[name] for name in FIELD_COLUMNS[record_type].values())


def record(record_type: type[AnyRecord], values: Iterator[Any], several: tuple[str, ...] = ()) -> AnyRecord:
    """Read a record from selected `columns`. References to other records are given as keys, in upper case.

    Args:
        record_type: The record type.
        values: An iterator that the values of the record's columns, in their order, are taken from.
        several: The values from its side table, if it has one.
    """
    own = islice(values, len(FIELD_COLUMNS[record_type]))
    make: Callable[..., AnyRecord] = record_type
    return make(*own, several) if record_type in SIDE_TABLES else make(*own)


def row(record: model.Record) -> dict[str, Any]:
    """Return the values to write for a record by column, those of a side table left out."""
    values: dict[str, Any] = {}
    for field, column in FIELD_COLUMNS[type(record)].items():
        values[column] = getattr(record, field)
    for column in DERIVED.get(type(record), ()):
        values[column] = getattr(record, column)
    if "hsa_id" in values:
        values["hsa_key"] = values["hsa_id"]
    return values
