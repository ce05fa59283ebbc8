"""Facilities where residents can be listed, with the figures that answers show."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from contracts.codes import PV, CodeKey
from contracts.identifiers import HsaId
from listings import statements
from listings.figures import UnitFigures, figures_of, figures_of_county
from register.columns import record
from register.conditions import at
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
    keys = set(connection.scalars(statements.OPEN_FACILITIES, {"county": county, **at(now)}))
    if only is not None:
        return list(with_figures(connection, keys & set(only), now).values())
    return list(_facilities(connection, keys, figures_of_county(connection, county, now)).values())


def find_facility(connection: Connection, hsa_id: HsaId, county: str, now: datetime) -> Facility | None:
    """Return the facility with an HSA-id, if `facilities_of` the county has it."""
    return next(iter(facilities_of(connection, county, now, only=(hsa_id,))), None)


def with_figures(connection: Connection, units: Collection[HsaId], now: datetime) -> dict[HsaId, Facility]:
    """Return units as facilities by HSA-id, in the order of name and HSA-id.

    Deceased residents count neither as listed nor as queuing.
    """
    return _facilities(connection, units, figures_of(connection, units, now)) if units else {}


def _facilities(
    connection: Connection, units: Collection[HsaId], figures: Mapping[HsaId, UnitFigures]
) -> dict[HsaId, Facility]:
    values = {"unit_keys": list(units)}
    types: defaultdict[HsaId, list[CodeKey]] = defaultdict(list)
    for key, code, code_system in connection.execute(statements.OFFERED_TYPES, values):
        types[key].append((code, code_system))
    found = {}
    for key, *fields in connection.execute(statements.UNITS, values):
        one = record(Unit, iter(fields))
        of_unit = figures.get(key, UnitFigures())
        held = of_unit.requested
        if one.allotment is Allotment.STAFF:
            held += of_unit.queuing - of_unit.requested_from_queue
        found[key] = Facility(one, tuple(types[key]), of_unit.listed, of_unit.queuing, held)
    return found
