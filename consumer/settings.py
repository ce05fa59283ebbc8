"""Settings of the consumer, each with its meaning; the application puts them into one file."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from contracts.fields import HsaIdText, Section


class CallSettings(Section):
    """Section ``[call]``: whom our own calls go to, and how."""

    endpoint: str = Field(
        "http://127.0.0.1:8080",
        pattern=r"^https?://[^\s?#]+$",
        description="Address to call. Without a path the contract's own path is added; with one it is used "
        "as it is, because the platform (VP) has one address for every contract.",
    )
    connect_timeout_seconds: float = Field(2.0, gt=0, description="Longest wait for a connection.")
    read_timeout_seconds: float = Field(
        30.0, gt=0, description="Longest silence while waiting for the answer. VP gives up after about 30 s."
    )
    original_consumer: HsaIdText | None = Field(
        None,
        description="HSA-id sent as x-rivta-original-serviceconsumer-hsaid. Leave it out when calling VP, "
        "which takes the id from the certificate and may refuse others' claims with VP013.",
    )
    client_certificate: Path | None = Field(
        None, description="PEM file with the client certificate for mutual TLS, and its chain."
    )
    client_key: Path | None = Field(
        None,
        description="PEM file with the certificate's key, not encrypted; not needed if the certificate's "
        "file holds it.",
    )
    ca_bundle: Path | None = Field(
        None,
        description="PEM file with the issuers trusted to vouch for the server; default: the usual ones.",
    )

    @model_validator(mode="after")
    def _key_has_certificate(self) -> Self:
        if self.client_key is not None and self.client_certificate is None:
            raise ValueError("client_key is set without client_certificate; set both or neither")
        return self


class OutboxSettings(Section):
    """Section ``[outbox]``: how messages to other regions are sent (RIV-TA Basic Profile 2.1, rule 22)."""

    run_in_serve: bool = Field(
        True, description="Whether `fastkontakt serve` sends them; if not, run `fastkontakt outbox run`."
    )
    poll_seconds: float = Field(
        5.0, gt=0, le=300, description="How often a sender looks for messages whose time has come."
    )
    first_retry_minutes: int = Field(
        5,
        ge=5,
        le=1440,
        description="Wait before a message that failed is sent again; doubled with each attempt. For as long "
        "nothing is sent to a region that gave no answer.",
    )
    longest_retry_minutes: int = Field(
        1440, ge=5, le=2880, description="Longest wait between two attempts; not below first_retry_minutes."
    )
    calls_per_second: float = Field(
        1.0,
        ge=0.1,
        le=1000,
        description="Most messages a second that a process sends to one region. A region need not take more "
        "than 1 (carelisting TKB, SLA).",
    )
    keep_days: int = Field(
        90, ge=1, description="How long messages are kept that have come to their end, by the day of writing."
    )
    wait_seconds: float = Field(
        15.0,
        gt=0,
        le=25,
        description="How long CreateListing waits for the resident's home region before it answers that the "
        "listing is under way. The caller of CreateListing gives up after 29 s (VP).",
    )

    @model_validator(mode="after")
    def _waits_grow(self) -> Self:
        if self.longest_retry_minutes < self.first_retry_minutes:
            raise ValueError("longest_retry_minutes is less than first_retry_minutes; raise it")
        return self


class IndexSettings(Section):
    """Section ``[index]``: posts in the engagement index (itintegration:engagementindex 1.0)."""

    logical_address: str | None = Field(
        None,
        pattern=r"^\S+$",
        description="LogicalAddress of the index. Left out, nothing is posted. The national one's is told "
        "when the connection is ordered; it is an address of Inera's.",
    )
    endpoint: str | None = Field(
        None,
        pattern=r"^https?://[^\s?#]+$",
        description="Address to call, as call.endpoint, which is the one called when this is left out.",
    )
    batch_size: int = Field(
        1000, ge=1, le=1000, description="Most posts in one call. The national index takes 1000 (TKB-EI)."
    )
    posts_per_second: float = Field(
        100.0, ge=0.1, le=10000, description="Most posts a second that a process sends, on average."
    )
    settle_seconds: int = Field(
        60,
        ge=0,
        le=3600,
        description="Least time between two posts about the same resident and organisation. The index may "
        "drop an addition that follows upon a removal within its collecting time, 30 s.",
    )
    run_in_serve: bool = Field(
        True, description="Whether `fastkontakt serve` posts; if not, run `fastkontakt index run`."
    )
