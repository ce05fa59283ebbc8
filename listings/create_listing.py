"""The rules of CreateListing: what a resident's wish leads to (docs/listing-rules.md has them as a table).

`decide` is called within the transaction that carries the wish out, after every change before it: what it
finds still holds when the transaction ends.
"""

from dataclasses import replace

from contacts.doctors import doctor_link
from contacts.visibility import is_shown
from contracts.clock import utc
from contracts.codes import PV, ActorType, ResultCode
from listings import listing_log, places
from listings.eligibility import is_adult, type_is_offered, within_age
from listings.facilities import Facility, find_facility
from listings.results import OK, ListingResult, Refused, listed_result
from listings.wish import Circumstances, Wish, WishOutcome
from register.directory import find_unit, listing_types
from register.model import Resident
from register.residents import find_resident, guardians


def decide(wish: Wish, here: Circumstances) -> WishOutcome:
    """Carry out a wish by the rules of the contract and the region.

    Raises:
        Refused: The rules refuse it; the transaction must be rolled back.
    """
    _check_receiver(wish, here.county)
    found = find_resident(here.connection, wish.person.extension)
    # Who is protected or deceased gets what an unknown person of the county gets (design rule 5).
    resident = found if is_shown(found, here.now.date()) else None
    _check_actor(wish, here, resident)
    if resident is None:
        if found is not None or wish.home_county in (None, here.county):
            raise Refused("person_not_found")
        resident = Resident(wish.person.extension, wish.home_county)
    _check_guardian(wish, here, resident)
    before = _answer_before(wish, here, resident)
    if before is not None:
        return before
    if not wish.add_to_queue and _leave_queue(wish, here, resident):
        return _answered(here, resident, OK)
    if wish.home_county is None and resident.home_county not in (None, here.county):
        raise Refused("home_county_missing")
    home = wish.home_county or here.county
    facility = find_facility(here.connection, wish.facility, here.county, here.now)
    if facility is None:
        raise Refused("facility_not_found")
    _check_type(wish, here, facility, home)
    if found is None:
        here.changes.add_resident(resident.person_id, home)
    else:
        # The consumer has it from the population register at the moment of the call (TKB 2.0, homeCounty), so
        # the wish is dealt with by it; what a source has brought stays until its next load.
        here.changes.claim_county(resident.person_id, home, here.county)
    return _carry_out(wish, here, replace(resident, home_county=home), facility)


def check_asker(wish: Wish, here: Circumstances) -> None:
    """Refuse a wish that is not for this region, or of somebody who is not to ask for the resident.

    Raises:
        Refused: It is one.
    """
    _check_receiver(wish, here.county)
    found = find_resident(here.connection, wish.person.extension)
    resident = found if is_shown(found, here.now.date()) else None
    _check_actor(wish, here, resident)
    if resident is not None:
        _check_guardian(wish, here, resident)


def _check_receiver(wish: Wish, county: str) -> None:
    if wish.new_county not in (None, county):
        raise Refused("wrong_receiver")
    if wish.home_county not in (None, county) and wish.new_county is None:
        raise Refused("new_county_missing")


def _check_actor(wish: Wish, here: Circumstances, resident: Resident | None) -> None:
    if wish.actor_type not in here.region.create_listing_actors:
        raise Refused("actor_not_allowed")
    if wish.actor_type is ActorType.CITIZEN:
        own = {wish.person.extension}
        if resident is not None:
            own |= {resident.person_id, *resident.other_ids}
        if wish.actor_id not in own:
            raise Refused("not_oneself")


def _check_guardian(wish: Wish, here: Circumstances, resident: Resident) -> None:
    """Refuse a GUARDIAN who is not one of those known, whatever the wish."""
    known = {one.guardian_id for one in guardians(here.connection, resident.person_id)}
    if wish.actor_type is ActorType.GUARDIAN and known and wish.actor_id not in known:
        raise Refused("not_guardian")


def _answer_before(wish: Wish, here: Circumstances, resident: Resident) -> WishOutcome | None:
    """Return the outcome that the same wish had, if it has come before and nothing has happened since."""
    waiting = places.waiting_requests(here.connection, resident.person_id, wish.listing_type, here.county)
    before = listing_log.answer_before(
        here.connection, resident.person_id, wish.fingerprint, utc(here.now), here.window
    )
    if before is None:
        return None
    same = next((one.id for one in waiting if one.fingerprint == wish.fingerprint), None)
    return WishOutcome(before, request_id=same if here.sender else None)


def _leave_queue(wish: Wish, here: Circumstances, resident: Resident) -> bool:
    """Take the resident out of the queue, also of a facility that has stopped taking listings or the type."""
    if places.place(here.connection, resident.person_id, wish.listing_type, wish.facility, here.now) is None:
        return False
    unit = find_unit(here.connection, wish.facility)
    if unit.county != here.county:
        return False
    here.changes.give_up_requests(resident.person_id, wish.listing_type, unit)
    return here.changes.leave_queue(resident.person_id, wish.listing_type, unit)


def _check_type(wish: Wish, here: Circumstances, facility: Facility, home: str) -> None:
    """Refuse a type that the facility does not offer, or not to residents of the county (TKB 2.0, IS 5.4)."""
    types = listing_types(here.connection, here.county)
    if not type_is_offered(facility.listing_types, types, wish.listing_type, here.county, home):
        raise Refused("type_not_offered")


def _carry_out(wish: Wish, here: Circumstances, resident: Resident, facility: Facility) -> WishOutcome:
    changes, unit, person_id = here.changes, facility.unit, resident.person_id
    changes.fill(unit)  # those in the queue come before whoever comes now
    current = places.listings(here.connection, person_id, wish.listing_type, here.county, here.now)
    if any(one.unit_key == wish.facility and one.valid_from <= here.now for one in current):
        return _at_own_unit(wish, here, resident, facility)
    if places.place(here.connection, person_id, wish.listing_type, wish.facility, here.now) is not None:
        return WishOutcome(OK)
    _check_age(wish, here)
    _check_consent(wish, here, resident)
    if wish.doctor is not None:
        _check_doctor(wish, here, facility, resident)
    waiting = places.waiting_requests(here.connection, person_id, wish.listing_type, here.county)
    holds_place = any(one.unit_key == wish.facility for one in waiting)
    if not holds_place and places.room(here.connection, unit, wish.listing_type, here.now) == 0:
        if not (wish.add_to_queue and unit.offers_queue):
            raise Refused("maximum_citizen_reached", ResultCode.ERROR_MAXIMUM_CITIZEN_REACHED_ON_CAREUNIT)
        changes.join_queue(person_id, unit, wish.listing_type)
        if wish.doctor is None:
            return _answered(here, resident, OK)
        result = ListingResult(ResultCode.INFO, "doctor_after_queue", {"unit": unit.name})
        return _answered(here, resident, result)
    if resident.home_county != here.county:
        if here.region.leads:
            return _ask_home_region(wish, here, resident, facility)
    elif changes.replaces_listing(person_id, wish.listing_type, here.county) and changes.limit_reached(
        person_id, wish.listing_type, here.county
    ):
        raise Refused("maximum_annual_updates_exceeded", ResultCode.ERROR_MAXIMUM_ANNUAL_UPDATES_EXCEEDED)
    doctor_ended = changes.list_resident(resident, unit, wish.listing_type, doctor=wish.doctor)
    result = listed_result(
        unit, doctor_ended=doctor_ended, doctor_wanted=wish.doctor is not None, doctor_kept=True
    )
    return _answered(here, resident, result)


def _at_own_unit(wish: Wish, here: Circumstances, resident: Resident, facility: Facility) -> WishOutcome:
    """Choose or change doctor where the resident is listed; neither uses up a re-listing (TKB 2.0)."""
    here.changes.withdraw_requests(resident.person_id, wish.listing_type, here.county)
    if wish.doctor is None:
        return WishOutcome(OK)
    link = doctor_link(here.connection, resident.person_id, here.now)
    if wish.listing_type == PV.key and link is not None and link.staff.hsa_id == wish.doctor:
        return WishOutcome(OK)
    _check_doctor(wish, here, facility, resident)
    here.changes.choose_doctor(resident.person_id, facility.unit, wish.doctor)
    return _answered(here, resident, OK)


def _check_age(wish: Wish, here: Circumstances) -> None:
    types = listing_types(here.connection, here.county)
    fits = within_age(types, wish.listing_type, wish.person, here.now.date())
    if fits is None and here.age_vouched_for:
        return
    if fits is None:  # ERROR_AGE_LIMIT would say that the resident is too young or too old
        raise Refused("age_unknown")
    if not fits:
        raise Refused("age_limit", ResultCode.ERROR_AGE_LIMIT)


def _check_consent(wish: Wish, here: Circumstances, resident: Resident) -> None:
    """Refuse a minor's listing that a guardian has not agreed to.

    Whose number leaves it open whether they are 18 is asked for the consent of the guardians that the
    register knows; where it knows none, nobody can tell whether there should be some.
    """
    adult = is_adult(wish.person, here.now.date())
    if here.region.guardian_consent == "presumed" or adult:
        return
    known = guardians(here.connection, resident.person_id)
    if adult is None and not known:
        raise Refused("age_unknown")
    # Who asks for the listing consents by asking.
    if not known or any(not one.consents and one.guardian_id != wish.actor_id for one in known):
        raise Refused("guardian_consent_needed", ResultCode.ERROR_GUARDIAN_CONSENT_NEEDED)


def _check_doctor(wish: Wish, here: Circumstances, facility: Facility, resident: Resident) -> None:
    for_all = here.region.personnel_for == "everybody" or resident.home_county == here.county
    if wish.listing_type != PV.key:
        raise Refused("doctor_only_with_pv")
    if not facility.unit.offers_choice_of_personnel:
        raise Refused("doctor_not_offered")
    if not for_all:
        raise Refused("doctor_for_residents")
    if wish.doctor is None or not here.changes.is_selectable(facility.unit, wish.doctor):
        raise Refused("doctor_not_selectable")


def _ask_home_region(wish: Wish, here: Circumstances, resident: Resident, facility: Facility) -> WishOutcome:
    """List a resident of another county when the home region has agreed (IS flows 11a and 11b)."""
    request_id, message_id = here.changes.request(
        resident, facility.unit, wish.listing_type, doctor=wish.doctor, sender=here.sender
    )
    if here.sender is None:
        result = ListingResult(ResultCode.OK, "home_region_asked", {"unit": facility.unit.name})
        return _answered(here, resident, result)
    result = ListingResult(ResultCode.INFO, "home_region_slow", {"unit": facility.unit.name})
    _answered(here, resident, result)
    return WishOutcome(result, request_id, message_id)


def _answered(here: Circumstances, resident: Resident, result: ListingResult) -> WishOutcome:
    here.changes.answered(resident.person_id, here.county, result)
    return WishOutcome(result)
