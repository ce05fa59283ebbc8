"""Conditions and joins that several queries share."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, func, or_, select

from register.tables import resident, unit


def valid_on(table: FromClause, day: date) -> ColumnElement[bool]:
    """The day lies in the row's ``valid_from``-``valid_to``, both days included; an empty end is open."""
    valid_from, valid_to = table.c.valid_from, table.c.valid_to
    return and_(or_(valid_from.is_(None), valid_from <= day), or_(valid_to.is_(None), valid_to >= day))


def active_at(
    begins: ColumnElement[datetime], ends: ColumnElement[Any], moment: datetime
) -> ColumnElement[bool]:
    """The moment lies in the period: the moment it begins counts, the moment it ends does not."""
    return and_(begins <= moment, or_(ends.is_(None), ends > moment))


def is_alive(table: FromClause) -> ColumnElement[bool]:
    """The resident of the row is not deceased, whatever the day of death."""
    deceased = (
        select(resident.c.person_id)
        # SQLite would look in the primary key, many times the size of the index of the deceased.
        .with_hint(resident, "INDEXED BY ix_resident_deceased", "sqlite")
        .where(resident.c.person_id == table.c.person_id, resident.c.deceased_on.is_not(None))
        .correlate(table)
    )
    return ~deceased.exists()


care_unit = unit.alias("care_unit")
"""The care unit of a unit: that unit itself unless it is a working unit."""

is_care_unit = care_unit.c.hsa_key == func.coalesce(unit.c.care_unit_key, unit.c.hsa_key)
"""How to join it."""
