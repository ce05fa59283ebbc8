"""Residents whom a load moves to another county: marked in its transaction, for upkeep to see to."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from listings.listing_log import ListingEvent
from mapping.loads.load_log import RECORDS_AT_A_TIME, LoadLog, RecordRow
from mapping.loads.staging import Stage
from mapping.loads.statements import moves as statements
from register.model import Resident
from register.tables import county_claim


def mark_moved(stage: Stage, load_log: LoadLog, now: datetime) -> None:
    """Mark the residents who have moved by the rows, before these are applied; the source decides on claims.

    Args:
        stage: Rows that change something.
        load_log: That of the load.
        now: The present, Swedish local time.
    """
    if stage.record_type is Resident and "home_county" in stage.mapped:
        connection = stage.connection
        connection.execute(statements.moved(stage.table, now, load_log.source, connection.dialect.name))
        claims = connection.execute(statements.answered_claims(stage.table)).mappings().all()
        for start in range(0, len(claims), RECORDS_AT_A_TIME):
            some = claims[start : start + RECORDS_AT_A_TIME]
            load_log.add_beside(county_claim, [(dict(one), None) for one in some])
            connection.execute(statements.delete_claims([one["person_id"] for one in some]))


def claim_again(connection: Connection, rows: Sequence[RecordRow]) -> None:
    """Know again what was claimed of residents before a load decided; what was claimed since then stays."""
    if rows:
        connection.execute(statements.claim_again(connection.dialect.name), list(rows))


def unmark(connection: Connection, rows: Sequence[RecordRow]) -> None:
    """Take away the marks of residents whom an undo has put back; those of a move before the load stay."""
    if rows:
        connection.execute(statements.marks_of_nothing([row["person_id"] for row in rows]))


def seen_to_since(connection: Connection, source: str, files: Sequence[int], since: datetime) -> int:
    """Return of how many residents of a load what they had in the county left has been ended after it."""
    found = statements.seen_to_since(ListingEvent.MOVED, source, files, since)
    return connection.execute(found).scalar_one()
