"""What can come of a call: an answer, a Fault, or no answer. Nothing else, and never an exception.

None of them shows a message in its repr, as objects end up in tracebacks and logs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from consumer import faults
from contracts.codes import ResultCode
from contracts.schemas import Problem

_DENIED = 403
_PASSING_STATUSES = frozenset({408, 429})


@dataclass(frozen=True, slots=True)
class Exchange:
    """What went over the wire, byte by byte.

    Attributes:
        address: Where the request went.
        request_headers: HTTP headers of the request.
        request: Body of the request.
        seconds: Time from sending to the last byte of the answer, or to giving up.
        status: HTTP status; None when no answer came.
        response_headers: HTTP headers of the answer.
        response: Body of the answer; empty when none came or it was too large to read.
    """

    address: str
    request_headers: Mapping[str, str] = field(repr=False)
    request: bytes = field(repr=False)
    seconds: float
    status: int | None = None
    response_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    response: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response element of the contract.

    Attributes:
        result_code: The resultCode; None where the contract has none, or it is none of the known ones (then
            there are problems).
        result_text: The resultText, if any.
        body: Element name -> value, list or dict, as the schema has them; elements of other namespaces are
            left out. With problems it holds what could be read, which may be nothing.
        problems: Why the schema refuses the answer; empty for a valid one.
        exchange: What went over the wire.
    """

    result_code: ResultCode | None
    result_text: str | None = field(repr=False)
    body: dict[str, Any] = field(repr=False)
    problems: list[Problem]
    exchange: Exchange

    @property
    def ok(self) -> bool:
        """Whether the call was done as asked, and the answer can be believed."""
        return not self.problems and self.result_code in (None, ResultCode.OK, ResultCode.INFO)


@dataclass(frozen=True, slots=True)
class FaultAnswer:
    """A SOAP Fault, whatever its HTTP status.

    Attributes:
        faultcode: Local name of the fault code, such as ``Client``; empty when it is missing.
        faultcode_namespace: Its namespace; None when it is not qualified, as in the official mocks
            (carelisting contradiction C28).
        faultstring: Text of the Fault.
        detail: All text within detail; empty when there is none.
        exchange: What went over the wire.
    """

    faultcode: str
    faultcode_namespace: str | None
    faultstring: str = field(repr=False)
    detail: str = field(repr=False)
    exchange: Exchange

    @property
    def kind(self) -> faults.FaultKind:
        """What such a Fault means and what to do about it."""
        return faults.fault_kind(self.faultcode, self.faultstring)

    @property
    def vp_code(self) -> str | None:
        """The platform's own code, VPnnn, if the Fault is the platform's."""
        return faults.vp_code(self.faultstring)

    @property
    def log_id(self) -> str | None:
        """The UUID by which support finds the call, if the faultstring holds one."""
        return faults.log_id(self.faultstring)

    @property
    def retry(self) -> bool:
        """Whether calling again, later and with growing intervals, may help (RIV-TA rules 22 and 28)."""
        denied = self.exchange.status == _DENIED
        final = faults.producer_statuses(self.detail) & self.kind.final_statuses
        return self.kind.retry and not denied and not final


class NoAnswerKind(StrEnum):
    """Why there is no answer."""

    TIMEOUT = "timeout"
    CONNECTION = "connection"
    TLS = "tls"
    HTTP = "http"
    """An HTTP status that is no success, without a Fault."""
    NOT_SOAP = "not_soap"
    """A success by its HTTP status, but no SOAP 1.1 answer of the contract."""
    TOO_LARGE = "too_large"
    DTD = "dtd"
    """A document type declaration; it is not looked into."""


# Needing a repair first: trust or certificates, and a peer that sends what it must not.
_FINAL = frozenset({NoAnswerKind.TLS, NoAnswerKind.TOO_LARGE, NoAnswerKind.DTD})


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing came that can be taken for an answer.

    Attributes:
        kind: Why.
        reason: The same in words, and what to do; never quotes a message.
        exchange: What went over the wire.
    """

    kind: NoAnswerKind
    reason: str
    exchange: Exchange

    @property
    def retry(self) -> bool:
        """Whether calling again may help: technical errors pass unless the status says no (rule 22)."""
        if self.kind is NoAnswerKind.HTTP:
            status = self.exchange.status or 0
            return status >= 500 or status in _PASSING_STATUSES
        return self.kind not in _FINAL


Result = Answer | FaultAnswer | NoAnswer
"""What came of a call."""
