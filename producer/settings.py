"""Settings of the producer, each with its meaning; the application puts them into one file."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from contracts.codes import ActorType
from contracts.fields import County, HsaIdText, PersonNumber, Section


class ServerSettings(Section):
    """Section ``[server]``: where and how the service listens."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    public_url: str = Field(
        "",
        pattern=r"^(https?://[^\s?#]+)?$",
        description="Address callers use, written into WSDLs. Empty: the Host header of the request.",
    )
    workers: int = Field(2, ge=1, le=64, description="Worker processes.")
    threads: int = Field(16, ge=1, le=256, description="Threads per worker process.")
    keep_alive_seconds: int = Field(
        310, ge=1, description="How long an idle connection stays open. VP keeps its connections for 300 s."
    )
    max_body_bytes: int = Field(1_048_576, ge=1024, description="Largest request body that is read.")


class IdentifierSettings(Section):
    """Section ``[identifiers]``: how strictly identities in requests and files are checked."""

    check_digits: bool = Field(
        True,
        description="Whether a person id must have the right check digit. Some test systems use wrong ones.",
    )


class AccessSettings(Section):
    """Section ``[access]``: who may call."""

    consumers: tuple[HsaIdText, ...] = Field(
        (),
        description="HSA-ids of the original consumers that may call; empty lets everybody in. Set it only "
        "where nothing but the platform reaches the port, since the header can be forged.",
    )
    hidden_units: dict[HsaIdText, tuple[HsaIdText, ...]] = Field(
        {},
        description="Per consumer, by HSA-id: units, care units and care providers whose data it may not "
        "get. The read contracts answer it as if their units did not exist. It holds for the original "
        "consumer and for whom it acts on behalf of; who sends neither header gets all.",
    )


class InvalidRequest(StrEnum):
    """How a read contract of carelisting answers a request that its schema refuses (contradiction C16)."""

    ERROR = "error"
    FAULT = "fault"


class CarelistingSettings(Section):
    """Section ``[carelisting]``: choices that the contract descriptions leave to the producer."""

    invalid_request: InvalidRequest = Field(
        InvalidRequest.ERROR,
        description="Answer to a request that the schema refuses: error (HTTP 200, resultCode ERROR with the "
        "validation report, as the contract description says) or fault (as the official mocks do). "
        "CreateListing and UpdateListing always answer error.",
    )
    repeat_minutes: int = Field(
        60,
        ge=0,
        description="How long a CreateListing that comes again, and finds nothing changed since, gets the "
        "answer the first one got instead of being carried out anew.",
    )
    doctor_extension: bool = Field(
        False,
        description="Whether GetListing and GetAvailableHealthcarePersonnel tell more of a doctor than the "
        "contracts have room for, in an element of our own after title: direct phone, team and befattning.",
    )


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
        description="Whether listings at closed facilities and of deceased residents are ended here, and "
        "free places given to queues. False where another system does so and this register only mirrors it.",
    )
    max_changes_per_year: int = Field(
        3, ge=0, description="Re-listings a resident may make in 12 months (Socialstyrelsen: 3)."
    )

    def sees(self, actor: ActorType) -> Visibility:
        """Return which listings an actor of this type is shown."""
        return self.visibility.get(actor, _VISIBILITY.get(actor, Visibility.ALL))


class CareManagerSettings(Section):
    """Section ``[care_managers]``: GetCareManagers. Without the section the contract is not offered."""

    source_system_id: HsaIdText = Field(description="HSA-id of this system, sent as sourceSystemId.")
    logical_addresses: tuple[str, ...] = Field(
        (), description="LogicalAddresses to answer for; source_system_id always is one."
    )
    staff_only_numbers: Literal["internal_notes", "omit"] = Field(
        "internal_notes",
        description="Where numbers go that the patient must not see: into internalNotes, or nowhere.",
    )
    max_care_contacts: int | None = Field(
        None,
        ge=1,
        description="How many contacts with code 1 a resident may be shown with: those appointed last. "
        "Gävleborg allows 1; empty sets no limit, as the contract.",
    )
    lone_coordinator: Literal["send", "omit"] = Field(
        "send",
        description="What becomes of a contact with code 4 whose resident has not two with code 1: send (and "
        "`fastkontakt quality` tells of it) or omit.",
    )


class DemoSettings(Section):
    """Section ``[demo]``: only for trying the service out."""

    enabled: bool = Field(
        False, description="Demo mode: the HTTP header x-mock-response: SoapFault is answered with a Fault."
    )
    technical_error_person: PersonNumber | None = Field(
        None, description="In demo mode, calls about this person are answered with a Fault."
    )


class ProducerSettings(Section):
    """Everything the producer is told."""

    server: ServerSettings = ServerSettings()
    identifiers: IdentifierSettings = IdentifierSettings()
    access: AccessSettings = AccessSettings()
    carelisting: CarelistingSettings = CarelistingSettings()
    regions: dict[County, RegionSettings] = {}
    care_managers: CareManagerSettings | None = None
    demo: DemoSettings = DemoSettings()

    @property
    def yearly_limits(self) -> dict[str, int]:
        """Re-listings a resident may make in twelve months, by county of the regions answered for."""
        return {county: region.max_changes_per_year for county, region in self.regions.items()}

    @property
    def kept_up(self) -> dict[str, int]:
        """The same, of the regions whose listings are kept up here."""
        return {county: limit for county, limit in self.yearly_limits.items() if self.regions[county].upkeep}
