"""UpdateListing 2.0: another region tells where a resident is listed (TKB 2.0, UpdateListing)."""

from datetime import datetime

from sqlalchemy import Connection

from contracts import rules
from contracts.codes import PV, ResultCode
from contracts.messages import UpdateListing
from contracts.texts import sentence
from listings import listing_log, places
from listings.changes import ListingChanges
from listings.create_listing import Refused
from listings.listing_log import Cause, ListingResult
from listings.settings import yearly_limits
from mapping.answers import carelisting
from producer.service import Call, Reply, Service
from register.directory import listing_types
from register.model import Resident
from register.residents import find_resident

_CONTRACT = "UpdateListing"


def update_listing(service: Service, call: Call, request: UpdateListing) -> Reply:
    """Take in what another region says; the same message again changes nothing.

    Who is protected or unknown is treated like others, so that the answer tells nothing about them.
    """
    county, _ = service.region(call)
    person = service.subject_of_carelisting(call, request.person_id, "personId")
    new = rules.county(request.new_listing_county, "newListingCounty")
    home = rules.county(request.home_county, "homeCounty")
    kind = (PV.code, PV.system)  # goes without saying
    if request.listing_type is not None:
        kind = (request.listing_type.code or "", request.listing_type.code_system or "")
    correlation_id = call.exchange.caller.correlation_id
    cause = Cause(
        source=_CONTRACT,
        actor_id=call.exchange.caller.consumer,
        log_id=call.exchange.log_id,
        correlation_id=correlation_id,
    )
    try:
        with service.register.writing() as connection:
            _check_type(connection, kind, county)
            changes = ListingChanges(connection, call.now, yearly_limits(service.settings.regions), cause)
            resident = find_resident(connection, person.extension)
            if resident is not None and correlation_id is not None:
                before = listing_log.answer_to_call(connection, resident.person_id, _CONTRACT, correlation_id)
                if before is not None:
                    if home == county != new:
                        _check_still_so(connection, changes.now, resident, new, kind)
                    return _answer(call, before)
            result = ListingResult(ResultCode.OK)
            if home == county:
                resident = resident or changes.add_resident(person.extension, county)
                _at_home(connection, changes, resident, new, county, kind)
            elif resident is not None and new != county:
                changes.end_listings(resident.person_id, kind, county)
                changes.withdraw_requests(resident.person_id, kind, county)
            if resident is not None:
                if resident.home_county != home:
                    changes.move(resident.person_id, home)
                changes.answered(resident.person_id, county, result)
            changes.finish()
    except Refused as refusal:
        result = ListingResult(refusal.code, sentence(refusal.text, log_id=call.exchange.log_id))
    return _answer(call, result)


def _check_type(connection: Connection, kind: tuple[str, str], county: str) -> None:
    """Refuse a type the region does not have (suite 3.2.1)."""
    types = listing_types(connection, county)
    if kind != (PV.code, PV.system) and kind not in {(one.code, one.code_system) for one in types}:
        raise Refused("type_unknown")


def _check_still_so(
    connection: Connection, now: datetime, resident: Resident, new: str, kind: tuple[str, str]
) -> None:
    """Refuse a message that comes again when the resident has been listed anew since.

    The region that sends it again never got the answer, and with OK it would list the resident a second time.
    """
    if {note.county for note in places.notes(connection, resident.person_id, kind, now)} != {new}:
        raise Refused("request_replaced")


def _at_home(
    connection: Connection,
    changes: ListingChanges,
    resident: Resident,
    new: str,
    county: str,
    kind: tuple[str, str],
) -> None:
    """Keep, as the home region, where the resident is listed.

    A county that is noted already has been told before: it is not counted a second time.
    """
    person_id = resident.person_id
    if new == county:
        changes.end_notes(person_id, kind, new_county=county, tell=False)
        return
    noted = {note.county for note in places.notes(connection, person_id, kind, changes.now)}
    if noted == {new}:
        changes.end_listings(person_id, kind, county)
        return
    replaces = changes.replaces_listing(person_id, kind, county)
    if replaces and changes.limit_reached(person_id, kind, county):
        raise Refused("maximum_annual_updates_exceeded", ResultCode.ERROR_MAXIMUM_ANNUAL_UPDATES_EXCEEDED)
    changes.end_listings(person_id, kind, county)
    changes.end_notes(person_id, kind, new_county=new, home_county=county)
    changes.put_note(person_id, new, kind, county, counts=replaces)


def _answer(call: Call, result: ListingResult) -> Reply:
    return Reply(carelisting.result(call.contract, result.code, result.text), outcome=result.code)
