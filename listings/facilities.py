"""Facilities where residents can be listed, with the figures that answers show."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from contracts.codes import PV, CodeKey
from contracts.identifiers import HsaId
from listings import statements
from register.conditions import at
from register.directory import directory_of
from register.model import Allotment, Unit


@dataclass(frozen=True, slots=True)
class Facility:
    """A listable unit with the figures that GetAvailableHealthcareFacilities and GetListing show.

    The figures are those of PV: another type neither uses up the cap nor waits for it.

    Attributes:
        listing_types: (code, code system) pairs the unit offers, in the order of code; empty means PV only.
        listed: Number of active listings (PV) at the unit.
        queue_length: Number of residents in its queue (PV).
        held: Places that nobody else can have: of listings that wait for a home region and, where staff
            allot, of those in the queue.
    """

    unit: Unit
    listing_types: tuple[CodeKey, ...] = ()
    listed: int = 0
    queue_length: int = 0
    held: int = 0

    def offers(self, listing_type: CodeKey) -> bool:
        """Tell whether it offers a type; one that names none offers PV (TKB 2.1, supportedListingTypes)."""
        return listing_type in (self.listing_types or (PV.key,))

    @property
    def full(self) -> bool:
        """Whether the cap is reached; a facility that does not offer PV has none."""
        cap = self.unit.max_listings if self.offers(PV.key) else None
        return cap is not None and self.listed + self.held >= cap

    @property
    def has_queue(self) -> bool:
        """True only when the cap is reached and a queue is offered (carelisting TKB, hasQueue)."""
        return self.full and self.unit.offers_queue


def facilities_of(
    connection: Connection, county: str, now: datetime, *, only: Collection[HsaId] | None = None
) -> list[Facility]:
    """Return the listable units of a county that are open, in the order of name and HSA-id.

    Args:
        connection: A connection to the register.
        county: Two-digit county code.
        now: The present, Swedish local time.
        only: Only these units; unknown ones are passed over.
    """
    units = [
        one
        for one in directory_of(connection).listable_units(county)
        if one.is_open(now.date()) and (only is None or one.hsa_id in only)
    ]
    return _facilities(connection, units, now)


def find_facility(connection: Connection, hsa_id: HsaId, county: str, now: datetime) -> Facility | None:
    """Return the facility with an HSA-id, if `facilities_of` the county has it."""
    return next(iter(facilities_of(connection, county, now, only=(hsa_id,))), None)


def with_figures(connection: Connection, units: Collection[HsaId], now: datetime) -> dict[HsaId, Facility]:
    """Return units as facilities by HSA-id, in the order of name and HSA-id.

    Deceased residents count neither as listed nor as queuing.
    """
    directory = directory_of(connection)
    found = sorted(map(directory.unit, units), key=lambda one: (one.name, str(one.hsa_id)))
    return {one.unit.hsa_id: one for one in _facilities(connection, found, now)}


def _facilities(connection: Connection, units: Sequence[Unit], now: datetime) -> list[Facility]:
    if not units:
        return []
    directory = directory_of(connection)
    values = {"unit_keys": [one.hsa_id for one in units], **at(now)}
    listed = {key: int(count) for key, count in connection.execute(statements.LISTED, values)}
    queuing = {key: int(count) for key, count in connection.execute(statements.QUEUING, values)}
    requests = {
        key: (int(all_), int(queued))
        for key, all_, queued in connection.execute(statements.REQUESTED, values)
    }
    found = []
    for one in units:
        key = one.hsa_id
        held, of_those_queuing = requests.get(key, (0, 0))
        if one.allotment is Allotment.STAFF:
            held += queuing.get(key, 0) - of_those_queuing
        offered = directory.offered_types(key)
        found.append(Facility(one, offered, listed.get(key, 0), queuing.get(key, 0), held))
    return found
