"""Settings of listings: what each region that this installation answers for allows."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from pydantic import Field

from contracts.codes import ActorType
from contracts.fields import County, Section


class Visibility(StrEnum):
    """Which listings an actor type is shown."""

    ALL = "all"
    OWN = "own"
    NONE = "none"


_VISIBILITY = {ActorType.PRIVATE_CAREGIVER: Visibility.OWN}
"""What an actor type sees where a region says nothing; types left out see all (carelisting IS, flow 12)."""


class RegionSettings(Section):
    """Section ``[regions.NN]``, NN a county code: a region this installation answers carelisting for."""

    name: str = Field("", description="Name of the region, for lists and logs.")
    visibility: dict[ActorType, Visibility] = Field(
        {},
        description="What each actor type sees in GetListing and GetListingCounty: all listings, its own (at "
        "a unit or provider with the actor's HSA-id) or none. Left out: own for PRIVATE_CAREGIVER, all for "
        "the others.",
    )
    personnel_for: Literal["everybody", "residents"] = Field(
        "everybody", description="Who can choose among the region's doctors: everybody, or its own residents."
    )
    create_listing_actors: tuple[ActorType, ...] = Field(
        (ActorType.CITIZEN, ActorType.GUARDIAN),
        description="Actor types that may change listings by CreateListing. The contract description allows "
        "CITIZEN and GUARDIAN only; its test suite also tries the other four (contradiction C1).",
    )
    guardian_consent: Literal["presumed", "required"] = Field(
        "presumed",
        description="Whether the listing of somebody under 18 needs the consent of every guardian in the "
        "register (required), or the consumer is trusted to have it (presumed, as the contract says).",
    )
    home_region: Literal["first", "later"] = Field(
        "first",
        description="When a resident of another county chooses a facility here: first waits for the home "
        "region's answer before answering (IS flow 11a), later answers at once (flow 11b).",
    )
    upkeep: bool = Field(
        True,
        description="Whether listings at closed facilities, of deceased residents and of those who have "
        "moved away are ended here, and free places given to queues. False where another system does so and "
        "this register only mirrors it.",
    )
    max_changes_per_year: int = Field(
        3, ge=0, description="Re-listings a resident may make in 12 months (Socialstyrelsen: 3)."
    )

    def sees(self, actor: ActorType) -> Visibility:
        """Return which listings an actor of this type is shown."""
        return self.visibility.get(actor, _VISIBILITY.get(actor, Visibility.ALL))


Regions = dict[County, RegionSettings]
"""Sections ``[regions.NN]`` by county code."""


def yearly_limits(regions: Mapping[str, RegionSettings]) -> dict[str, int]:
    """Return the re-listings a resident may make in twelve months, by county of the regions answered for."""
    return {county: region.max_changes_per_year for county, region in regions.items()}


def kept_up(regions: Mapping[str, RegionSettings]) -> dict[str, int]:
    """Return the same, of the regions whose listings are kept up here."""
    return {county: region.max_changes_per_year for county, region in regions.items() if region.upkeep}
