"""What a stand-in platform is told: one TOML file, read once."""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, model_validator

from contracts.catalogue import CONTRACTS
from contracts.field_errors import in_words
from contracts.fields import HsaIdText, Section
from contracts.identifiers import HsaId

INERA = "5565594230"
"""LogicalAddress of the national index and aggregating service (facts on codes and identifiers)."""


class PlatformError(ValueError):
    """A file that cannot be used. The text names file, key and reason."""


class Behaviour(StrEnum):
    """How a stand-in answers."""

    WELL = "well"
    SLOWLY = "slowly"
    ERROR = "error"
    """OK to the platform, and resultCode ERROR."""
    WRONGLY = "wrongly"
    """An answer that its schema refuses."""
    FAULT = "fault"
    NOT = "not"
    """No answer at all: the caller's patience ends first."""


class Route(Section):
    """A row of the address catalogue (TAK): who answers for an address, and who may call it.

    Attributes:
        address: LogicalAddress.
        contracts: Names of contracts; empty means all.
        endpoint: Address of the producer; without a path the contract's own is added. Left out: VP010.
        consumers: HSA-ids of those who may call; empty lets everybody.
        fault: A code of the platform, such as VP008, to answer with instead.
    """

    address: str = Field(pattern=r"^\S+$")
    contracts: tuple[str, ...] = ()
    endpoint: str | None = Field(None, pattern=r"^https?://[^\s?#]+$")
    consumers: tuple[HsaIdText, ...] = ()
    fault: str | None = Field(None, pattern=r"^VP0(0[1-9]|1[0-6])$")

    @model_validator(mode="after")
    def _contracts_are_known(self) -> Self:
        known = {contract.name for contract in CONTRACTS}
        unknown = [name for name in self.contracts if name not in known]
        if unknown:
            raise ValueError(f"no contract is called {unknown[0]}; there are: {', '.join(sorted(known))}")
        return self

    def is_for(self, address: str, contract: str) -> bool:
        """Tell whether a call goes this way; addresses are compared without letter case, as HSA-ids are."""
        same = self.address.upper() == address.upper()  # blanks around it make it another (VP004)
        return same and (not self.contracts or contract in self.contracts)

    def lets_in(self, sender: str) -> bool:
        """Tell whether a sender may call."""
        return not self.consumers or HsaId(sender) in map(HsaId, self.consumers)


class StandIn(Section):
    """Another region, or a source of fixed contacts, that the platform plays itself.

    Attributes:
        address: LogicalAddress: a county code answers UpdateListing, a source system GetCareManagers.
        answers: How.
        seconds: How long it takes when it answers slowly.
        residents: Person numbers that the index says it has contacts of, from the start.
    """

    address: str = Field(pattern=r"^\S+$")
    answers: Behaviour = Behaviour.WELL
    seconds: float = Field(5.0, ge=0, le=60)
    residents: tuple[str, ...] = ()


class PlatformSettings(Section):
    """All of it.

    Attributes:
        instance: Name of the installation, that stands in its Faults.
        sender: HSA-id of who calls without certificate and without x-vp-sender-id; left out: VP002.
        may_name_others: HSA-ids that may send x-rivta-original-serviceconsumer-hsaid; None lets everybody.
        producer_seconds: How long a producer is waited for.
        resend_seconds: Pause before a request goes once more, after a connection that broke.
        index: LogicalAddress of the engagement index; None: there is none.
        aggregating: LogicalAddress of the aggregating service of GetCareManagers; None: there is none.
        certificate: PEM file with the platform's certificate and chain, to be called by TLS.
        client_ca: PEM file with the issuers of callers' certificates.
    """

    host: str = "127.0.0.1"
    port: int = Field(8081, ge=0, le=65535)
    instance: str = "SANDLADA"
    hsa_id: HsaIdText = "SE165565594230-SANDLADA"
    sender: HsaIdText | None = "SE165565594230-1177"
    may_name_others: tuple[HsaIdText, ...] | None = None
    producer_seconds: float = Field(29.0, gt=0, le=120)
    resend_seconds: float = Field(2.0, ge=0, le=10)
    aggregate_seconds: float = Field(28.0, gt=0, le=120)
    index: str | None = INERA
    aggregating: str | None = INERA
    certificate: Path | None = None
    key: Path | None = None
    client_ca: Path | None = None
    route: tuple[Route, ...] = ()
    stand_in: tuple[StandIn, ...] = ()

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if (self.client_ca or self.key) and not self.certificate:
            raise ValueError("key and client_ca go with certificate")
        return self


def read_platform(file: Path) -> PlatformSettings:
    """Read what a platform is told.

    Raises:
        PlatformError: The file is missing, no TOML, or has a wrong key.
    """
    try:
        return PlatformSettings.model_validate(tomllib.loads(file.read_text("utf-8")))
    except OSError as error:
        raise PlatformError(f"{file} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlatformError(f"{file} is not TOML: {error}") from None
    except ValidationError as error:
        lines = [f"{file}: {'.'.join(map(str, one['loc']))}: {in_words(one)}" for one in error.errors()]
        raise PlatformError("\n".join(lines)) from None
