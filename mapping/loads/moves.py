"""Residents whom a load moves to another county: marked in its transaction, for upkeep to see to."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from listings.listing_log import ListingEvent
from mapping.loads.load_log import RecordRow
from mapping.loads.staging import Stage
from mapping.loads.statements import moves as statements
from register.model import Resident


def mark_moved(stage: Stage, source: str, now: datetime) -> None:
    """Mark the residents who have moved by the rows, before these are applied; the source decides on claims.

    Args:
        stage: Rows that change something.
        source: The source.
        now: The present, Swedish local time.
    """
    if stage.record_type is Resident and "home_county" in stage.mapped:
        dialect = stage.connection.dialect.name
        stage.connection.execute(statements.moved(stage.table, now, source, dialect))
        stage.connection.execute(statements.answered_claims(stage.table))


def unmark(connection: Connection, rows: Sequence[RecordRow]) -> None:
    """Take away the marks of residents whom an undo has put back; those of a move before the load stay."""
    if rows:
        connection.execute(statements.marks_of_nothing([row["person_id"] for row in rows]))


def seen_to_since(connection: Connection, source: str, files: Sequence[int], since: datetime) -> int:
    """Return of how many residents of a load what they had in the county left has been ended after it."""
    found = statements.seen_to_since(ListingEvent.MOVED, source, files, since)
    return connection.execute(found).scalar_one()
