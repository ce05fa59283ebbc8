"""One run against one producer: what it is asked by, and all that has been asked and answered."""

from dataclasses import dataclass, field
from typing import NamedTuple

from consumer.conformance.carrier import Carrier
from consumer.conformance.data import CaseData
from consumer.conformance.seen import Seen
from consumer.conformance.writing import Writer
from contracts.catalogue import Contract, by_name
from contracts.messages import Request
from contracts.schemas import Schemas

_UPDATING = tuple(map(by_name, ("CreateListing", "UpdateListing")))


def may_change(contract: Contract, *bodies: bytes) -> bool:
    """Tell whether a request may change a producer's data, by its contract or by what it holds."""
    names = [
        one.namespace.encode(coding) for one in _UPDATING for coding in ("utf-8", "utf-16-le", "utf-16-be")
    ]
    return contract in _UPDATING or any(name in body for name in names for body in bodies)


class WriteRefused(RuntimeError):
    """A case sent what may change data in a run that must not: a fault of the case, and nothing was sent."""


class Plain(NamedTuple):
    """The plainest request of what the producer offers, to be altered.

    Attributes:
        contract: Its contract.
        message: The request.
        body: The request as it is sent.
        address: Its LogicalAddress.
    """

    contract: Contract
    message: Request
    body: bytes
    address: str


@dataclass
class Session:
    """One run against one producer: what it is asked by, and all that has been asked and answered.

    Attributes:
        carrier: Takes requests to it.
        writer: Writes requests.
        schemas: What answers must follow.
        data: Who and what is asked about.
        write: Whether the tester may change its data.
        seen: Everything so far, in order.
        asked: Where in it the answer to a question is.
        looked: Whether a rule has had everybody in the data file asked about.
    """

    carrier: Carrier
    writer: Writer
    schemas: Schemas
    data: CaseData
    write: bool = False
    seen: list[Seen] = field(default_factory=list)
    asked: dict[tuple[object, ...], int] = field(default_factory=dict)
    looked: bool = False
