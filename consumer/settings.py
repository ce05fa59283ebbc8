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
