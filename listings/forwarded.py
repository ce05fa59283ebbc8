"""Keeping what a region's own listing system has done (mode forward, docs/modes.md).

It has decided, so nothing is refused here. What cannot be kept is not guessed at: the listing system's next
load says how it is, and as nothing was written that row is a new one for the register (docs/loads.md).
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from contracts.clock import utc
from contracts.codes import ResultCode
from contracts.identifiers import HsaId
from listings import listing_log, places, statements
from listings.changes import ListingChanges
from listings.facilities import find_facility
from listings.results import ListingResult
from listings.update_listing import Notice, take_in
from listings.wish import Circumstances, Wish
from register.model import Resident
from register.residents import find_resident
from register.tables import staff


class NoAnswerError(Exception):
    """A region's own listing system gave no answer that can be believed; the text has no personal data."""


class NotKeptError(Exception):
    """What the listing system has done is not kept here; the text is one word or two for the log."""


class WaitsError(NotKeptError):
    """It is yet to be done: the listing system waits for the resident's home region."""


def keep_wish(wish: Wish, here: Circumstances, said: ListingResult, answered_at: datetime) -> None:
    """Keep what a CreateListing led to that the listing system has answered OK or INFO.

    The same wish again is kept once, and a doctor only if the answer is OK: the text of an INFO may say that
    another became of that. Facility, queue and doctor are taken for what they are in the register.

    Args:
        wish: What was asked for.
        here: What it meets, in the transaction that keeps it.
        said: The answer.
        answered_at: When it came, Swedish local time.

    Raises:
        NotKeptError: It cannot be kept; the transaction must be rolled back.
    """
    connection, changes, listing_type = here.connection, here.changes, wish.listing_type
    resident = find_resident(connection, wish.person.extension)
    if resident is not None:
        before = listing_log.answer_before(
            connection, resident.person_id, wish.fingerprint, utc(here.now), here.window
        )
        if before is not None:
            return
        _check_order(connection, resident, answered_at)
    facility = find_facility(connection, wish.facility, here.county, here.now)
    if facility is None:
        raise NotKeptError("facility unknown")
    home, unit = wish.home_county or here.county, facility.unit
    if resident is None:
        resident = changes.add_resident(wish.person.extension, home)
    else:
        changes.claim_county(resident.person_id, home, here.county)
        resident = replace(resident, home_county=home)
    person_id = resident.person_id
    current = places.listings(connection, person_id, listing_type, here.county, here.now)
    is_listed = any(one.unit_key == wish.facility and one.valid_from <= here.now for one in current)
    has_place = places.place(connection, person_id, listing_type, wish.facility, here.now) is not None
    is_full = places.room(connection, unit, listing_type, here.now) == 0
    doctor = wish.doctor if said.code is ResultCode.OK and _is_known(connection, wish.doctor) else None
    if has_place and not wish.add_to_queue:
        changes.leave_queue(person_id, listing_type, unit)
    elif is_listed:
        if doctor is not None:
            changes.choose_doctor(person_id, unit, doctor)
    elif wish.add_to_queue and (has_place or (is_full and unit.offers_queue)):
        if not has_place:
            changes.join_queue(person_id, unit, listing_type)
    elif home != here.county and (here.region.home_region == "later" or said.code is not ResultCode.OK):
        raise WaitsError("waits for the home region")  # what waits is not shown (TKB 2.1, flow 11b)
    else:
        changes.list_resident(resident, unit, listing_type, doctor=doctor)
    changes.answered(person_id, here.county, said)


def keep_notice(
    connection: Connection,
    changes: ListingChanges,
    notice: Notice,
    county: str,
    said: ListingResult,
    answered_at: datetime,
) -> None:
    """Keep what an UpdateListing led to that the listing system has answered OK or INFO.

    Of a resident of the county the other county is noted; of one who is not only what she had here ends.

    Args:
        connection: A connection of `Register.writing`.
        changes: The changes of its transaction.
        notice: What was told.
        county: The county addressed.
        said: The answer.
        answered_at: When it came, Swedish local time.

    Raises:
        NotKeptError: It cannot be kept; the transaction must be rolled back.
    """
    resident = find_resident(connection, notice.person_id)
    if resident is not None:
        _check_order(connection, resident, answered_at)
    take_in(connection, changes, notice, county, decided=said)


def _check_order(connection: Connection, resident: Resident, answered_at: datetime) -> None:
    """Refuse to keep an answer when one that came later has been kept: two callers at once."""
    values = {"person_id": resident.person_id}
    last = next(iter(statements.LAST_ENTRY.named(connection, values)), None)
    if last is not None and last.logged_at > utc(answered_at):
        raise NotKeptError("overtaken")


def _is_known(connection: Connection, doctor: HsaId | None) -> bool:
    if doctor is None:
        return False
    return connection.scalar(select(staff.c.hsa_key).where(staff.c.hsa_key == doctor)) is not None
