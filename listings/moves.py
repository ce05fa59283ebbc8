"""What follows from a move to another county (carelisting IS, flow 9; requirement row S001-013).

No contract tells of a move: each region learns it from the population register, so nobody is told. The county
left ends what the resident has there, the one where she was listed as another county's resident too, and the
new home county lists her by its own rules.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, Select, Table, bindparam, or_, select

from contracts.codes import PV
from listings import places, region_messages
from listings.listing_log import Cause, ListingEvent
from listings.requests import Requests
from listings.statements import IS_WAITING
from register.conditions import NOW, active_now, at
from register.directory import find_unit
from register.hands import Left
from register.tables import listing, listing_request, out_of_county_listing, queue_place, unit

_COUNTIES: BindParameter[str] = bindparam("counties", expanding=True)
_NOTICED: BindParameter[datetime] = bindparam("noticed_at")


def _elsewhere(table: Table) -> Select[Any]:
    return (
        select(table, unit.c.county)
        .join(unit, unit.c.hsa_key == table.c.unit_key)
        .where(table.c.person_id == bindparam("person_id"), unit.c.county.in_(_COUNTIES))
        .order_by(table.c.unit_key, table.c.id)
    )


LISTINGS_LEFT = _elsewhere(listing).where(
    or_(listing.c.valid_to.is_(None), listing.c.valid_to > NOW), listing.c.valid_from < _NOTICED
)
"""A resident's listings in some counties that had begun when the move was noticed. By the resident."""

PLACES_LEFT = _elsewhere(queue_place).where(
    active_now(queue_place.c.queued_at, queue_place.c.left_at), queue_place.c.queued_at < _NOTICED
)
"""A resident's queue places, likewise. By the resident."""

REQUESTS_LEFT = _elsewhere(listing_request).where(IS_WAITING, listing_request.c.requested_at < _NOTICED)
"""A resident's listings that wait for the home region, likewise. By the resident."""

NOTES_LEFT = (
    select(out_of_county_listing.c.code, out_of_county_listing.c.code_system)
    .where(
        out_of_county_listing.c.person_id == bindparam("person_id"),
        or_(out_of_county_listing.c.valid_to.is_(None), out_of_county_listing.c.valid_to > NOW),
        out_of_county_listing.c.valid_from < _NOTICED,
    )
    .distinct()
    .order_by(out_of_county_listing.c.code, out_of_county_listing.c.code_system)
)
"""The types of a resident's notes that had begun when the move was noticed. By the resident."""


class Moves(Requests):
    """Ending what a resident has in counties that are not the new home."""

    def moved(self, mark: Row[Any], home: str, kept_up: Collection[str]) -> int:
        """End what a resident had when it was noticed that she has moved.

        Args:
            mark: That of the move.
            home: The new home county.
            kept_up: Counties that are looked after here.

        Returns:
            How many listings, queue places and requests have ended.
        """
        person_id, ended = mark.person_id, 0
        counties = sorted(set(kept_up) - {home})
        of_resident = {"person_id": person_id, "noticed_at": mark.noticed_at, **at(self._now)}
        left = of_resident | {"counties": counties}
        left_here = Left(mark.left_county)  # elsewhere she comes back as somebody who has moved again
        if mark.left_county in kept_up:
            cause = Cause(source=self._cause.source, actor_id=mark.noticed_by)
            self._log(person_id, mark.left_county, ListingEvent.MOVED, cause=cause)
        for row in self._connection.execute(REQUESTS_LEFT, left).all():
            self._settled(row, "moved")
            region_messages.drop_for_request(self._connection, row.id)
            self._log(person_id, row.county, ListingEvent.WITHDRAWN, row.unit_key)
            ended += 1
        for row in self._connection.execute(PLACES_LEFT, left).all():
            facility = find_unit(self._connection, row.unit_key)
            with self.following(left_here if row.county == mark.left_county else None):
                ended += self.leave_queue(person_id, (row.code, row.code_system), facility)
        for row in self._connection.execute(LISTINGS_LEFT, left).all():
            listing_type = (row.code, row.code_system)
            with self.following(left_here if row.county == mark.left_county else None):
                ended += len(self.delist(person_id, listing_type, row.county, unit_key=row.unit_key))
        for county in counties:
            if not places.listings(self._connection, person_id, PV.key, county, self._now):
                with self.following(left_here if county == mark.left_county else None):
                    self._end_doctor(person_id, county)
        if mark.left_county in counties:
            for code, code_system in self._connection.execute(NOTES_LEFT, of_resident).all():
                with self.following(left_here):
                    self.end_notes(
                        person_id,
                        (code, code_system),
                        new_county=home,
                        home_county=mark.left_county,
                        tell=False,
                    )
        return ended
