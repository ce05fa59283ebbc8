"""The home region's notes of listings in other counties, and what other regions are told of a listing."""

from sqlalchemy import insert, update

from contracts.clock import utc
from contracts.codes import CodeKey
from listings import places, region_messages
from listings.listing_log import ListingEvent
from listings.region_messages import ListingUpdate
from listings.writes import Writes
from register.ids import new_id
from register.tables import out_of_county_listing


class Notes(Writes):
    """Noting where a resident is listed elsewhere, and telling the regions concerned."""

    def put_note(
        self, person_id: str, county: str, listing_type: CodeKey, here: str, *, counts: bool
    ) -> None:
        """Note that a resident of ``here`` is listed in another county.

        What that county was to be told of an earlier listing elsewhere would end the new one there.
        """
        note_id, (code, code_system) = new_id(), listing_type
        self.note(out_of_county_listing, note_id, person_id)
        self._connection.execute(
            insert(out_of_county_listing),
            {
                "id": note_id,
                "person_id": person_id,
                "county": county,
                "code": code,
                "code_system": code_system,
                "valid_from": self._now,
                "counts_as_change": counts,
            },
        )
        region_messages.withdraw(
            self._connection, county, person_id, ListingUpdate.about(county, here, listing_type)
        )
        self._log(person_id, here, ListingEvent.NOTED)

    def end_notes(
        self,
        person_id: str,
        listing_type: CodeKey,
        *,
        new_county: str,
        home_county: str | None = None,
        tell: bool = True,
    ) -> list[str]:
        """End the notes that a resident is listed elsewhere, and tell the regions that are not the new one.

        Args:
            person_id: The resident.
            listing_type: The listing type.
            new_county: Where the resident is listed from now on.
            home_county: The resident's home county; ``new_county`` when left out.
            tell: False where the other region has told us.

        Returns:
            The counties of the notes.
        """
        home = home_county or new_county
        ended = []
        for note in places.notes(self._connection, person_id, listing_type, self._now):
            self.note(out_of_county_listing, note.id, person_id)
            self._connection.execute(
                update(out_of_county_listing)
                .where(out_of_county_listing.c.id == note.id)
                .values(valid_to=max(self._now, note.valid_from))
            )
            self._log(person_id, home, ListingEvent.NOTE_ENDED)
            ended.append(note.county)
        for county in dict.fromkeys(ended):
            if tell and county != new_county:
                self.tell(county, person_id, new_county, home, listing_type, here=home)
        return ended

    def tell(
        self,
        county: str,
        person_id: str,
        new_county: str,
        home_county: str,
        listing_type: CodeKey,
        *,
        here: str,
        request_id: str | None = None,
        sender: str | None = None,
    ) -> int | None:
        """Write an UpdateListing to a region.

        Args:
            county: The region that is told.
            person_id: The resident.
            new_county: Where the resident is listed.
            home_county: The resident's home county.
            listing_type: The listing type.
            here: The region that tells.
            request_id: The listing request that waits for the answer.
            sender: Who sends it as soon as the transaction has ended; else it waits for others.

        Returns:
            The message's id; None where the region's own listing system is another, which tells by itself.
        """
        if here in self._led_elsewhere:
            return None
        return region_messages.enqueue(
            self._connection,
            county,
            person_id,
            ListingUpdate.about(new_county, home_county, listing_type),
            utc(self._now),
            request_id=request_id,
            sender=sender,
        )
