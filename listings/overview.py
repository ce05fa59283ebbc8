"""All there is about a resident's listings, now and before, for staff (requirement rows S000-008, S000-009).

The answers of the contracts show what is current only. This is the history that stays in the register: what
there was, who or what brought it about, and who or what ended it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import BindParameter, Connection, bindparam, select

from contacts.doctors import doctor_link
from contracts.clock import a_year_before, swedish
from contracts.codes import PV, CodeKey
from contracts.identifiers import HsaId
from listings import listing_log
from listings.current import QueuedAt, queued_at, relistings_since
from listings.listing_log import ListingEvent
from listings.statements import IS_WAITING
from register.columns import columns, record
from register.model import Listing, OutOfCountyListing, Resident, Staff, Unit
from register.tables import (
    import_batch,
    import_file,
    listing,
    listing_request,
    out_of_county_listing,
    unit,
)

_PERSON: BindParameter[str] = bindparam("person_id")
_FILES: BindParameter[int] = bindparam("files", expanding=True)

ALL_LISTINGS = (
    select(listing.c.added_from, listing.c.loaded_from, *columns(Listing), *columns(Unit))
    .join(unit, unit.c.hsa_key == listing.c.unit_key)
    .where(listing.c.person_id == _PERSON)
    .order_by(listing.c.valid_from.desc(), listing.c.id)
)
"""All listings of a resident, the latest first. By the resident."""

ALL_NOTES = (
    select(
        out_of_county_listing.c.added_from,
        out_of_county_listing.c.loaded_from,
        *columns(OutOfCountyListing),
    )
    .where(out_of_county_listing.c.person_id == _PERSON)
    .order_by(out_of_county_listing.c.valid_from.desc(), out_of_county_listing.c.id)
)
"""All notes that a resident is, or was, listed in another county, the latest first. By the resident."""

REQUESTS_THAT_WAIT = (
    select(
        listing_request.c.code,
        listing_request.c.code_system,
        listing_request.c.requested_at,
        *columns(Unit),
    )
    .join(unit, unit.c.hsa_key == listing_request.c.unit_key)
    .where(listing_request.c.person_id == _PERSON, IS_WAITING)
    .order_by(listing_request.c.requested_at, listing_request.c.id)
)
"""A resident's requests that the home region has not answered, the oldest first. By the resident."""

LOADS_OF_FILES = (
    select(import_file.c.id, import_batch.c.id, import_batch.c.source, import_batch.c.loaded_by)
    .join(import_batch, import_batch.c.id == import_file.c.batch_id)
    .where(import_file.c.id.in_(_FILES))
)
"""The loads that files belong to. By their keys."""


@dataclass(frozen=True, slots=True)
class HistoryOrigin:
    """What brought a change about.

    Attributes:
        source: The contract or command that asked for it, ``upkeep``, or the name of a source.
        load: Number of the load, where a source did.
        by: Who did it, as far as is known.
        reason: Why, in the words of staff.
    """

    source: str
    load: int | None = None
    by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class KeptListing:
    """A listing with its unit, what began it and what ended it, None where that is not known.

    Attributes:
        doctor: The doctor the resident has by it; of a current listing only.
    """

    listing: Listing
    unit: Unit
    began: HistoryOrigin | None
    ended: HistoryOrigin | None
    doctor: Staff | None = None


@dataclass(frozen=True, slots=True)
class KeptNote:
    """A note that the resident is, or was, listed in another county, and what began and ended it."""

    note: OutOfCountyListing
    began: HistoryOrigin | None
    ended: HistoryOrigin | None


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """A listing that waits for the resident's home region."""

    unit: Unit
    listing_type: CodeKey
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """What there is about a resident's listings.

    Attributes:
        resident: The resident.
        listings: All listings, the latest first.
        notes: All notes of listings in other counties, the latest first.
        places: Places in queues, the oldest first.
        requests: Listings that wait for the home region, the oldest first.
        remaining: The re-listings left, by listing type; empty where the home county is not served here.
        now: The moment it is of.
    """

    resident: Resident
    listings: list[KeptListing]
    notes: list[KeptNote]
    places: list[QueuedAt]
    requests: list[WaitingRequest]
    remaining: dict[CodeKey, int]
    now: datetime = field(compare=False)

    @property
    def present(self) -> list[KeptListing]:
        """The listings that have not ended, those to come included."""
        return [one for one in self.listings if is_open(one.listing, self.now)]

    @property
    def present_notes(self) -> list[KeptNote]:
        """The notes that have not ended."""
        return [one for one in self.notes if is_open(one.note, self.now)]


def is_open(one: Listing | OutOfCountyListing, now: datetime) -> bool:
    """Tell whether a listing or note has not ended."""
    return one.valid_to is None or one.valid_to > now


def of_resident(
    connection: Connection, resident: Resident, limits: Mapping[str, int], now: datetime
) -> Overview:
    """Return what there is about a resident's listings.

    Args:
        connection: A connection to the register.
        resident: The resident; whether it may be shown is for the caller to see.
        limits: Re-listings a resident may make in twelve months, by county, of the counties served here.
        now: The present, Swedish local time.
    """
    person = {"person_id": resident.person_id}
    found = connection.execute(ALL_LISTINGS, person).all()
    noted = connection.execute(ALL_NOTES, person).all()
    files = {file for row in (*found, *noted) for file in (row.added_from, row.loaded_from)}
    origins = _Origins(connection, resident.person_id, {one for one in files if one is not None})
    link = doctor_link(connection, resident.person_id, now)
    listings = []
    for added, loaded, *fields in found:
        values = iter(fields)
        one, at_unit = record(Listing, values), record(Unit, values)
        began = origins.of(ListingEvent.LISTED, one.unit, one.valid_from, added)
        ended = origins.of(ListingEvent.ENDED, one.unit, one.valid_to, loaded)
        active = one.valid_from <= now and is_open(one, now)
        doctor = link.staff if active and link is not None and link.holds_for(one) else None
        listings.append(KeptListing(one, at_unit, began, ended, doctor))
    notes = []
    for added, loaded, *fields in noted:
        note = record(OutOfCountyListing, iter(fields))
        began = origins.of(ListingEvent.NOTED, None, note.valid_from, added)
        notes.append(KeptNote(note, began, origins.of(ListingEvent.NOTE_ENDED, None, note.valid_to, loaded)))
    return Overview(
        resident,
        listings,
        notes,
        [one for county in sorted(limits) for one in queued_at(connection, resident.person_id, county, now)],
        _requests(connection, resident.person_id),
        _remaining(connection, resident, limits, listings, now),
        now,
    )


class _Origins:
    """What brought about the changes of a resident's listings: the log of changes and the loads tell it."""

    def __init__(self, connection: Connection, person_id: str, files: Collection[int]) -> None:
        # An entry is written at the moment that the change sets.
        self._logged = {
            (entry.kind, entry.unit_key, swedish(entry.logged_at)): HistoryOrigin(
                entry.source, by=entry.actor_id, reason=entry.reason
            )
            for entry in listing_log.entries(connection, person_id)
        }
        self._loads = {
            file: HistoryOrigin(source, load=number, by=by)
            for file, number, source, by in connection.execute(LOADS_OF_FILES, {"files": sorted(files)})
        }

    def of(
        self, event: ListingEvent, unit_key: HsaId | None, at: datetime | None, file: int | None
    ) -> HistoryOrigin | None:
        """Return what brought a change about; None where nothing happened or nobody wrote it down.

        Args:
            event: What happened.
            unit_key: The unit concerned.
            at: When; None where it has not happened.
            file: The file that says so, where no call or command did.
        """
        if at is None:
            return None
        logged = self._logged.get((event, unit_key, at))
        return logged if logged is not None or file is None else self._loads.get(file)


def _requests(connection: Connection, person_id: str) -> list[WaitingRequest]:
    return [
        WaitingRequest(record(Unit, iter(fields)), (code, code_system), requested_at)
        for code, code_system, requested_at, *fields in connection.execute(
            REQUESTS_THAT_WAIT, {"person_id": person_id}
        )
    ]


def _remaining(
    connection: Connection,
    resident: Resident,
    limits: Mapping[str, int],
    listings: Collection[KeptListing],
    now: datetime,
) -> dict[CodeKey, int]:
    """Return the re-listings left: of PV, and of every type that the resident has been listed with."""
    limit = limits.get(resident.home_county or "")
    if limit is None:
        return {}
    since = a_year_before(now)
    types = dict.fromkeys([PV.key, *((one.listing.code, one.listing.code_system) for one in listings)])
    return {
        one: max(0, limit - relistings_since(connection, resident.person_id, one, since, now))
        for one in types
    }
