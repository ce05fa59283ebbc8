"""Changes of calls and staff that no source has confirmed, for regions that mirror (docs/modes.md, mirror).

A source confirms a change by saying the same: `ownership` then forgets it. It confirms an end also by not
having the row any more. What a hand began and ended before any source spoke of it nobody waits for.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from contracts.clock import utc
from contracts.identifiers import HsaId
from mapping.loads import known_rows
from mapping.loads.periods import Row, before, shape_of
from mapping.loads.staging import RowPlace
from register.columns import TABLES
from register.model import FixedContact, Listing, OutOfCountyListing, QueuePlace, Record
from register.row_texts import from_json
from register.tables import changed_record, import_batch, import_file, resident, unit


class What(StrEnum):
    """What a hand has done that no source says."""

    BEGUN = "begun"
    ENDED = "ended"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A change that no source has confirmed.

    Attributes:
        record_type: Of what: listing, queue place, note of a listing elsewhere, fixed contact.
        changed_at: When it was changed last, naive UTC.
        hand: By whom: call, staff or upkeep.
        county: Whose listing system is to confirm it.
        unit: HSA-id of the unit; of a note, the county where the resident is listed.
        code: Code of the listing type or of the type of contact.
        protected: Whether the resident has protected identity.
    """

    record_type: type[Record]
    what: What
    changed_at: datetime
    hand: str
    county: str
    person_id: str = field(repr=False)
    unit: str
    code: str
    protected: bool


_TYPES: tuple[type[Record], ...] = (Listing, QueuePlace, OutOfCountyListing, FixedContact)
"""What the feed of changes tells of, and so a listing system can confirm (docs/changes-out.md)."""


def _changes(record_type: type[Record]) -> Select[Any]:
    target = TABLES[record_type]
    return (
        select(
            changed_record.c.about,
            changed_record.c.hand,
            changed_record.c.changed_at,
            changed_record.c.said,
            target,
            resident.c.home_county.label("home_county"),
            resident.c.protected.label("is_protected"),
        )
        .select_from(changed_record)
        .outerjoin(target, target.c.id == changed_record.c.key)
        .outerjoin(resident, resident.c.person_id == changed_record.c.about)
        .where(changed_record.c.record == target.name, changed_record.c.changed_at < bindparam("before"))
        .order_by(changed_record.c.changed_at, changed_record.c.key)
    )


CHANGES_OF_LISTINGS, CHANGES_OF_PLACES, CHANGES_OF_NOTES, CHANGES_OF_CONTACTS = map(_changes, _TYPES)
"""Changes before a time, with the record as it is. Those of the type are read, by the primary key, and each
record and resident is found by its own: a change goes when it is confirmed."""

_STATEMENTS = dict(
    zip(
        _TYPES,
        (CHANGES_OF_LISTINGS, CHANGES_OF_PLACES, CHANGES_OF_NOTES, CHANGES_OF_CONTACTS),
        strict=True,
    )
)

UNITS = select(unit.c.hsa_key, unit.c.hsa_id, unit.c.county)
"""All units: a register of thousands."""

SOURCE_OF_FILE = (
    select(import_batch.c.source)
    .join_from(import_file, import_batch, import_batch.c.id == import_file.c.batch_id)
    .where(import_file.c.id == bindparam("file"))
)
"""The source that a file was of. By the primary keys."""


def unconfirmed(connection: Connection, confirm_days: Mapping[str, int], now: datetime) -> list[Unconfirmed]:
    """Return the changes that no source has confirmed in time, oldest first.

    Args:
        connection: A connection to the register.
        confirm_days: Days that a change may wait, by county of the regions that mirror.
        now: The present, Swedish local time.
    """
    units = {one.hsa_key: one for one in connection.execute(UNITS) if one.county in confirm_days}
    oldest = {"before": utc(now - timedelta(days=min(confirm_days.values(), default=0)))}
    found: list[Unconfirmed] = []
    in_last_rows: dict[RowPlace, list[Unconfirmed]] = {}  # of ends: confirmed if the row has gone since
    for record_type, statement in _STATEMENTS.items():
        for row in connection.execute(statement, oldest).mappings():
            said = None if row["said"] is None else from_json(TABLES[record_type], row["said"])
            record = None if row["id"] is None else dict(row)
            what, known = _what(record_type, said, record, now), record or said
            if what is None or known is None:
                continue
            if record_type is OutOfCountyListing:
                county, where = row["home_county"], known["county"]
            elif its := units.get(HsaId(str(known["unit_key"]))):
                county, where = its.county, str(its.hsa_id)
            else:
                continue
            days = confirm_days.get(county)
            if days is None or row["changed_at"] >= utc(now - timedelta(days=days)):
                continue
            code = known["type_code"] if record_type is FixedContact else known["code"]
            one = Unconfirmed(
                record_type,
                what,
                row["changed_at"],
                row["hand"],
                county,
                row["about"],
                where,
                code,
                row["is_protected"] is not False,
            )
            if what is What.ENDED and known["loaded_from"] is not None:
                in_last_rows.setdefault(RowPlace(known["loaded_from"], known["loaded_line"]), []).append(one)
            else:
                found.append(one)
    for place in _standing(connection, in_last_rows):
        found += in_last_rows[place]
    return sorted(found, key=lambda one: one.changed_at)


def _what(record_type: type[Record], said: Row | None, record: Row | None, now: datetime) -> What | None:
    """Return what a hand has done that no source says; None where there is nothing to wait for."""
    if record is None:
        return None if said is None else What.REMOVED
    shape = shape_of(record_type, record)
    assert shape is not None  # noqa: S101  # all of _TYPES have one
    end = record[shape.end]
    if said is None:
        present: date = now if isinstance(end, datetime) else now.date()
        return What.BEGUN if before(present, end) else None
    if any(said[name] != record[name] for name in (*shape.subject, *shape.meaning)):
        return What.CHANGED
    if (said[shape.end] is None) == (end is None):
        return None
    return What.CHANGED if end is None else What.ENDED


def _standing(connection: Connection, places: Collection[RowPlace]) -> Iterator[RowPlace]:
    """Yield those places of records that the last loads of their sources still had a row in."""
    by_source: defaultdict[str | None, set[RowPlace]] = defaultdict(set)
    sources = {
        file: connection.scalar(SOURCE_OF_FILE, {"file": file}) for file in {place.file for place in places}
    }
    for place in places:
        by_source[sources[place.file]].add(place)
    for source, its in by_source.items():
        yield from its if source is None else known_rows.standing(connection, source, its)
