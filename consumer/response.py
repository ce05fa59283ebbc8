"""From the bytes of a response to a typed result."""

from collections.abc import Callable
from email.message import Message
from typing import Any

from lxml import etree

from consumer.envelope import EnvelopeError, body_content, fault_parts
from consumer.results import Answer, Exchange, FaultAnswer, NoAnswer, NoAnswerKind, Result
from consumer.xml import DoctypeError, XmlError, parse
from contracts.catalogue import ENGAGEMENTINDEX, Contract, by_element
from contracts.codes import ResultCode
from contracts.schemas import Schemas
from contracts.soap import FAULT

_RESULT_NAMES = {ENGAGEMENTINDEX: ("ResultCode", "comment")}
"""What resultCode and resultText are called in domains that have other names for them."""

ReadBody = Callable[[Contract, etree._Element, bool], dict[str, Any]]
"""Reads a response element into element names and values; the last argument tells whether it is valid."""


def read_response(contract: Contract, exchange: Exchange, schemas: Schemas, read_body: ReadBody) -> Result:
    """Return what a response means.

    A Fault is one whatever the HTTP status, and an answer needs a status of success: the platform passes
    Faults on with 200, and turns every other status into a Fault of its own (SKLTP VP, VPRouter).

    Args:
        contract: The contract that was called.
        exchange: What went over the wire.
        schemas: What the answer must follow.
        read_body: Reads the response element.
    """
    success = 200 <= (exchange.status or 0) < 300
    try:
        content = body_content(parse(exchange.response, _charset(exchange)))
        if content.tag == FAULT:
            return FaultAnswer(*fault_parts(content), exchange)
        if content.tag != contract.response:
            other = by_element(content.tag)
            what = f"a message of {other.name}" if other else "an element of no known contract"
            raise EnvelopeError(f"holds {what} and not {contract.name}Response", content.sourceline)
        if not success:
            raise EnvelopeError("is an answer, which needs an HTTP status of success")
    except XmlError as error:
        return NoAnswer(*_why(error, exchange, success), exchange)
    problems = schemas.problems(contract, content)
    code, text = _RESULT_NAMES.get(contract.domain, ("resultCode", "resultText"))
    return Answer(
        ResultCode.__members__.get(content.findtext(f"{{{contract.namespace}}}{code}", "")),
        content.findtext(f"{{{contract.namespace}}}{text}"),
        read_body(contract, content, not problems),
        problems,
        exchange,
    )


def _why(error: XmlError, exchange: Exchange, success: bool) -> tuple[NoAnswerKind, str]:
    place = f" (line {error.line}, column {error.column})" if error.column else ""
    reason = f"HTTP {exchange.status} without a Fault: the body {error}{place}"
    if isinstance(error, DoctypeError):
        return NoAnswerKind.DTD, reason
    if success:
        return NoAnswerKind.NOT_SOAP, f"{reason}; check the address, this may be no RIV-TA service"
    if 300 <= (exchange.status or 0) < 400:
        return NoAnswerKind.HTTP, f"{reason}; redirects are not followed, call the right address"
    return NoAnswerKind.HTTP, reason


def _charset(exchange: Exchange) -> str | None:
    """Return the charset the response is labelled with."""
    label = Message()
    for name, value in exchange.response_headers.items():
        if name.lower() == "content-type":
            label["Content-Type"] = value
    return label.get_content_charset()
