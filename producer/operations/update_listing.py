"""UpdateListing 2.0: another region tells where a resident is listed (TKB 2.0, UpdateListing)."""

from datetime import datetime

from contracts import rules
from contracts.codes import PV
from contracts.messages import UpdateListing
from listings.changes import ListingChanges
from listings.forwarded import keep_notice
from listings.listing_log import Cause
from listings.results import ListingResult, Refused
from listings.settings import Mode, led_elsewhere, yearly_limits
from listings.update_listing import CONTRACT, Notice, take_in
from mapping.answers import carelisting
from producer import auditing
from producer.operations.forwarding import forwarded
from producer.service import Call, Reply, Service


def update_listing(service: Service, call: Call, request: UpdateListing) -> Reply:
    """Take in what the other region tells, by the rules."""
    county, region = service.region(call)
    caller = call.exchange.caller
    notice = _notice(service, call, request)
    cause = Cause(
        source=CONTRACT,
        actor_id=caller.consumer,
        log_id=call.exchange.log_id,
        correlation_id=caller.correlation_id,
    )
    regions = service.settings.regions
    limits, elsewhere = yearly_limits(regions), led_elsewhere(regions)
    if region.mode is Mode.FORWARD:

        def keep(said: ListingResult, answered_at: datetime) -> None:
            with service.register.patient.writing() as connection:
                changes = ListingChanges(connection, answered_at, limits, cause, elsewhere)
                keep_notice(connection, changes, notice, county, said, answered_at)
                changes.finish()

        return forwarded(service, call, county, request, keep)
    try:
        with auditing.changing(service.register, call) as connection:
            changes = ListingChanges(connection, call.now, limits, cause, elsewhere)
            result = take_in(connection, changes, notice, county)
            changes.finish()
            auditing.changed(connection, call, result.code)
    except Refused as refusal:
        result = refusal.result
    element = carelisting.listing_result(call.contract, result, call.exchange.log_id)
    return Reply(element, outcome=result.code)


def _notice(service: Service, call: Call, request: UpdateListing) -> Notice:
    person = service.subject_of_carelisting(call, request.person_id, "personId")
    listing_type = PV.key  # goes without saying
    if request.listing_type is not None:
        listing_type = (request.listing_type.code or "", request.listing_type.code_system or "")
    return Notice(
        person_id=person.extension,
        new_county=rules.county(request.new_listing_county, "newListingCounty"),
        home_county=rules.county(request.home_county, "homeCounty"),
        listing_type=listing_type,
        correlation_id=call.exchange.caller.correlation_id,
    )
