"""The rules of UpdateListing: what another region's notice leads to (docs/listing-rules.md, as a table)."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from contacts.visibility import is_shown
from contracts.codes import PV, CodeKey, ResultCode
from listings import listing_log, places
from listings.changes import ListingChanges
from listings.results import OK, ListingResult, Refused
from register.directory import listing_types
from register.model import Resident
from register.residents import find_resident

CONTRACT = "UpdateListing"


@dataclass(frozen=True, slots=True)
class Notice:
    """What another region tells: where a resident is listed.

    Attributes:
        person_id: The resident.
        new_county: County where the resident is now listed.
        home_county: The resident's home county.
        listing_type: With which type.
        correlation_id: The platform's correlation id, by which the same notice is known when it comes again.
    """

    person_id: str = field(repr=False)
    new_county: str
    home_county: str
    listing_type: CodeKey
    correlation_id: str | None


def take_in(
    connection: Connection,
    changes: ListingChanges,
    notice: Notice,
    county: str,
    *,
    decided: ListingResult | None = None,
) -> ListingResult:
    """Take in what another region tells; the same notice again changes nothing.

    Who is protected or unknown is treated like others, so that the answer tells nothing about them.

    Args:
        connection: A connection of `Register.writing`.
        changes: The changes of its transaction.
        notice: What is told.
        county: The county addressed.
        decided: The answer of the region's own listing system, that it is done; nothing is refused then.

    Raises:
        Refused: The rules refuse it; the transaction must be rolled back.
    """
    if decided is None:
        _check_type(connection, notice.listing_type, county)
    resident = find_resident(connection, notice.person_id)
    is_home, leaves = notice.home_county == county, notice.new_county != county
    if resident is not None and notice.correlation_id is not None:
        before = listing_log.answer_to_call(connection, resident.person_id, CONTRACT, notice.correlation_id)
        if before is not None:
            if decided is None and is_home and leaves:
                _check_still_so(connection, changes.now, resident, notice)
            return before
    contradicted = resident is not None and changes.claim_county(
        resident.person_id, notice.home_county, county
    )
    if contradicted and resident is not None and resident.home_county == county:
        pass  # whoever tells takes the resident for another county's: the next load decides
    elif is_home:
        resident = resident or changes.add_resident(notice.person_id, county)
        _at_home(connection, changes, resident, notice, county, limited=decided is None)
    elif resident is not None and leaves:
        changes.delist(resident.person_id, notice.listing_type, county)
        changes.withdraw_requests(resident.person_id, notice.listing_type, county)
    # The answer about somebody who is not shown is the one about an unknown person.
    result = decided or (
        ListingResult(ResultCode.INFO, "home_county_contradicted")
        if contradicted and is_shown(resident, changes.now.date())
        else OK
    )
    if resident is not None:
        changes.answered(resident.person_id, county, result)
    return result


def _check_type(connection: Connection, listing_type: CodeKey, county: str) -> None:
    """Refuse a type the region does not have (suite 3.2.1)."""
    types = listing_types(connection, county)
    if listing_type != PV.key and listing_type not in {one.key for one in types}:
        raise Refused("type_unknown")


def _check_still_so(connection: Connection, now: datetime, resident: Resident, notice: Notice) -> None:
    """Refuse a notice that comes again when the resident has been listed anew since.

    The region that sends it again never got the answer, and with OK it would list the resident a second time.
    """
    notes = places.notes(connection, resident.person_id, notice.listing_type, now)
    if {note.county for note in notes} != {notice.new_county}:
        raise Refused("request_replaced")


def _at_home(
    connection: Connection,
    changes: ListingChanges,
    resident: Resident,
    notice: Notice,
    county: str,
    *,
    limited: bool,
) -> None:
    """Keep, as the home region, where the resident is listed.

    A county that is noted already has been told before: it is not counted a second time.
    """
    person_id, listing_type, new = resident.person_id, notice.listing_type, notice.new_county
    if new == county:
        changes.end_notes(person_id, listing_type, new_county=county, tell=False)
        return
    noted = {note.county for note in places.notes(connection, person_id, listing_type, changes.now)}
    if noted == {new}:
        changes.delist(person_id, listing_type, county)
        return
    replaces = changes.replaces_listing(person_id, listing_type, county)
    if limited and replaces and changes.limit_reached(person_id, listing_type, county):
        raise Refused("maximum_annual_updates_exceeded", ResultCode.ERROR_MAXIMUM_ANNUAL_UPDATES_EXCEEDED)
    changes.delist(person_id, listing_type, county)
    changes.end_notes(person_id, listing_type, new_county=new, home_county=county)
    changes.put_note(person_id, new, listing_type, county, counts=replaces)
