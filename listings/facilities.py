"""Facilities where residents can be listed, with the figures that answers show."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from contracts.codes import PV, CodeKey
from contracts.identifiers import HsaId
from listings.figures import UnitFigures, figures_of, figures_of_county
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
    if only is None:
        return _facilities(connection, units, figures_of_county(connection, county, now))
    return _facilities(connection, units, figures_of(connection, [one.hsa_id for one in units], now))


def find_facility(connection: Connection, hsa_id: HsaId, county: str, now: datetime) -> Facility | None:
    """Return the facility with an HSA-id, if `facilities_of` the county has it."""
    return next(iter(facilities_of(connection, county, now, only=(hsa_id,))), None)


def with_figures(connection: Connection, units: Collection[HsaId], now: datetime) -> dict[HsaId, Facility]:
    """Return units as facilities by HSA-id, in the order of name and HSA-id.

    Deceased residents count neither as listed nor as queuing.
    """
    directory = directory_of(connection)
    found = sorted(map(directory.unit, units), key=lambda one: (one.name, str(one.hsa_id)))
    facilities = _facilities(connection, found, figures_of(connection, units, now))
    return {one.unit.hsa_id: one for one in facilities}


def _facilities(
    connection: Connection, units: Sequence[Unit], figures: Mapping[HsaId, UnitFigures]
) -> list[Facility]:
    directory = directory_of(connection)
    found = []
    for one in units:
        of_unit = figures.get(one.hsa_id, UnitFigures())
        held = of_unit.requested
        if one.allotment is Allotment.STAFF:
            held += of_unit.queuing - of_unit.requested_from_queue
        offered = directory.offered_types(one.hsa_id)
        found.append(Facility(one, offered, of_unit.listed, of_unit.queuing, held))
    return found
