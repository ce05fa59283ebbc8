"""Settings of the producer, each with its meaning; the application puts them into one file."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from contacts.settings import CareManagerSettings
from contracts.catalogue import CONTRACTS, ENGAGEMENTINDEX
from contracts.codes import ActorType
from contracts.fields import HsaIdText, IdentifierSettings, PersonNumber, Section
from listings.settings import Regions, Visibility


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
        description="Address callers use, written into WSDLs. Empty: the Host header, where it names "
        "server.host or a loopback address; any other is answered 421.",
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


FEED = "changes"
"""What the feed of changes is called in rules and in the audit log, where contracts have their names."""

RULED = (*(contract.name for contract in CONTRACTS if contract.domain != ENGAGEMENTINDEX), FEED)
"""What a rule may let consumers call."""


def _ruled(name: str) -> str:
    if name not in RULED:
        raise ValueError(f"{name!r} is not served here; there are: {', '.join(RULED)}")
    return name


def _network(text: str) -> str:
    # Here, and not above: most commands read settings and few have to do with addresses.
    from ipaddress import ip_network

    ip_network(text)  # its ValueError says what is wrong
    return text


class RuleSettings(Section):
    """A table of ``[[access.rules]]``: which consumers may call what."""

    consumers: tuple[HsaIdText, ...] = Field(min_length=1, description="HSA-ids of consumers.")
    contracts: tuple[Annotated[str, AfterValidator(_ruled)], ...] = Field(
        min_length=1, description=f"Names of the contracts they may call; {FEED} is the feed of changes."
    )
    logical_addresses: tuple[Annotated[str, StringConstraints(pattern=r"^\S+$")], ...] = Field(
        (),
        description="LogicalAddresses they may call them at: county codes, and HSA-ids for GetCareManagers. "
        "Left out: every one that is served.",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if FEED in self.contracts and self.logical_addresses:
            raise ValueError(
                f"{FEED} is about all that is served, and has no logical_addresses; give it a rule of its own"
            )
        return self


class ProxySettings(Section):
    """Section ``[access.proxy]``: the proxy that ends TLS, and how it is known (docs/access.md)."""

    addresses: tuple[Annotated[str, AfterValidator(_network)], ...] = Field(
        min_length=1, description="Addresses that the proxy calls from, or networks such as 10.1.2.0/28."
    )
    secret_file: Path = Field(
        description="File with what the proxy sends as secret_header: one line of 32 characters or more, as "
        "from `openssl rand -hex 32`. Read again when it changes."
    )
    secret_header: str = Field(
        "x-fastkontakt-proxy-secret",
        pattern=r"^[A-Za-z0-9-]+$",
        description="HTTP header by which the proxy shows that a request is from it.",
    )
    certificate_header: str = Field(
        "x-fastkontakt-client-serialnumber",
        pattern=r"^[A-Za-z0-9-]+$",
        description="HTTP header with the serialNumber of the subject of the client certificate that the "
        "proxy has verified. The proxy must set it on every request, in place of what the caller sent.",
    )


class AccessSettings(Section):
    """Section ``[access]``: who may call, and what it is told (docs/access.md)."""

    platforms: tuple[HsaIdText, ...] = Field(
        (),
        description="HSA-ids in the certificates of platforms (VP), which call for others: the consumer is "
        "the one in their header x-rivta-original-serviceconsumer-hsaid. No other certificate may name one.",
    )
    rules: tuple[RuleSettings, ...] = Field(
        (),
        description="Which consumers may call which contracts at which LogicalAddresses, one table "
        "[[access.rules]] each. With TLS or access.proxy nothing else is allowed. Without them, rules and "
        "access.consumers both left out let everybody in.",
    )
    consumers: tuple[HsaIdText, ...] = Field(
        (), description="HSA-ids of consumers that may call every contract: short for a rule that names all."
    )
    feed_consumers: tuple[HsaIdText, ...] = Field(
        (),
        description="HSA-ids of the consumers that may pull the feed of changes, which is about every "
        f"resident: short for a rule with {FEED}. They must be in access.consumers too, if that is set.",
    )
    proxy: ProxySettings | None = None
    hidden_units: dict[HsaIdText, tuple[HsaIdText, ...]] = Field(
        {},
        description="Per consumer, by HSA-id: units, care units and care providers whose data it may not "
        "get. The read contracts answer it as if their units did not exist. It holds for the original "
        "consumer and for whom it acts on behalf of; who says neither, by headers alone, gets all.",
    )
    visibility: dict[HsaIdText, dict[ActorType, Visibility]] = Field(
        {},
        description="Per consumer, by HSA-id: what actor types see through it in GetListing and "
        "GetListingCounty, where that is less than regions.NN.visibility lets them see. It holds for whom "
        "and on behalf of whom as hidden_units does.",
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
