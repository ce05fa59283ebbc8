"""Changing a resident's listings, and all that follows from it.

A listing ends the one before and its doctor link the same moment (requirement rows S001-008, S001-013), takes
a place and frees one, and tells other regions (carelisting IS, flows between regions). Everything is written
in the one transaction the caller has begun; nothing is sent from here.
"""

from typing import Any

from sqlalchemy import Row, insert, update

from contacts.doctors import doctor_link, selectable_doctors
from contracts.clock import a_year_before
from contracts.codes import PV, CodeKey, ResultCode
from contracts.identifiers import hsa_key
from contracts.texts import sentence
from listings import places, region_messages
from listings.current import changes_since
from listings.listing_log import Cause, ListingEvent, ListingResult
from listings.writes import Writes
from register.directory import find_unit
from register.ids import new_id
from register.model import Allotment, QueuePlace, Resident, Unit
from register.residents import find_resident
from register.tables import (
    listing,
    listing_request,
)

_PV = (PV.code, PV.system)


class ListingChanges(Writes):
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
        kind: CodeKey,
        *,
        doctor: str | None = None,
        request_id: str | None = None,
    ) -> bool:
        """List a resident at a facility now, in place of the listing of the type there is.

        Args:
            person: The resident.
            facility: Where.
            kind: The listing type.
            doctor: HSA-id of the doctor to have there.
            request_id: The request that is carried out; others are withdrawn.

        Returns:
            Whether a doctor link ended with the listing before.
        """
        county, unit_key = facility.county, hsa_key(facility.hsa_id)
        at_home = person.home_county in (None, county)
        had_doctor = kind == _PV and doctor_link(self._connection, person.person_id, self._now) is not None
        ended = self.end_listings(person.person_id, kind, county)
        noted = self.end_notes(person.person_id, kind, new_county=county) if at_home else []
        self.leave_queue(person.person_id, kind, facility)
        self.withdraw_requests(person.person_id, kind, county, but=request_id)
        self._connection.execute(
            insert(listing),
            {
                "id": new_id(),
                "person_id": person.person_id,
                "unit_key": unit_key,
                "code": kind[0],
                "code_system": kind[1],
                "valid_from": self._now,
                "counts_as_change": at_home and bool(ended or noted),
            },
        )
        self._log(person.person_id, county, ListingEvent.LISTED, unit_key)
        self._mark(person.person_id)
        if doctor is not None:
            self.choose_doctor(person.person_id, facility, doctor)
        return had_doctor and bool(ended)

    def request(
        self,
        person: Resident,
        facility: Unit,
        kind: CodeKey,
        *,
        doctor: str | None = None,
        place_id: str | None = None,
        sender: str | None = None,
    ) -> tuple[str, int | None]:
        """Ask the home region about a listing here, which holds its place until the answer comes.

        Args:
            person: A resident of another county.
            facility: Where.
            kind: The listing type.
            doctor: HSA-id of the doctor to have there.
            place_id: The queue place that has been allotted the listing.
            sender: Who sends the message as soon as the transaction has ended; else it waits for others.

        Returns:
            The ids of the request, and of the message if the sender has it.
        """
        county, unit_key = facility.county, hsa_key(facility.hsa_id)
        home = person.home_county or county
        self.withdraw_requests(person.person_id, kind, county)
        request_id = new_id()
        self._connection.execute(
            insert(listing_request),
            {
                "id": request_id,
                "person_id": person.person_id,
                "unit_key": unit_key,
                "code": kind[0],
                "code_system": kind[1],
                "staff_key": doctor and hsa_key(doctor),
                "queue_place_id": place_id,
                "requested_at": self._now,
                "state": places.WAITING,
                "fingerprint": self._cause.fingerprint if place_id is None else None,
                "actor_type": self._cause.actor_type if place_id is None else None,
                "actor_id": self._cause.actor_id if place_id is None else None,
            },
        )
        self._log(person.person_id, county, ListingEvent.REQUESTED, unit_key)
        message_id: int | None = self.tell(
            home, person.person_id, county, home, kind, request_id=request_id, sender=sender
        )
        if not region_messages.is_being_sent(self._connection, request_id):
            message_id = None
        return request_id, message_id

    def withdraw_requests(
        self, person_id: str, kind: CodeKey, county: str, *, but: str | None = None
    ) -> None:
        """End requests whose place another listing of the resident takes, and drop their messages."""
        for one in places.waiting_requests(self._connection, person_id, kind, county):
            if one.id != but:
                self._settled(one, "withdrawn")
                region_messages.drop_for_request(self._connection, one.id)
                self._log(person_id, county, ListingEvent.WITHDRAWN, one.unit_key)

    def give_up_requests(self, person_id: str, kind: CodeKey, facility: Unit) -> None:
        """End requests for a facility that is not to be; a home region that may have noted it is told."""
        county, unit_key = facility.county, hsa_key(facility.hsa_id)
        for one in places.waiting_requests(self._connection, person_id, kind, county):
            if one.unit_key == unit_key:
                self._settled(one, "given up")
                self._log(person_id, county, ListingEvent.WITHDRAWN, unit_key)
                if region_messages.drop_for_request(self._connection, one.id):
                    self.tell_it_is_not_here(one.id)

    def tell_it_is_not_here(self, request_id: str) -> None:
        """Tell the home region that a resident it may believe to be listed here is not."""
        row = self._request(request_id)
        person = find_resident(self._connection, row.person_id)
        if person is not None and person.home_county is not None:
            home = person.home_county
            self.tell(home, person.person_id, home, home, (row.code, row.code_system))

    def _request(self, request_id: str) -> Row[Any]:
        return self._connection.execute(
            listing_request.select().where(listing_request.c.id == request_id)
        ).one()

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
        if row.state != places.WAITING:
            if not agreed or not self._has_nothing(row, facility.county):
                return
            taken = places.vacant(self._connection, facility, row.unit_key, self._now) == 0
            if row.state != "withdrawn" or taken:
                self.tell_it_is_not_here(row.id)
                return
        if agreed:
            result = self._carry_out(row, facility)
        else:
            result = ListingResult(code, text or sentence("home_region_refused"))
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

    def no_answer(self, request_id: str) -> None:
        """See to a request whose message was sent and got no answer: given up, it is not sent again."""
        if self._request(request_id).state == "given up":
            self.tell_it_is_not_here(request_id)

    def _has_nothing(self, row: Row[Any], county: str) -> bool:
        kind = (row.code, row.code_system)
        return not (
            places.listings(self._connection, row.person_id, kind, county, self._now)
            or places.waiting_requests(self._connection, row.person_id, kind, county)
        )

    def _carry_out(self, row: Row[Any], facility: Unit) -> ListingResult:
        person = find_resident(self._connection, row.person_id)
        kind = (row.code, row.code_system)
        today = self._now.date()
        if person is None or person.deceased_on or (facility.valid_to and facility.valid_to < today):
            # The home region believes the resident is listed here, and must hear that it is not so.
            self.tell_it_is_not_here(row.id)
            result = ListingResult(
                ResultCode.ERROR, sentence("facility_not_found", log_id=self._cause.log_id or row.id)
            )
            self._settled(row, "withdrawn", result)
            return result
        doctor = row.staff_key
        if doctor is not None and not self.is_selectable(facility, doctor):
            doctor = None
        had_doctor = self.list_resident(person, facility, kind, doctor=doctor, request_id=row.id)
        result = listed_result(
            facility, doctor_ended=had_doctor, doctor=row.staff_key, doctor_kept=doctor is not None
        )
        self._settled(row, "confirmed", result)
        return result

    def is_selectable(self, facility: Unit, doctor: str) -> bool:
        """Tell whether residents can choose a doctor at a facility now."""
        found = selectable_doctors(self._connection, facility.hsa_id, facility.county, self._now)
        return hsa_key(doctor) in {hsa_key(one.hsa_id) for one in found}

    def _settled(self, row: Row[Any], state: str, result: ListingResult | None = None) -> None:
        self._connection.execute(
            update(listing_request)
            .where(listing_request.c.id == row.id)
            .values(
                state=state,
                result_code=result and result.code,
                result_text=result and result.text,
                settled_at=self._now,
            )
        )
        self._freed[row.unit_key] = None

    def limit_reached(self, person_id: str, kind: CodeKey, county: str) -> bool:
        """Tell whether a resident of a county has used up the re-listings of twelve months."""
        done = changes_since(
            self._connection, person_id, *kind, since=a_year_before(self._now), now=self._now
        )
        return done >= self._limits[county]

    def fill(self, facility: Unit) -> None:
        """Give free places at a facility to those in its queue, first in line first, if it is automatic.

        A resident whom the rules keep from it is passed over and stays in the queue: one with protected
        identity, one who has used up the yearly re-listings, one whose home region is being asked or
        has refused.
        """
        unit_key, today = hsa_key(facility.hsa_id), self._now.date()
        is_open = (facility.valid_from or today) <= today <= (facility.valid_to or today)
        automatic = facility.allotment is Allotment.AUTOMATIC and facility.listable
        if not automatic or not is_open or facility.county not in self._limits:
            return
        for place in places.queue(self._connection, unit_key, self._now):
            free = places.room(self._connection, facility, unit_key, self._now)
            if free is not None and free < 1:
                return
            self.allot(place, facility)

    def allot(self, place: QueuePlace, facility: Unit, *, again: bool = False) -> bool:
        """Give the resident at a queue place a listing; False if the rules keep the resident from it.

        Args:
            place: The place.
            facility: The facility whose queue it is in; whether it has room is for the caller to see.
            again: Whether to ask a home region that has refused before.
        """
        person = find_resident(self._connection, place.person_id)
        if person is None or person.protected or person.deceased_on is not None:
            return False
        kind, county = (place.code, place.code_system), facility.county
        if person.home_county in (None, county):
            replaces = self.replaces_listing(person.person_id, kind, county)
            if replaces and self.limit_reached(person.person_id, kind, county):
                return False
            self.list_resident(person, facility, kind)
            return True
        if places.waiting_requests(self._connection, person.person_id, kind, county):
            return False  # one question at a time: places in two queues would take turns to be given up
        if "refused" in places.request_states(self._connection, place.id) and not again:
            return False
        self.request(person, facility, kind, place_id=place.id)
        return True

    def replaces_listing(self, person_id: str, kind: CodeKey, county: str) -> bool:
        """Tell whether a resident of a county is listed with a type, there or elsewhere."""
        current = places.listings(self._connection, person_id, kind, county, self._now)
        return any(one.valid_from <= self._now for one in current) or bool(
            places.notes(self._connection, person_id, kind, self._now)
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


def listed_result(
    facility: Unit, *, doctor_ended: bool, doctor: str | None, doctor_kept: bool
) -> ListingResult:
    """Return the answer to somebody who has been listed: INFO where there is more to say (TKB 2.1)."""
    if doctor is not None and not doctor_kept:
        return ListingResult(ResultCode.INFO, sentence("doctor_not_kept", unit=facility.name))
    if doctor_ended and doctor is None:
        return ListingResult(ResultCode.INFO, sentence("doctor_ended", unit=facility.name))
    return ListingResult(ResultCode.OK)
