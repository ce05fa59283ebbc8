"""How many are listed, queue and wait at units for primary care: kept figures, never counted when asked.

Figures are those of PV: it is what the cap and so the queue of a unit is for. Deceased residents count
neither as listed nor as queuing.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    bindparam,
    func,
    literal_column,
    null,
    select,
)

from contracts.identifiers import HsaId
from register.conditions import NOW, at, is_pv
from register.figures import COUNTED
from register.prepared import Prepared
from register.tables import figure, figures_folded, unit

_FOLDED = "folded"

_IS_FOLDED: Select[Any] = select(  # type: ignore[assignment]  # of NULL mypy knows no type
    null().label("unit_key"), literal_column(f"'{_FOLDED}'"), literal_column("1")
).where(figures_folded.c.until > NOW)
"""A row if the moment has been folded: the kept figures do not know it. No caller of today asks for one."""


class UnitFigures(NamedTuple):
    """The figures of a unit.

    Attributes:
        listed: Active listings.
        queuing: Residents in its queue.
        requested: Listings that wait for a home region.
        requested_from_queue: Those of them whose residents have a place in the queue.
    """

    listed: int = 0
    queuing: int = 0
    requested: int = 0
    requested_from_queue: int = 0


def _figures(source: FromClause, units: ColumnElement[bool]) -> Select[Any]:
    # Each kind by name: a figure's amounts to come are then no part of what is read.
    kinds: list[ColumnElement[str]] = [literal_column(f"'{kind}'") for kind in UnitFigures._fields]
    return (
        select(source.c.unit_key, source.c.kind, func.sum(source.c.amount))
        .where(units, is_pv(source), source.c.kind.in_(kinds), source.c.moment <= NOW)
        .group_by(source.c.unit_key, source.c.kind)
    )


_of_county = (
    select(unit.c.hsa_key).where(unit.c.county == bindparam("county"), unit.c.listable).scalar_subquery()
)

OF_UNIT = Prepared(_figures(figure, figure.c.unit_key == bindparam("unit_key")).union_all(_IS_FOLDED))
"""Figures of a unit. By the primary key: a row for each figure, and one for each change of the last hour."""

OF_COUNTY = Prepared(_figures(figure, figure.c.unit_key.in_(_of_county)).union_all(_IS_FOLDED))
"""Figures of the listable units of a county. By the county's units, and as `OF_UNIT`."""

_COUNTED_OF_UNIT = _figures(COUNTED, COUNTED.c.unit_key == bindparam("unit_key"))
_COUNTED_OF_COUNTY = _figures(COUNTED, COUNTED.c.unit_key.in_(_of_county))


def figures_of(connection: Connection, units: Collection[HsaId], now: datetime) -> dict[HsaId, UnitFigures]:
    """Return the figures of units by their keys; a unit that has none may be left out.

    Args:
        connection: A connection to the register.
        units: Keys of the units.
        now: The present, Swedish local time.
    """
    found: dict[HsaId, UnitFigures] = {}
    for key in units:
        found |= _read(connection, OF_UNIT, _COUNTED_OF_UNIT, {"unit_key": key, **at(now)})
    return found


def figures_of_county(connection: Connection, county: str, now: datetime) -> dict[HsaId, UnitFigures]:
    """Return the figures of the listable units of a county, as `figures_of`."""
    return _read(connection, OF_COUNTY, _COUNTED_OF_COUNTY, {"county": county, **at(now)})


def figures_of_unit(connection: Connection, unit_key: HsaId, now: datetime) -> UnitFigures:
    """Return the figures of one unit."""
    return figures_of(connection, (unit_key,), now).get(unit_key, UnitFigures())


def _read(
    connection: Connection, kept: Prepared, counted: Select[Any], values: dict[str, Any]
) -> dict[HsaId, UnitFigures]:
    rows = kept.all(connection, values)
    if any(kind == _FOLDED for _, kind, _ in rows):
        rows = [tuple(row) for row in connection.execute(counted, values)]
    found: defaultdict[HsaId, dict[str, int]] = defaultdict(dict)
    for key, kind, amount in rows:
        found[key][kind] = int(amount)
    return {key: UnitFigures(**of_unit) for key, of_unit in found.items()}
