"""Settings of the producer, each with its meaning; the application puts them into one file."""

from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from contacts.settings import CareManagerSettings
from contracts.fields import HsaIdText, IdentifierSettings, PersonNumber, Section
from listings.settings import Regions


class ClientCertificate(StrEnum):
    """Whether a client must show a certificate."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


class TlsSettings(Section):
    """Section ``[server.tls]``: TLS in the server itself."""

    certificate: Path = Field(description="PEM file with the server's certificate, and its chain.")
    key: Path | None = Field(
        None,
        description="PEM file with its key, not encrypted; not needed if the certificate's file holds it.",
    )
    client_certificate: ClientCertificate = Field(
        ClientCertificate.REQUIRED,
        description="Whether a client must show a certificate: required, optional (one that is shown must be "
        "good), or none.",
    )
    client_ca: Path | None = Field(
        None,
        description="PEM file with the issuers trusted to vouch for clients. Needed unless none is asked.",
    )
    hello_seconds: float = Field(
        10.0, gt=0, description="How long the beginning of TLS may take before the connection is cut."
    )

    @model_validator(mode="after")
    def _who_vouches(self) -> Self:
        if self.client_ca is None and self.client_certificate is not ClientCertificate.NONE:
            raise ValueError("client_ca must be set, or client_certificate be none")
        return self


class ServerSettings(Section):
    """Section ``[server]``: where and how the service listens."""

    host: str = Field("127.0.0.1", description="Address to listen on; :: is all of IPv6 and IPv4.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    public_url: str = Field(
        "",
        pattern=r"^(https?://[^\s?#]+)?$",
        description="Address callers use, written into WSDLs. Empty: the Host header of the request.",
    )
    allow_plain_http: bool = Field(
        False,
        description="Whether to listen without TLS on an address that others reach. Only where a proxy in "
        "front ends TLS, and nothing else reaches the port; each start says so in the log.",
    )
    tls: TlsSettings | None = Field(None, description="TLS; left out: plain HTTP.")
    workers: int = Field(2, ge=1, le=64, description="Worker processes.")
    threads: int = Field(
        8,
        ge=1,
        le=256,
        description="Threads per worker process that answer calls. No slow client holds one.",
    )
    waiting: int = Field(
        64,
        ge=0,
        description="How many calls per worker process may wait long for others by design, each in a thread "
        "of its own: long polls of /changes, and calls to other listing systems.",
    )
    queue_seconds: float = Field(
        0.6,
        gt=0,
        description="How long a whole request may wait for a thread before it is refused (FK506).",
    )
    head_seconds: float = Field(
        10.0, gt=0, description="How long a connection may take to send a head before it is cut."
    )
    body_seconds: float = Field(30.0, gt=0, description="Likewise for a body, and for taking an answer in.")
    keep_alive_seconds: int = Field(
        310, ge=1, description="How long an idle connection stays open. VP keeps its connections for 300 s."
    )
    connections: int = Field(
        2000,
        ge=10,
        description="Connections per worker process. One more takes the place of the one that has been "
        "waited for longest.",
    )
    connections_per_peer: int = Field(
        500, ge=10, description="Likewise those of one address. A proxy in front is one address."
    )
    max_head_bytes: int = Field(
        65_536, ge=1024, description="Largest head that is read, such as with a chain of certificates in it."
    )
    max_body_bytes: int = Field(1_048_576, ge=1024, description="Largest request body that is read.")
    stop_seconds: int = Field(
        30, ge=1, description="How long calls that are being answered may take when the service stops."
    )


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
