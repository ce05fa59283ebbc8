"""Rows about residents, or employments, of whom a call or staff have changed something."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    Update,
    bindparam,
    exists,
    func,
    select,
    type_coerce,
    update,
)

from mapping.loads.statements.shared import key_columns
from register.tables import changed_record, county_claim, listing_request, resident
from register.types import TEXT


def _about(table: Table, target: Table) -> ColumnElement[str]:
    """Return what changed_record has as ``about`` of rows: the resident, or else the key."""
    if "person_id" in table.c:
        return table.c.person_id
    name, *others = key_columns(target)
    about: ColumnElement[str] = type_coerce(table.c[name], TEXT)
    for other in others:
        about = about + "|" + type_coerce(table.c[other], TEXT)
    return about


def touched(staged: Table, target: Table) -> Select[Any]:
    """Find the residents, or employments, of rows of whom a hand has changed something.

    Cost: n; changes are found by ix_changed_record_record.
    """
    about = _about(staged, target)
    found = exists().where(changed_record.c.record == target.name, changed_record.c.about == about)
    return select(about).where(found.correlate(staged)).distinct().order_by(about)


def changes(target: Table, about: Collection[str]) -> Select[Any]:
    """Find the changes of some residents or employments, by ix_changed_record_record."""
    return select(changed_record).where(
        changed_record.c.record == target.name, changed_record.c.about.in_(about)
    )


def rows(staged: Table, target: Table, about: Collection[str]) -> Select[Any]:
    """Find the rows about some, in the order of the files.

    Cost: rows of residents are found by the index that the stage makes for it; employments are scanned, n.
    """
    return (
        select(staged)
        .where(_about(staged, target).in_(about))
        .order_by(staged.c.loaded_from, staged.c.loaded_line)
    )


def records(target: Table, about: Collection[str]) -> Select[Any]:
    """Find the records of some: of residents by the index of the resident, of employments all of the staff's.

    Cost: the number asked about; the employments of one member of staff are few, and found by the key.
    """
    if "person_id" in target.c:
        return select(target).where(target.c.person_id.in_(about))
    first = target.c[key_columns(target)[0]]
    return select(target).where(first.in_({one.partition("|")[0] for one in about}))


def residents(persons: Collection[str]) -> Select[Any]:
    """Find where some residents live, and whether they have died; by the primary keys."""
    return (
        select(
            resident.c.person_id,
            func.coalesce(resident.c.home_county, county_claim.c.county).label("home_county"),
            resident.c.deceased_on,
        )
        .join_from(resident, county_claim, county_claim.c.person_id == resident.c.person_id, isouter=True)
        .where(resident.c.person_id.in_(persons))
    )


def held(tables: Collection[str]) -> Select[Any]:
    """Find records that have ended since a hand had them, by ix_changed_record_record: those of hands."""
    return select(changed_record.c.held).where(
        changed_record.c.record.in_(tables), changed_record.c.held.is_not(None)
    )


def vanishing(keys: Table, target: Table) -> Select[Any]:
    """Find the records whose keys are kept, with their residents. Cost: their number; each by its key."""
    return select(target.c.id, target.c.person_id).join_from(keys, target, target.c.id == keys.c.id)


def place_of_request() -> Update:
    """Let listing requests know their queue place, ``old``, by its new id, ``new``; by their index of it."""
    return (
        update(listing_request)
        .where(listing_request.c.queue_place_id == bindparam("old"))
        .values(queue_place_id=bindparam("new"))
    )
