"""Conditions, joins and parameters that several statements share.

Statements are made once, when their module is loaded: to put one together takes longer than to run it. What
differs from call to call is bound by name; `at` gives the values of the present.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    TableClause,
    and_,
    bindparam,
    column,
    func,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from contracts.codes import PV
from register.tables import resident, resident_deceased, unit

NOW = bindparam("now", type_=DateTime)
TODAY = bindparam("today", type_=Date)


def at(now: datetime) -> dict[str, date]:
    """Return the values of `NOW` and `TODAY`."""
    return {"now": now, "today": now.date()}


def valid_today(table: FromClause) -> ColumnElement[bool]:
    """Today lies in the row's ``valid_from``-``valid_to``, both days included; an empty end is open."""
    valid_from, valid_to = table.c.valid_from, table.c.valid_to
    return and_(or_(valid_from.is_(None), valid_from <= TODAY), or_(valid_to.is_(None), valid_to >= TODAY))


def active_now(begins: ColumnElement[Any], ends: ColumnElement[Any]) -> ColumnElement[bool]:
    """The present lies in the period: the moment it begins counts, the moment it ends does not."""
    return and_(begins <= NOW, or_(ends.is_(None), ends > NOW))


def is_pv(table: FromClause) -> ColumnElement[bool]:
    """The row's listing type is PV."""
    return and_(table.c.code == PV.code, table.c.code_system == PV.system)


class _Deceased(TableClause):
    """The table of residents, for SQLite to search by its small index of those who have died.

    Left to itself it takes the primary key, and to count a million listings takes four times as long.
    """

    inherit_cache = True


@compiles(_Deceased, "sqlite")
def _name_the_index(table: _Deceased, compiler: SQLCompiler, **arguments: Any) -> str:
    name: str = compiler.visit_table(table, **arguments)  # type: ignore[no-untyped-call]
    return f"{name} INDEXED BY {resident_deceased.name}" if arguments.get("asfrom") else name


def is_alive(table: FromClause) -> ColumnElement[bool]:
    """The resident of the row is not deceased: there is no day of death that has come."""
    deceased = _Deceased(resident.name, column("person_id"), column("deceased_on"))
    return ~(
        select(deceased.c.person_id)
        .where(deceased.c.person_id == table.c.person_id, deceased.c.deceased_on <= TODAY)
        .correlate(table)
        .exists()
    )


HAS_DIED = resident.c.deceased_on <= TODAY
"""The day of the resident's death has come; unknown, and so never true, where there is none."""

LIVES = or_(resident.c.deceased_on.is_(None), resident.c.deceased_on > TODAY)
"""The day of the resident's death has not come."""

care_unit = unit.alias("care_unit")
"""The care unit of a unit: that unit itself unless it is a working unit."""

is_care_unit = care_unit.c.hsa_key == func.coalesce(unit.c.care_unit_key, unit.c.hsa_key)
"""How to join it."""
