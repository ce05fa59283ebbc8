"""Reading the feed of changes: its lines in their order, with HSA-ids as their source spells them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    bindparam,
    false,
    func,
    select,
    type_coerce,
)

from register.change_kinds import ChangeKind
from register.tables import change_feed, resident, staff, unit
from register.types import TEXT


def spelled(line: FromClause) -> Select[Any]:
    """Return the query for lines, with HSA-ids as their source spells them."""
    unit_text, staff_text = (type_coerce(line.c[name], TEXT) for name in ("unit_key", "staff_key"))
    return (
        select(
            *(column for column in line.c if not column.name.endswith("_key")),
            func.coalesce(type_coerce(unit.c.hsa_id, TEXT), unit_text).label("unit"),
            func.coalesce(type_coerce(staff.c.hsa_id, TEXT), staff_text).label("staff"),
            # Whoever may not know of protected residents is told to forget one, and not why.
            and_(
                func.coalesce(resident.c.protected, false()), line.c.kind != ChangeKind.RESIDENT_HIDDEN.value
            ).label("protected"),
        )
        .join_from(line, unit, unit.c.hsa_key == line.c.unit_key, isouter=True)
        .join(staff, staff.c.hsa_key == line.c.staff_key, isouter=True)
        .join(resident, resident.c.person_id == line.c.person_id, isouter=True)
    )


SINCE = (
    spelled(change_feed)
    .where(change_feed.c.position > bindparam("since"))
    .order_by(change_feed.c.position)
    .limit(bindparam("most"))
)
"""The lines after a position. By the primary key; units, staff and residents by theirs."""


def since(connection: Connection, position: int, limit: int) -> Sequence[Row[Any]]:
    """Return the lines after a position, in order, at most ``limit``."""
    return connection.execute(SINCE, {"since": position, "most": limit}).all()


def last_position(connection: Connection) -> int:
    """Return the position of the last line, 0 where there is none; from the end of the primary key."""
    return connection.scalar(select(func.max(change_feed.c.position))) or 0
