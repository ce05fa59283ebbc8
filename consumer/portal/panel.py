"""The panel for testers beside each page: what was sent, what came, and whether the schema takes it."""

from collections import defaultdict
from dataclasses import dataclass

from lxml import etree

from consumer.portal.asking import Call
from consumer.results import Answer, FaultAnswer, NoAnswer, Result
from consumer.xml import XmlError, parse
from contracts.catalogue import Contract
from contracts.schemas import Schemas
from contracts.soap import BODY, FAULT

_LONGEST = 200_000
"""Characters of a message that are shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a message.

    Attributes:
        problems: What the schema has against what begins on it.
    """

    number: int
    text: str
    problems: list[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A call as the panel shows it.

    Attributes:
        verdict: What came of it, in a few words.
        good: Whether that is as it should be.
        elsewhere: What the schema has against the answer that has no line.
    """

    title: str
    address: str
    verdict: str
    good: bool
    milliseconds: int
    request: list[Line]
    response: list[Line]
    elsewhere: list[str]


def shown(call: Call, schemas: Schemas) -> Shown:
    """Return a call as the panel shows it: messages indented, each problem at its line."""
    title = f"{call.contract.name} till {call.logical_address}"
    if call.result is None:
        return Shown(title, "", f"anropet kunde inte göras: {call.reason}", False, 0, [], [], [])
    exchange = call.result.exchange
    request, _ = _lines(exchange.request, call.contract, schemas)
    response, elsewhere = _lines(exchange.response, call.contract, schemas)
    verdict, good = _verdict(call.result)
    return Shown(
        title,
        exchange.address,
        verdict,
        good,
        round(exchange.seconds * 1000),
        request,
        response,
        elsewhere,
    )


def _verdict(result: Result) -> tuple[str, bool]:
    status = f"HTTP {result.exchange.status}" if result.exchange.status else "inget svar"
    match result:
        case Answer(problems=[]):
            code = f", resultCode {result.result_code}" if result.result_code else ""
            return f"{status}{code}, giltigt enligt schemat", True
        case Answer():
            return f"{status}, bryter mot schemat på {len(result.problems)} ställen", False
        case FaultAnswer():
            log_id = f", logg-id {result.log_id}" if result.log_id else ""
            return f"{status}, SOAP Fault {result.faultcode}{log_id}", False
        case NoAnswer():
            return f"{status}: {result.reason}", False


def _lines(data: bytes, contract: Contract, schemas: Schemas) -> tuple[list[Line], list[str]]:
    """Return a message's lines, indented, and what is wrong with it that has no line."""
    if not data:
        return [], []
    try:
        root = parse(data)
    except XmlError as error:
        return _numbered(data.decode("utf-8", "replace"), {}), [str(error)]
    etree.indent(root)
    text = etree.tostring(root, encoding="unicode")
    # Read again: the lines that the schema names are then those that are shown.
    body = etree.fromstring(text.encode()).find(BODY)
    payload = body[0] if body is not None and len(body) else None
    at: defaultdict[int, list[str]] = defaultdict(list)
    elsewhere = []
    if payload is not None and payload.tag != FAULT:
        for problem in schemas.problems(contract, payload):
            if problem.line is None:
                elsewhere.append(str(problem))
            else:
                at[problem.line].append(problem.reason)
    return _numbered(text, at), elsewhere


def _numbered(text: str, at: dict[int, list[str]]) -> list[Line]:
    shown_text = text[:_LONGEST]
    lines = [Line(number, line, at.get(number, [])) for number, line in enumerate(shown_text.splitlines(), 1)]
    if len(text) > _LONGEST:
        lines.append(Line(len(lines) + 1, f"… {len(text) - _LONGEST} tecken till", []))
    return lines
