"""CreateListing 2.0: list the resident, choose a doctor, join or leave a queue (TKB 2.0, CreateListing)."""

import time
from datetime import datetime, timedelta

from sqlalchemy import Connection

from contracts import rules
from contracts.codes import ResultCode
from contracts.identifiers import HsaId
from contracts.messages import CreateListing
from listings import places, region_messages
from listings.changes import ListingChanges
from listings.create_listing import check_asker, decide
from listings.forwarded import keep_wish
from listings.listing_log import Cause
from listings.results import ListingResult, Refused
from listings.settings import Mode, RegionSettings, led_elsewhere, yearly_limits
from listings.statements import WAITING
from listings.wish import Circumstances, Wish, WishOutcome
from mapping.answers import carelisting
from producer import auditing
from producer.operations.forwarding import forwarded
from producer.service import Call, Reply, Service
from producer.serving.waiting import waits_long

_LONGEST_WAIT_SECONDS = 20.0
"""How long a request waits for the answer that an earlier one like it has asked the home region for."""

_POLL_SECONDS = 0.05


def create_listing(service: Service, call: Call, request: CreateListing) -> Reply:
    """Carry out the wish by the rules, and wait for the home region where the region's setting says so."""
    county, region = service.region(call)
    wish = _wish(service, call, request)
    if region.mode is Mode.FORWARD:
        return _forwarded(service, call, request, wish)
    try:
        outcome = _decide(service, call, wish, county, region)
    except Refused as refusal:
        return _answer(call, refusal.result)
    if outcome.message_id is None and outcome.request_id is None:
        return _answer(call, outcome.result)
    with waits_long():  # also where there is no room: what is to be asked has been stored
        if outcome.message_id is not None and service.deliver is not None:
            service.deliver(outcome.message_id)
        result = outcome.result if outcome.request_id is None else _settled(service, call, outcome)
    return _answer(call, result)


def _wish(service: Service, call: Call, request: CreateListing) -> Wish:
    person = service.subject_of_carelisting(call, request.person_id, "personId", request.actor)
    home, new = request.home_county, request.new_listing_county
    return Wish(
        person=person,
        actor_type=request.actor.actor_type,
        actor_id=rules.actor_id(request.actor, check_digits=service.check_digits),
        facility=HsaId(request.healthcare_facility),
        listing_type=(request.listing_type.code or "", request.listing_type.code_system or ""),
        doctor=HsaId(request.healthcare_personnel) if request.healthcare_personnel else None,
        add_to_queue=bool(request.add_to_queue),
        home_county=None if home is None else rules.county(home, "homeCounty"),
        new_county=None if new is None else rules.county(new, "newListingCounty"),
    )


def _decide(service: Service, call: Call, wish: Wish, county: str, region: RegionSettings) -> WishOutcome:
    waits = region.home_region == "first" and service.deliver is not None
    with auditing.changing(service.register, call) as connection:
        here = _circumstances(service, call, wish, connection, call.now, service.sender if waits else None)
        outcome = decide(wish, here)
        here.changes.finish()
        auditing.changed(connection, call, outcome.result.code)
    return outcome


def _forwarded(service: Service, call: Call, request: CreateListing, wish: Wish) -> Reply:
    """Have the region's own listing system decide; whoever is not to ask is refused here."""
    try:
        with service.register.reading() as connection:
            check_asker(wish, _circumstances(service, call, wish, connection, call.now))
    except Refused as refusal:
        return _answer(call, refusal.result)

    def keep(said: ListingResult, answered_at: datetime) -> None:
        with service.register.patient.writing() as connection:
            here = _circumstances(service, call, wish, connection, answered_at)
            keep_wish(wish, here, said, answered_at)
            here.changes.finish()

    return forwarded(service, call, service.region(call)[0], request, keep)


def _circumstances(
    service: Service,
    call: Call,
    wish: Wish,
    connection: Connection,
    now: datetime,
    sender: str | None = None,
) -> Circumstances:
    county, region = service.region(call)
    regions = service.settings.regions
    cause = Cause(
        source=call.contract.name,
        actor_type=wish.actor_type,
        actor_id=wish.actor_id,
        log_id=call.exchange.log_id,
        correlation_id=call.exchange.caller.correlation_id,
        fingerprint=wish.fingerprint,
    )
    changes = ListingChanges(connection, now, yearly_limits(regions), cause, led_elsewhere(regions))
    return Circumstances(
        connection=connection,
        changes=changes,
        now=changes.now,
        county=county,
        region=region,
        window=timedelta(minutes=service.settings.carelisting.repeat_minutes),
        sender=sender,
    )


def _settled(service: Service, call: Call, outcome: WishOutcome) -> ListingResult:
    """Return what came of a listing request, as soon as that is known; as things are, when it takes long."""
    request_id = outcome.request_id or ""
    give_up = time.monotonic() + (0 if outcome.message_id is not None else _LONGEST_WAIT_SECONDS)
    while True:
        with service.register.reading() as connection:
            state, result = places.request_outcome(connection, request_id)
            is_being_sent = region_messages.is_being_sent(connection, request_id)
        if result is not None:
            return result
        if state != WAITING:  # a later wish has taken its place
            return ListingResult(ResultCode.ERROR, "request_replaced")
        if not is_being_sent or time.monotonic() >= give_up:  # the next attempt is minutes away
            return outcome.result
        time.sleep(_POLL_SECONDS)


def _answer(call: Call, result: ListingResult) -> Reply:
    element = carelisting.listing_result(call.contract, result, call.exchange.log_id)
    return Reply(element, outcome=result.code)
