"""Listings that wait until the resident's home region has agreed (carelisting IS, flows 11a and 11b).

Until then a request holds the place at the unit and shows nowhere.
"""

from typing import Any

from sqlalchemy import insert, update

from contracts.codes import CodeKey
from contracts.identifiers import HsaId
from listings import places, region_messages, statements
from listings.listing_log import ListingEvent
from listings.notes import Notes
from listings.results import ListingResult, as_columns
from listings.statements import WAITING
from register.directory import find_unit
from register.ids import new_id
from register.model import Resident, Unit
from register.residents import find_resident
from register.tables import listing_request


class Requests(Notes):
    """Asking a home region, and no longer wanting what was asked."""

    def request(
        self,
        person: Resident,
        facility: Unit,
        listing_type: CodeKey,
        *,
        doctor: HsaId | None = None,
        place_id: str | None = None,
        sender: str | None = None,
    ) -> tuple[str, int | None]:
        """Ask the home region about a listing here, which holds its place until the answer comes.

        Args:
            person: A resident of another county.
            facility: Where.
            listing_type: The listing type.
            doctor: HSA-id of the doctor to have there.
            place_id: The queue place that has been allotted the listing.
            sender: Who sends the message as soon as the transaction has ended; else it waits for others.

        Returns:
            The ids of the request, and of the message if the sender has it.
        """
        county, unit_key = facility.county, facility.hsa_id
        home = person.home_county or county
        self.withdraw_requests(person.person_id, listing_type, county)
        request_id, (code, code_system) = new_id(), listing_type
        self._connection.execute(
            insert(listing_request),
            {
                "id": request_id,
                "person_id": person.person_id,
                "unit_key": unit_key,
                "code": code,
                "code_system": code_system,
                "staff_key": doctor,
                "queue_place_id": place_id,
                "requested_at": self._now,
                "state": WAITING,
                "fingerprint": self._cause.fingerprint if place_id is None else None,
                "actor_type": self._cause.actor_type if place_id is None else None,
                "actor_id": self._cause.actor_id if place_id is None else None,
            },
        )
        self._log(person.person_id, county, ListingEvent.REQUESTED, unit_key)
        message_id = self.tell(
            home,
            person.person_id,
            county,
            home,
            listing_type,
            here=county,
            request_id=request_id,
            sender=sender,
        )
        if not region_messages.is_being_sent(self._connection, request_id):
            message_id = None
        return request_id, message_id

    def withdraw_requests(
        self, person_id: str, listing_type: CodeKey, county: str, *, but: str | None = None
    ) -> list[HsaId]:
        """End requests whose place another listing of the resident takes, and drop their messages.

        Returns:
            The units that were asked for, other than for a place in their queue.
        """
        asked = []
        for one in places.waiting_requests(self._connection, person_id, listing_type, county):
            if one.id != but:
                self._settled(one, "withdrawn")
                region_messages.drop_for_request(self._connection, one.id)
                self._log(person_id, county, ListingEvent.WITHDRAWN, one.unit_key)
                if one.queue_place_id is None:
                    asked.append(one.unit_key)
        return asked

    def give_up_requests(self, person_id: str, listing_type: CodeKey, facility: Unit) -> None:
        """End requests for a facility that is not to be; a home region that may have noted it is told."""
        county, unit_key = facility.county, facility.hsa_id
        for one in places.waiting_requests(self._connection, person_id, listing_type, county):
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
            home, here = person.home_county, find_unit(self._connection, row.unit_key).county
            self.tell(home, person.person_id, home, home, (row.code, row.code_system), here=here)

    def _request(self, request_id: str) -> Any:
        (row,) = statements.REQUEST.named(self._connection, {"request_id": request_id})
        return row

    def no_answer(self, request_id: str) -> None:
        """See to a request whose message was sent and got no answer: given up, it is not sent again."""
        if self._request(request_id).state == "given up":
            self.tell_it_is_not_here(request_id)

    def _settled(self, row: Any, state: str, result: ListingResult | None = None) -> None:
        self._connection.execute(
            update(listing_request)
            .where(listing_request.c.id == row.id)
            .values(
                state=state,
                settled_at=self._now,
                **as_columns(result),
            )
        )
        self._freed[row.unit_key] = None
