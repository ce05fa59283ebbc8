"""What a CreateListing asks for, what it meets, and what comes of it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from contracts.codes import ActorType, CodeKey
from contracts.identifiers import HsaId, PersonId
from listings.changes import ListingChanges
from listings.results import ListingResult
from listings.settings import RegionSettings


@dataclass(frozen=True, slots=True)
class Wish:
    """What a CreateListing asks for.

    Attributes:
        facility: HSA-id of the facility.
        listing_type: Code and code system of the listing type.
        doctor: HSA-id of the wanted doctor.
        add_to_queue: Whether to queue if the facility is full. Absent means no (TKB 2.0, addToQueue).
        home_county: The home county the consumer gives; None where it says nothing.
        new_county: The county of the facility, likewise.
    """

    person: PersonId
    actor_type: ActorType
    actor_id: str
    facility: HsaId
    listing_type: CodeKey
    doctor: HsaId | None
    add_to_queue: bool
    home_county: str | None
    new_county: str | None

    @property
    def fingerprint(self) -> str:
        """What tells the same wish from another, whatever the spelling of HSA-ids; holds no personal data."""
        parts = [
            (self.person.root, self.person.extension),
            self.actor_type,
            self.actor_id,
            self.facility.key,
            self.listing_type,
            self.doctor.key if self.doctor is not None else None,
            self.add_to_queue,
            self.home_county,
            self.new_county,
        ]
        return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class WishOutcome:
    """What came of a wish within its transaction.

    Attributes:
        result: The answer; as things are, where the home region is yet to answer.
        request_id: The listing request whose answer is worth waiting for.
        message_id: The message to the home region that is to be sent at once.
    """

    result: ListingResult
    request_id: str | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a wish meets.

    Attributes:
        connection: Of the transaction that carries the wish out.
        changes: What it is carried out with.
        now: The present, Swedish local time.
        county: The county addressed, and its settings.
        window: How long a wish that comes again counts as the same one.
        sender: The name a message to the home region is claimed in; None where the answer does not wait.
        age_vouched_for: Whether who asks has seen the age of somebody whose number does not tell it, as staff
            can. An age that the number tells is not theirs to say.
    """

    connection: Connection
    changes: ListingChanges
    now: datetime
    county: str
    region: RegionSettings
    window: timedelta
    sender: str | None
    age_vouched_for: bool = False
