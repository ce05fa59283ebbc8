"""Changing a resident's listings, and all that follows from it.

A listing ends the one before and its doctor link the same moment (requirement rows S001-008, S001-013), takes
a place and frees one, and tells other regions (carelisting IS, flows between regions). Everything is written
in the one transaction the caller has begun; nothing is sent from here.
"""

from typing import Any

from sqlalchemy import insert

from contacts.doctors import doctor_link, selectable_doctors
from contacts.visibility import is_shown
from contracts.clock import a_year_before
from contracts.codes import PV, CodeKey, ResultCode
from contracts.identifiers import HsaId, PersonId
from listings import places
from listings.current import relistings_since
from listings.eligibility import type_is_offered, within_age
from listings.listing_log import Cause, ListingEvent
from listings.moves import Moves
from listings.results import ListingResult, listed_result
from listings.statements import WAITING
from register.directory import directory_of, find_unit
from register.ids import new_id
from register.model import Allotment, QueuePlace, Resident, Unit
from register.residents import find_resident
from register.tables import listing


class ListingChanges(Moves):
    """The changes of one transaction. The last thing to call is `finish`.

    Args:
        connection: A connection of `Register.writing`.
        now: The present, Swedish local time.
        limits: Re-listings a resident may make in twelve months, by county, of the counties served here.
        cause: Why the changes are made.
    """

    def list_resident(
        self,
        person: Resident,
        facility: Unit,
        listing_type: CodeKey,
        *,
        doctor: HsaId | None = None,
        request_id: str | None = None,
    ) -> bool:
        """List a resident at a facility now, in place of the listing of the type there is.

        Args:
            person: The resident.
            facility: Where.
            listing_type: The listing type.
            doctor: HSA-id of the doctor to have there.
            request_id: The request that is carried out; others are withdrawn.

        Returns:
            Whether a doctor link ended with the listing before.
        """
        county, unit_key = facility.county, facility.hsa_id
        at_home = person.home_county in (None, county)
        link = doctor_link(self._connection, person.person_id, self._now) if listing_type == PV.key else None
        ended = self.delist(person.person_id, listing_type, county)
        noted = self.end_notes(person.person_id, listing_type, new_county=county) if at_home else []
        self.leave_queue(person.person_id, listing_type, facility)
        for asked in self.withdraw_requests(person.person_id, listing_type, county, but=request_id):
            self._leave_queue(person.person_id, listing_type, county, asked)  # nor wait for what is given up
        code, code_system = listing_type
        listing_id = new_id()
        self.note(listing, listing_id, person.person_id)
        self._connection.execute(
            insert(listing),
            {
                "id": listing_id,
                "person_id": person.person_id,
                "unit_key": unit_key,
                "code": code,
                "code_system": code_system,
                "valid_from": self._now,
                "counts_as_change": at_home and bool(ended or noted),
            },
        )
        self.feed(listing, listing_id, begun=True)
        self._log(person.person_id, county, ListingEvent.LISTED, unit_key)
        self._mark(person.person_id)
        if doctor is not None:
            self.choose_doctor(person.person_id, facility, doctor)
        return link is not None and bool(ended)

    def end_listing(self, person_id: str, listing_type: CodeKey, county: str, unit_key: HsaId) -> list[HsaId]:
        """End a resident's listings of a type at a unit, with nothing in their place.

        The home region of a living resident of another county is told (carelisting IS, flow 13).

        Args:
            person_id: The resident.
            listing_type: The listing type.
            county: The unit's county.
            unit_key: The unit.

        Returns:
            The unit, if the resident was listed there now; nothing if there was no listing, or one to come.
        """
        ended = self.delist(person_id, listing_type, county, unit_key=unit_key)
        person = find_resident(self._connection, person_id)
        if ended and person is not None and not person.is_deceased(self.now.date()):
            home = person.home_county
            if home not in (None, county):
                self.tell(home, person_id, home, home, listing_type, here=county)
        return ended

    def settle_request(self, request_id: str, code: ResultCode, text: str | None) -> None:
        """Carry out a listing that waited for the home region, or undo it, by the region's answer.

        Args:
            request_id: The request. One that was withdrawn while its message was on its way is carried out if
                nothing has taken its place and the facility has room: that is what the home region knows now.
                One that was given up is not, and the home region is told.
            code: The home region's resultCode.
            text: Its resultText, which the resident may read.
        """
        row = self._request(request_id)
        facility = find_unit(self._connection, row.unit_key)
        agreed = code in (ResultCode.OK, ResultCode.INFO)
        if row.state == "moved":
            return  # flow 9: the region that was asked learns of the move by itself
        if row.state != WAITING:
            if not agreed or not self._has_nothing(row, facility.county):
                return
            taken = places.vacant(self._connection, facility, (row.code, row.code_system), self._now) == 0
            if row.state != "withdrawn" or taken:
                self.tell_it_is_not_here(row.id)
                return
        if agreed:
            result = self._carry_out(row, facility)
        else:
            result = ListingResult(code, None if text else "home_region_refused", text=text or None)
            self._settled(row, "refused", result)
        self._freed[row.unit_key] = None
        cause = Cause(
            source=self._cause.source,
            actor_type=row.actor_type,
            actor_id=row.actor_id,
            log_id=self._cause.log_id,
            fingerprint=row.fingerprint,
        )
        self.answered(row.person_id, facility.county, result, cause)

    def _has_nothing(self, row: Any, county: str) -> bool:
        listing_type = (row.code, row.code_system)
        return not (
            places.listings(self._connection, row.person_id, listing_type, county, self._now)
            or places.waiting_requests(self._connection, row.person_id, listing_type, county)
        )

    def _carry_out(self, row: Any, facility: Unit) -> ListingResult:
        person = find_resident(self._connection, row.person_id)
        listing_type = (row.code, row.code_system)
        today = self._now.date()
        if person is None or person.is_deceased(today) or (facility.valid_to and facility.valid_to < today):
            # The home region believes the resident is listed here, and must hear that it is not so.
            self.tell_it_is_not_here(row.id)
            found_by = {"log_id": self._cause.log_id or row.id}
            result = ListingResult(ResultCode.ERROR, "facility_not_found", found_by)
            self._settled(row, "withdrawn", result)
            return result
        doctor = row.staff_key
        if doctor is not None and not self.is_selectable(facility, doctor):
            doctor = None
        had_doctor = self.list_resident(person, facility, listing_type, doctor=doctor, request_id=row.id)
        result = listed_result(
            facility,
            doctor_ended=had_doctor,
            doctor_wanted=row.staff_key is not None,
            doctor_kept=doctor is not None,
        )
        self._settled(row, "confirmed", result)
        return result

    def is_selectable(self, facility: Unit, doctor: HsaId) -> bool:
        """Tell whether residents can choose a doctor at a facility now."""
        found = selectable_doctors(self._connection, facility.hsa_id, facility.county, self._now)
        return doctor in [one.hsa_id for one in found]

    def limit_reached(self, person_id: str, listing_type: CodeKey, county: str) -> bool:
        """Tell whether a resident of a county has used up the re-listings of twelve months."""
        since = a_year_before(self._now)
        done = relistings_since(self._connection, person_id, listing_type, since, self._now)
        return done >= self._limits[county]

    def fill(self, facility: Unit) -> None:
        """Give free places at a facility to those in its queue, first in line first, if it is automatic.

        A resident whom the rules keep from it is passed over and stays in the queue: one with protected
        identity, one who is not of the age that the type is for (or whose number does not tell it) or waits
        for one that is not offered, one who has used up the yearly re-listings, one whose home region is
        being asked or has refused.
        """
        ours = facility.county in self._limits and facility.county not in self._led_elsewhere
        automatic = facility.allotment is Allotment.AUTOMATIC and ours
        if not automatic or not self._takes_listings(facility):
            return
        full: set[CodeKey] = set()
        for place in places.queue(self._connection, facility.hsa_id, self._now):
            listing_type = (place.code, place.code_system)
            if listing_type in full:
                continue
            if places.room(self._connection, facility, listing_type, self._now) == 0:
                full.add(listing_type)
            else:
                self.allot(place, facility)

    def allot(self, place: QueuePlace, facility: Unit, *, again: bool = False) -> bool:
        """Give the resident at a queue place a listing; False if the rules keep the resident from it.

        Args:
            place: The place.
            facility: The facility whose queue it is in; whether it has room is for the caller to see.
            again: Whether staff have named the resident: a home region that has refused before is asked
                again, and an age that the number does not tell is theirs to know.
        """
        person = find_resident(self._connection, place.person_id)
        listing_type, county = (place.code, place.code_system), facility.county
        if person is None or not self._can_have(person, facility, listing_type, again):
            return False
        current = places.listings(self._connection, person.person_id, listing_type, county, self._now)
        if any(one.unit_key == facility.hsa_id and one.valid_from <= self._now for one in current):
            self.leave_queue(person.person_id, listing_type, facility)  # there is nothing to wait for
            return False
        at_home = person.home_county in (None, county)
        if at_home or county in self._led_elsewhere:
            replaces = self.replaces_listing(person.person_id, listing_type, county)
            if at_home and replaces and self.limit_reached(person.person_id, listing_type, county):
                return False
            self.list_resident(person, facility, listing_type)
            return True
        if places.waiting_requests(self._connection, person.person_id, listing_type, county):
            return False  # one question at a time: places in two queues would take turns to be given up
        if "refused" in places.request_states(self._connection, place.id) and not again:
            return False
        self.request(person, facility, listing_type, place_id=place.id)
        return True

    def _can_have(self, person: Resident, facility: Unit, listing_type: CodeKey, named: bool) -> bool:
        """Tell whether a resident could ask for what a place in a queue leads to: as for CreateListing.

        Guardians have consented when the place was taken. Whose number does not tell the age
        waits for staff to name them.
        """
        if not is_shown(person, self._now.date()) or not self._takes_listings(facility):
            return False
        county, today = facility.county, self._now.date()
        directory = directory_of(self._connection)
        types, offered = directory.listing_types(county), directory.offered_types(facility.hsa_id)
        home = person.home_county or county
        identity = PersonId.from_number(person.person_id, check_digits=False)
        fits = within_age(types, listing_type, identity, today)
        return type_is_offered(offered, types, listing_type, county, home) and (
            named if fits is None else fits
        )

    def _takes_listings(self, facility: Unit) -> bool:
        return facility.listable and facility.is_open(self._now.date())

    def replaces_listing(self, person_id: str, listing_type: CodeKey, county: str) -> bool:
        """Tell whether a resident of a county is listed with a type, there or elsewhere."""
        current = places.listings(self._connection, person_id, listing_type, county, self._now)
        return any(one.valid_from <= self._now for one in current) or bool(
            places.notes(self._connection, person_id, listing_type, self._now)
        )

    def finish(self) -> None:
        """Give the places that became free to those in the queues, and then the places these have left.

        Answers are logged after that: who asked may be one of those, and the same request is known again
        only when its answer is the last entry.
        """
        while self._freed:
            unit_key = next(iter(self._freed))
            del self._freed[unit_key]
            self.fill(find_unit(self._connection, unit_key))
        for person_id, county, result, cause in self._answers:
            self._log(person_id, county, ListingEvent.ANSWERED, result=result, cause=cause)
