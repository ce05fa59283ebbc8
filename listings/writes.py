"""Writing changes of listings: rows, and the log of changes."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, insert

from contacts import index_marks, writing
from contracts.clock import utc
from contracts.codes import DOCTOR_CONTACT, PV, CodeKey
from contracts.identifiers import HsaId
from listings import listing_log, places, statements
from listings.listing_log import Cause, ListingEvent
from listings.results import ListingResult
from register import feed, hands
from register import home_county as home_county_of
from register.hands import Left
from register.ids import new_id
from register.model import FixedContact, Resident, Unit
from register.tables import listing, queue_place, resident


class Writes:
    """What is written, one resident and one thing at a time, each with its entry in the log of changes.

    Args:
        connection: A connection of `Register.writing`.
        now: The present, Swedish local time.
        limits: Re-listings a resident may make in twelve months, by county, of the counties served here.
        cause: Why the changes are made.
        led_elsewhere: Counties whose listing system is another (`listings.settings.led_elsewhere`): it tells
            other regions and serves the queues.
    """

    def __init__(
        self,
        connection: Connection,
        now: datetime,
        limits: Mapping[str, int],
        cause: Cause,
        led_elsewhere: Collection[str] = (),
    ) -> None:
        self._connection = connection
        self._now = listing_log.present(connection, now)
        self._limits = limits
        self._cause = cause
        self._led_elsewhere = led_elsewhere
        self._left: Left | None = None
        self._freed: dict[HsaId, None] = {}  # units where a place may have become free, in order
        self._answers: list[tuple[str, str, ListingResult, Cause | None]] = []  # to be logged last

    @property
    def now(self) -> datetime:
        """The present, Swedish local time; not before any change made until now."""
        return self._now

    @contextmanager
    def following(self, left: Left | None) -> Iterator[None]:
        """Have what ends meanwhile end by the resident's death or move, for as long as a source says so.

        Args:
            left: What the resident had been; None for what ends for good.
        """
        self._left = left
        try:
            yield
        finally:
            self._left = None

    def delist(
        self, person_id: str, listing_type: CodeKey, county: str, *, unit_key: HsaId | None = None
    ) -> list[HsaId]:
        """End a resident's listings of a type in a county, or at one unit, and with PV the doctor link.

        Who leaves a unit does not wait for it either: a source may have brought a listing to somebody in its
        queue, who would be given the room that leaving makes.

        Returns:
            The units where the resident was listed now; a listing to come leaves none.
        """
        ended = []
        for one in places.listings(self._connection, person_id, listing_type, county, self._now):
            if unit_key not in (None, one.unit_key):
                continue
            self.note(listing, one.id, person_id)
            ends = {"of_id": one.id, "end": max(self._now, one.valid_from)}
            statements.END_LISTING.run(self._connection, ends)
            self.feed(listing, one.id)
            self._log(person_id, county, ListingEvent.ENDED, one.unit_key)
            self._mark(person_id)
            if one.valid_from <= self._now:
                ended.append(one.unit_key)
                self._freed[one.unit_key] = None
                self._leave_queue(person_id, listing_type, county, one.unit_key)
        if listing_type == PV.key and ended:
            self._end_doctor(person_id, county)
        return ended

    def choose_doctor(self, person_id: str, facility: Unit, doctor: HsaId) -> None:
        """Make a doctor the resident's fast läkarkontakt at the facility, in place of any other."""
        self._end_doctor(person_id, facility.county)
        link = FixedContact(
            id=new_id(),
            person_id=person_id,
            type_code=DOCTOR_CONTACT,
            staff=doctor,
            unit=facility.hsa_id,
            valid_from=self._now.date(),
            documented_at=self._now,
        )
        writing.add(self._connection, link, self._cause.hand, utc(self._now), self._cause.source)
        self._mark(person_id)
        self._log(person_id, facility.county, ListingEvent.DOCTOR_CHOSEN, facility.hsa_id)

    def _end_doctor(self, person_id: str, county: str) -> None:
        """End the doctor link. A contact counts on its last day, so that day is yesterday."""
        today = self._now.date()
        for one in places.doctor_contacts(self._connection, person_id, county, self._now):
            self._mark(person_id)  # before it goes: it may be the last trace of a contact
            link = writing.Link(one.id, person_id, one.valid_from)
            writing.end(
                self._connection,
                link,
                today - timedelta(days=1),
                self._cause.hand,
                utc(self._now),
                self._cause.source,
                self._left,
            )
            self._log(person_id, county, ListingEvent.DOCTOR_ENDED, one.unit_key)

    def join_queue(self, person_id: str, facility: Unit, listing_type: CodeKey) -> None:
        """Put a resident last in the queue of a facility."""
        place_id = new_id()
        self.note(queue_place, place_id, person_id)
        self._connection.execute(
            insert(queue_place),
            {
                "id": place_id,
                "person_id": person_id,
                "unit_key": facility.hsa_id,
                **_columns(listing_type),
                "queued_at": self._now,
            },
        )
        self.feed(queue_place, place_id, begun=True)
        self._log(person_id, facility.county, ListingEvent.QUEUED, facility.hsa_id)

    def leave_queue(self, person_id: str, listing_type: CodeKey, facility: Unit) -> bool:
        """Take a resident out of the queue of a facility; False if there was no place."""
        return self._leave_queue(person_id, listing_type, facility.county, facility.hsa_id)

    def _leave_queue(self, person_id: str, listing_type: CodeKey, county: str, unit_key: HsaId) -> bool:
        left = False
        while one := places.place(self._connection, person_id, listing_type, unit_key, self._now):
            self.note(queue_place, one.id, person_id)
            statements.LEAVE_QUEUE.run(self._connection, {"of_id": one.id, "end": self._now})
            self.feed(queue_place, one.id)
            self._log(person_id, county, ListingEvent.LEFT_QUEUE, unit_key)
            self._freed[unit_key] = None  # where staff allot, the queue has held a place
            left = True
        return left

    def add_resident(self, person_id: str, home_county: str) -> Resident:
        """Add a resident of whom nothing is known but the home county."""
        self._connection.execute(
            insert(resident), {"person_id": person_id, "home_county": home_county, "protected": False}
        )
        return Resident(person_id, home_county)

    def claim_county(self, person_id: str, home_county: str, here: str) -> bool:
        """Take in the home county that a call or message gives; what a source has brought stays.

        Args:
            person_id: The resident.
            home_county: What is given.
            here: The county addressed.

        Returns:
            Whether a source says another.
        """
        contradicted = home_county_of.claim(
            self._connection, person_id, home_county, self._now, self._cause.source
        )
        if contradicted:
            self._log(person_id, here, ListingEvent.COUNTY_CLAIMED)
        return contradicted

    def answered(
        self, person_id: str, county: str, result: ListingResult, cause: Cause | None = None
    ) -> None:
        """Have `finish` log the answer that a request gets, for when it comes again."""
        self._answers.append((person_id, county, result, cause))

    def free(self, unit_key: HsaId) -> None:
        """Have `finish` look at a unit as one where a place may have become free."""
        self._freed[unit_key] = None

    def note(self, table: Table, record_id: str, person_id: str) -> None:
        """Write down that this hand is about to make or change a record that a source may speak of, too."""
        key, now = {"id": record_id}, utc(self._now)
        if self._left is not None:
            hands.follow(self._connection, table, key, self._left, now, person_id=person_id)
        else:
            hands.note(self._connection, table, key, self._cause.hand, now, person_id=person_id)

    def feed(self, table: Table, record_id: str, *, begun: bool = False) -> None:
        """Tell other systems what has become of a record."""
        origin = feed.FeedOrigin(utc(self._now), self._cause.source, self._cause.hand)
        feed.add_one(self._connection, table, record_id, origin, begun=begun)

    def _mark(self, person_id: str) -> None:
        """Have a resident's posts in the engagement index looked over, if there are contacts to post."""
        index_marks.mark_with_contact(self._connection, person_id, utc(self._now))

    def _log(
        self,
        person_id: str,
        county: str,
        event: ListingEvent,
        unit_key: HsaId | None = None,
        *,
        result: ListingResult | None = None,
        cause: Cause | None = None,
    ) -> None:
        listing_log.write(
            self._connection,
            utc(self._now),
            person_id,
            county,
            event,
            cause or self._cause,
            unit_key=unit_key,
            result=result,
        )


def _columns(listing_type: CodeKey) -> dict[str, str]:
    return dict(zip(("code", "code_system"), listing_type, strict=True))
