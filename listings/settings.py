"""Settings of listings: what each region that this installation answers for allows."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from contracts.codes import ActorType
from contracts.fields import County, Section


class Visibility(StrEnum):
    """Which listings an actor type is shown."""

    ALL = "all"
    OWN = "own"
    NONE = "none"


_VISIBILITY = {
    ActorType.CITIZEN: Visibility.OWN,
    ActorType.GUARDIAN: Visibility.OWN,
    ActorType.PRIVATE_CAREGIVER: Visibility.OWN,
}
"""What an actor type sees where a region says nothing; types left out see all (carelisting IS, flow 12)."""


class Mode(StrEnum):
    """What this register is to a region's listings (docs/modes.md)."""

    REGISTER = "register"
    """It is the region's listing system."""
    FORWARD = "forward"
    """The region's listing system is another, and is asked about each change before it is kept here."""
    MIRROR = "mirror"
    """The region's listing system is another, and learns afterwards of each change that is made here."""


class ListingSystemSettings(Section):
    """Section ``[regions.NN.listing_system]``: the region's own listing system, for mode forward."""

    endpoint: str = Field(
        pattern=r"^https?://[^\s?#]+$",
        description="Address to call, as call.endpoint: with a path it is used as it is. That of the listing "
        "system itself, not of the platform, which would send the call back here. TLS is that of call.",
    )
    logical_address: str | None = Field(
        None, pattern=r"^\S+$", description="LogicalAddress that it answers for; left out: the county code."
    )
    answer_seconds: float = Field(
        20.0,
        gt=0,
        le=25,
        description="How long it may take to answer. The caller of CreateListing gives up after 29 s (VP).",
    )


class RegionSettings(Section):
    """Section ``[regions.NN]``, NN a county code: a region this installation answers carelisting for."""

    name: str = Field("", description="Name of the region, for lists and logs.")
    visibility: dict[ActorType, Visibility] = Field(
        {},
        description="What each actor type sees in GetListing and GetListingCounty: all listings, its own or "
        "none. Its own are an organisation's at a unit or provider with the actor's HSA-id, a CITIZEN's "
        "those of the actor itself, and a GUARDIAN's those of a resident whose guardian it is in the "
        "register, or who has none there. Left out: all for REGION, SELF_OWNED_CAREGIVER and "
        "HEALTHCARE_ADVISER, own for the others.",
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
    mode: Mode = Field(
        Mode.REGISTER,
        description="What this register is to the region's listings: register (it is the listing system), "
        "forward (CreateListing and UpdateListing go on to the listing system in listing_system, and what it "
        "answers OK is kept here) or mirror (changes are made here, and the listing system takes them from "
        "the feed of changes).",
    )
    listing_system: ListingSystemSettings | None = Field(
        None, description="The region's own listing system; must be set with mode forward, and only there."
    )
    confirm_days: int = Field(
        3,
        ge=0,
        description="With mode mirror, and only there: how many days a change may wait until a source of the "
        "listing system says the same, before `fastkontakt listings unconfirmed` lists it.",
    )
    upkeep: bool = Field(
        True,
        description="With mode register: whether listings at closed facilities, of deceased residents and of "
        "those who have moved away are ended here, and free places given to queues. In the other modes the "
        "listing system does so, and true is refused.",
    )
    max_changes_per_year: int = Field(
        3, ge=0, description="Re-listings a resident may make in 12 months (Socialstyrelsen: 3)."
    )

    @model_validator(mode="after")
    def _mode_has_what_it_needs(self) -> Self:
        given, mode = self.model_fields_set, self.mode
        if mode is Mode.FORWARD and self.listing_system is None:
            raise ValueError("mode is forward without listing_system.endpoint; set it, or another mode")
        if mode is not Mode.FORWARD and self.listing_system is not None:
            raise ValueError(
                f"listing_system is set and mode is {mode}; set mode to forward, or leave it out"
            )
        if mode is not Mode.MIRROR and "confirm_days" in given:
            raise ValueError(f"confirm_days is set and mode is {mode}; set mode to mirror, or leave it out")
        if mode is not Mode.REGISTER and "upkeep" in given and self.upkeep:
            raise ValueError(
                f"upkeep is true and mode is {mode}, where the listing system does it; leave upkeep out, or "
                "set mode to register"
            )
        return self

    @property
    def leads(self) -> bool:
        """Whether this register is the region's listing system, and so tells other regions."""
        return self.mode is Mode.REGISTER

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
    return {
        county: region.max_changes_per_year
        for county, region in regions.items()
        if region.leads and region.upkeep
    }


def led_elsewhere(regions: Mapping[str, RegionSettings]) -> frozenset[str]:
    """Return the counties whose listing system is another, which tells other regions and serves queues."""
    return frozenset(county for county, region in regions.items() if not region.leads)
