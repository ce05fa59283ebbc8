"""Settings of the producer, each with its meaning; the application puts them into one file."""

from enum import StrEnum

from pydantic import Field

from contacts.settings import CareManagerSettings
from contracts.fields import HsaIdText, IdentifierSettings, PersonNumber, Section
from listings.settings import Regions


class ServerSettings(Section):
    """Section ``[server]``: where and how the service listens."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    public_url: str = Field(
        "",
        pattern=r"^(https?://[^\s?#]+)?$",
        description="Address callers use, written into WSDLs. Empty: the Host header, where it names "
        "server.host or a loopback address; any other is answered 421.",
    )
    workers: int = Field(2, ge=1, le=64, description="Worker processes.")
    threads: int = Field(16, ge=1, le=256, description="Threads per worker process.")
    keep_alive_seconds: int = Field(
        310, ge=1, description="How long an idle connection stays open. VP keeps its connections for 300 s."
    )
    max_body_bytes: int = Field(1_048_576, ge=1024, description="Largest request body that is read.")


class AccessSettings(Section):
    """Section ``[access]``: who may call."""

    consumers: tuple[HsaIdText, ...] = Field(
        (),
        description="HSA-ids of the original consumers that may call; empty lets everybody in. Set it only "
        "where nothing but the platform reaches the port, since the header can be forged.",
    )
    feed_consumers: tuple[HsaIdText, ...] = Field(
        (),
        description="HSA-ids of the original consumers that may pull the feed of changes, which is about "
        "every resident; they must be in access.consumers too, if that is set. Empty: nobody.",
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
    regions: Regions = {}
    care_managers: CareManagerSettings | None = None
    demo: DemoSettings = DemoSettings()
