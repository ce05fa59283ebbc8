"""What came back, as a case looks at it: as little refused as can be, so that every fault can be named."""

from dataclasses import dataclass, field
from email.message import Message
from functools import lru_cache

from lxml import etree

from consumer.envelope import FaultParts, body_content, fault_parts
from consumer.results import Exchange, NoAnswer
from consumer.xml import XmlError, parse
from contracts.catalogue import Contract
from contracts.soap import FAULT

TRUE = ("true", "1", "TRUE", "True")
"""What means true: the schema's two, and what the contract descriptions write, so that a rule looks on."""
FALSE = ("false", "0", "FALSE", "False")

_LONGEST_TEXT = 160


@dataclass(frozen=True)
class Seen:
    """What one request led to.

    Attributes:
        contract: The contract that was asked; None when the request was none.
        exchange: What went over the wire.
        content: The element in the Body, a response element, a Fault or another; None when there is none.
        fault: What the Fault says, if it is one.
        trouble: Why it is no answer of the contract, in words that go after "the body"; else empty.
    """

    contract: Contract | None
    exchange: Exchange
    content: etree._Element | None = field(repr=False)
    fault: FaultParts | None
    trouble: str

    @property
    def answered(self) -> bool:
        """Whether it is a response element of the contract that was asked."""
        return (
            self.content is not None
            and self.contract is not None
            and self.content.tag == self.contract.response
        )

    @property
    def code(self) -> str:
        """The resultCode; empty when there is none."""
        return self.text("resultCode")

    @property
    def result_text(self) -> str:
        """The resultText, without blanks around; empty when there is none."""
        return self.text("resultText")

    @property
    def done(self) -> bool:
        """Whether it is an answer that says the call was done as asked."""
        return self.answered and self.code in ("", "OK", "INFO")

    @property
    def refused(self) -> bool:
        """Whether it is an ERROR or a Fault, and so says that the call was not done."""
        return self.fault is not None or (self.answered and self.code.startswith("ERROR"))

    def all(self, path: str) -> list[etree._Element]:
        """Return the elements at a path of local names, such as ``listings/healthcareFacility/id``."""
        return [] if self.content is None else found(self.content, path)

    def texts(self, path: str) -> list[str]:
        """Return the texts of the elements at a path."""
        return [(one.text or "").strip() for one in self.all(path)]

    def text(self, path: str) -> str:
        """Return the text of the first element at a path; empty when there is none."""
        return next(iter(self.texts(path)), "")

    @property
    def what(self) -> str:
        """What came, in a few words for a sentence."""
        if self.fault is not None:
            return f"a SOAP Fault ({self.fault.code or 'no faultcode'}: {_short(self.fault.string)})"
        if self.answered:
            text = f" ({_short(self.result_text)})" if self.result_text else ""
            return f"resultCode {self.code}{text}" if self.code else "an answer"
        return (
            f"HTTP {self.exchange.status}: the body {self.trouble}" if self.exchange.status else self.trouble
        )


def read_seen(contract: Contract | None, came: Exchange | NoAnswer) -> Seen:
    """Read what came of a request to a contract."""
    if isinstance(came, NoAnswer):
        return Seen(contract, came.exchange, None, None, f"no answer: {came.reason}")
    try:
        content = body_content(parse(came.response, charset(came)))
        if content.tag == FAULT:
            return Seen(contract, came, content, fault_parts(content), "")
        if contract is not None and content.tag != contract.response:
            name = etree.QName(content).localname
            return Seen(contract, came, content, None, f"holds {name} and not {contract.name}Response")
    except XmlError as error:
        return Seen(contract, came, None, None, str(error))
    return Seen(contract, came, content, None, "")


def charset(exchange: Exchange) -> str | None:
    """Return the charset that an answer is labelled with."""
    label = Message()
    for name, value in exchange.response_headers.items():
        if name.lower() == "content-type":
            label["Content-Type"] = value
    return label.get_content_charset()


def found(element: etree._Element, path: str) -> list[etree._Element]:
    """Return the elements at a path of local names below an element."""
    return list(element.iterfind(_any_namespace(path)))


@lru_cache(maxsize=512)
def _any_namespace(path: str) -> str:
    return "/".join(f"{{*}}{step}" for step in path.split("/"))


def text_of(element: etree._Element, path: str) -> str:
    """Return the text of the first element at a path below an element; empty when there is none."""
    first = next(iter(found(element, path)), None)
    return "" if first is None else (first.text or "").strip()


def codes_at(seen: Seen, path: str) -> list[tuple[str, str]]:
    """Return code and code system of the coded values at a path of an answer."""
    return [(text_of(one, "code"), text_of(one, "codeSystem")) for one in seen.all(path)]


def outline(element: etree._Element) -> list[tuple[str, str]]:
    """Return names and texts of an element and all in it, to compare what two answers say."""
    return [
        (str(one.tag), (one.text or "").strip() if len(one) == 0 else "")
        for one in element.iter(etree.Element)
    ]


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}..."
