"""The present state in the words of the feed of changes: where a consumer starts from, and the brake."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, cast, func, literal, not_, or_, select

from contracts.clock import swedish
from register.change_kinds import ChangeKind
from register.feed import RECORDS, SHAPES, values_of
from register.feed_reading import last_position, spelled
from register.tables import change_feed, fixed_contact
from register.types import TEXT

_AT_A_TIME = 1000


def present(connection: Connection, now: datetime) -> Iterator[Row[Any]]:
    """Yield what is in force or to come, as lines at the position the feed has reached.

    Reads the records once: it is where a consumer starts from. The feed goes on from the position.

    Args:
        connection: A connection of `Register.reading`, so that all is of one state.
        now: The present, naive UTC.
    """
    position, local = last_position(connection), swedish(now)
    for table in RECORDS:
        shape = SHAPES[table.name]
        values = values_of(connection.dialect.name, table, shape.over(local), begun=True, gone=False)
        line = (
            select(
                literal(position).label("position"),
                literal(now, change_feed.c.at.type).label("at"),
                literal("export", TEXT).label("cause"),
                literal("register", TEXT).label("who"),
                *(cast(value, change_feed.c[name].type).label(name) for name, value in values.items()),
            )
            .where(or_(shape.end.is_(None), not_(shape.over(local))))
            .subquery("line")
        )
        found = spelled(line).order_by(line.c.person_id, line.c.record_id)
        for rows in connection.execute(found.execution_options(yield_per=_AT_A_TIME)).partitions():
            yield from rows


def ended_since(connection: Connection, position: int, now: datetime) -> dict[str, tuple[int, int]]:
    """Return how many records of each table have ended after a position, and how many there are.

    Reads the lines after the position, and the records once: for the brake of a nightly drop.
    """
    found, local = {}, swedish(now)
    for table in RECORDS:
        shape = SHAPES[table.name]
        kinds = [shape.kinds[1]] if table is not fixed_contact else [shape.kinds[1], ChangeKind.DOCTOR_ENDED]
        ended = select(func.count(change_feed.c.record_id.distinct())).where(
            change_feed.c.position > position, change_feed.c.kind.in_(kinds)
        )
        left = or_(shape.end.is_(None), not_(shape.over(local)))
        there = select(func.count()).select_from(table).where(left)
        found[table.name] = (connection.scalar(ended) or 0, connection.scalar(there) or 0)
    return found
