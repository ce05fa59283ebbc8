"""What answers are made from: records put together as the contracts show them.

The conventions of `register.model` hold here too.
"""

from dataclasses import dataclass

from register.model import (
    CareProvider,
    ContactRoute,
    FixedContact,
    Listing,
    QueuePlace,
    Staff,
    Team,
    Unit,
)


@dataclass(frozen=True, slots=True)
class Facility:
    """A listable unit with the figures that GetAvailableHealthcareFacilities and GetListing show.

    Attributes:
        listing_types: (code, code system) pairs the unit offers, in the order of code; empty means PV only.
        listed: Number of active listings at the unit.
        queue_length: Number of residents in its queue.
        held: Places that nobody else can have: of listings that wait for a home region and, where staff
            allot, of those in the queue.
    """

    unit: Unit
    listing_types: tuple[tuple[str, str], ...] = ()
    listed: int = 0
    queue_length: int = 0
    held: int = 0

    @property
    def full(self) -> bool:
        """Whether the cap is reached."""
        return self.unit.max_listings is not None and self.listed + self.held >= self.unit.max_listings

    @property
    def has_queue(self) -> bool:
        """True only when the cap is reached and a queue is offered (carelisting TKB, hasQueue)."""
        return self.full and self.unit.offers_queue


@dataclass(frozen=True, slots=True)
class ListedAt:
    """A resident's active listing with its facility and, for PV, the doctor."""

    listing: Listing
    facility: Facility
    doctor: Staff | None = None


@dataclass(frozen=True, slots=True)
class QueuedAt:
    """A resident's place in a queue with its facility.

    Attributes:
        position: Place in the queue, 1 is next.
    """

    place: QueuePlace
    facility: Facility
    position: int


@dataclass(frozen=True, slots=True)
class Contact:
    """A fixed contact with everything GetCareManagers shows about it.

    Attributes:
        unit: The unit where the contact works.
        care_unit: The care unit that answers for it; the same as ``unit`` unless that is a working unit.
        provider: The care provider of the care unit.
        own_routes: Routes to the person in the work at ``unit``.
    """

    contact: FixedContact
    staff: Staff
    unit: Unit
    care_unit: Unit
    provider: CareProvider
    team: Team | None = None
    own_routes: tuple[ContactRoute, ...] = ()
    team_routes: tuple[ContactRoute, ...] = ()
    unit_routes: tuple[ContactRoute, ...] = ()
    care_unit_routes: tuple[ContactRoute, ...] = ()
    provider_routes: tuple[ContactRoute, ...] = ()
