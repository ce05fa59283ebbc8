"""Residents whose home county a load changes."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Delete, Insert, Select, Table, delete, exists, func, literal, select

from mapping.loads.statements.shared import about
from register.database import INSERT
from register.tables import county_claim, listing_change, resident, resident_move


def moved(staged: Table, now: datetime, source: str, dialect: str) -> Insert:
    """Mark the residents to whom the rows give another home county than the one they have.

    A resident of whom none was known has not moved. Cost: n; residents are found by their keys.

    Args:
        staged: The rows, of which none has been applied.
        now: The present, Swedish local time.
        source: The source.
        dialect: Name of the database's dialect.
    """
    found = (
        select(staged.c.person_id, resident.c.home_county, literal(now), literal(source))
        .join_from(staged, resident, about(staged, resident))
        .where(staged.c.home_county != resident.c.home_county)
    )
    columns = ["person_id", "left_county", "noticed_at", "noticed_by"]
    put = INSERT[dialect](resident_move).from_select(columns, found)
    marked: Insert = put.on_conflict_do_update(
        index_elements=["person_id"],
        set_={name: put.excluded[name] for name in ("noticed_at", "noticed_by")},
    )
    return marked


def answered_claims(staged: Table) -> Select[Any]:
    """Find what was claimed of residents of whom the rows say something new: the source has decided.

    Cost: the number of claims, which are few; rows are found by their key.
    """
    said = select(staged.c.person_id).where(staged.c.home_county.is_not(None))
    return select(county_claim).where(county_claim.c.person_id.in_(said)).order_by(county_claim.c.person_id)


def delete_claims(people: Sequence[str]) -> Delete:
    """Forget what was claimed of some residents, by their keys."""
    return delete(county_claim).where(county_claim.c.person_id.in_(people))


def claim_again(dialect: str) -> Insert:
    """Know a claim again, unless there is one that came later; by its key."""
    put: Insert = INSERT[dialect](county_claim).on_conflict_do_nothing(index_elements=["person_id"])
    return put


def marks_of_nothing(people: Sequence[str]) -> Delete:
    """Take away marks of some residents who live in the county they are said to have left, by their keys."""
    return delete(resident_move).where(
        resident_move.c.person_id.in_(people),
        exists()
        .where(
            resident.c.person_id == resident_move.c.person_id,
            resident.c.home_county == resident_move.c.left_county,
        )
        .correlate(resident_move),
    )


def seen_to_since(kind: str, source: str, files: Collection[int], since: datetime) -> Select[int]:
    """Count the residents of some files whom a source has moved, if what they had has been ended since.

    Reads the log of changes once; residents are found by their keys.
    """
    return (
        select(func.count(listing_change.c.person_id.distinct()))
        .join_from(listing_change, resident, resident.c.person_id == listing_change.c.person_id)
        .where(
            listing_change.c.logged_at > since,
            listing_change.c.kind == kind,
            listing_change.c.actor_id == source,
            resident.c.loaded_from.in_(files),
        )
    )
