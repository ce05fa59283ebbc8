"""Where residents live: what a source says, what calls and messages claim beside it, and who has moved.

A source, mostly the population register, has the last word: a claim never takes its place. Where no source
has brought the resident, the last claim counts.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, literal, select, update

from contracts.clock import utc
from register import feed
from register.database import INSERT
from register.hands import Hand
from register.tables import county_claim, resident, resident_move
from register.types import TEXT

_KNOWN = select(resident.c.home_county, resident.c.loaded_from).where(
    resident.c.person_id == bindparam("person_id")
)
"""What is known of a resident. By the primary key."""

_CLAIM = select(county_claim.c.county).where(county_claim.c.person_id == bindparam("person_id"))
"""What is claimed of a resident. By the primary key."""

CONTRADICTIONS = (
    select(
        county_claim.c.person_id,
        resident.c.home_county,
        county_claim.c.county,
        county_claim.c.claimed_by,
        county_claim.c.claimed_at,
        resident.c.protected,
    )
    .join_from(county_claim, resident, resident.c.person_id == county_claim.c.person_id)
    .where(resident.c.home_county != county_claim.c.county)
    .order_by(county_claim.c.person_id)
)
"""Claims that contradict the source. Reads all claims, which are few, for a report."""

MOVES = select(resident_move).order_by(resident_move.c.person_id)
"""Residents who have moved since it was looked last. Reads them all: few."""


def claimed(connection: Connection, person_id: str) -> str | None:
    """Return the home county that a call or message claimed last, if it stands beside a source's word."""
    return connection.scalar(_CLAIM, {"person_id": person_id})


def claim(connection: Connection, person_id: str, county: str, at: datetime, by: str) -> bool:
    """Take in what a call or message says of a resident's home county.

    Args:
        connection: A connection of `Register.writing`.
        person_id: The resident, who is in the register.
        county: The county.
        at: The present, Swedish local time.
        by: Contract or command that says so.

    Returns:
        Whether a source says another one, and so nothing but the claim is kept.
    """
    known = connection.execute(_KNOWN, {"person_id": person_id}).one()
    if known.loaded_from is None:
        if known.home_county != county:
            own = resident.c.person_id == person_id
            why = feed.FeedOrigin(utc(at), by, Hand.CALL)
            feed.add_residents(connection, why, own, county=literal(county, TEXT))
            connection.execute(update(resident).where(own).values(home_county=county))
            _moved(connection, person_id, known.home_county, at, by)
        return False
    before = claimed(connection, person_id)
    if county == known.home_county:
        if before is not None:
            connection.execute(delete(county_claim).where(county_claim.c.person_id == person_id))
        return False
    if before != county:
        values = {"county": county, "claimed_at": at, "claimed_by": by}
        put = INSERT[connection.dialect.name](county_claim).values(person_id=person_id, **values)
        connection.execute(put.on_conflict_do_update(index_elements=["person_id"], set_=values))
        if known.home_county is None:
            _moved(connection, person_id, before, at, by)
    return known.home_county is not None


def _moved(connection: Connection, person_id: str, left: str | None, at: datetime, by: str) -> None:
    """Leave a mark that a resident has moved, for what follows from it; who came from nowhere has not."""
    if left is None:
        return
    values = {"noticed_at": at, "noticed_by": by}
    put = INSERT[connection.dialect.name](resident_move).values(
        person_id=person_id, left_county=left, **values
    )
    # The county that was left first stays: nothing has followed from that yet.
    connection.execute(put.on_conflict_do_update(index_elements=["person_id"], set_=values))


def contradictions(connection: Connection) -> list[Any]:
    """Return the claims that contradict a source, by person."""
    return list(connection.execute(CONTRADICTIONS))


def moves(connection: Connection) -> Sequence[Row[Any]]:
    """Return the marks of residents who have moved, by person."""
    return connection.execute(MOVES).all()


def take_move(connection: Connection, mark: Row[Any]) -> bool:
    """Take a mark away, to see to it; False if it has gone or changed since it was read."""
    taken = connection.execute(
        delete(resident_move).where(
            resident_move.c.person_id == mark.person_id, resident_move.c.noticed_at == mark.noticed_at
        )
    )
    return taken.rowcount > 0
