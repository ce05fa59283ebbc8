"""The SOAP Faults of the producer: texts from ``faults.toml``, and their element.

A Fault says what is wrong and what to do, ends with the log id that support searches the log for, and never
carries personal data or the text of an exception (RIV-TA Basic Profile 2.1 section 3.1).
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lxml import etree

from contracts.soap import BODY, ENVELOPE, FAULT, NAMESPACE


@dataclass(frozen=True, slots=True)
class FaultText:
    """One row of ``faults.toml``.

    Attributes:
        code: Our own code, first word of the faultstring.
        faultcode: Local name of the SOAP 1.1 fault code.
        text: Text with an optional ``{detail}``.
        status: HTTP status of the answer.
    """

    code: str
    faultcode: str
    text: str
    status: int = 500


@cache
def fault_kinds() -> dict[str, FaultText]:
    """Return every kind of Fault by its code."""
    rows = tomllib.loads(files("producer").joinpath("faults.toml").read_text("utf-8"))
    return {code: FaultText(code, **row) for code, row in rows.items()}


class SoapFault(Exception):
    """Raised to answer with a Fault.

    Args:
        code: Code in ``faults.toml``.
        detail: What the text's ``{detail}`` becomes. Must not hold personal data.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        self.kind = fault_kinds()[code]
        super().__init__(self.kind.text.format(detail=detail))

    def text(self, log_id: str) -> str:
        """Return the faultstring: code, text and log id."""
        return f"{self.kind.code} {self} Log id: {log_id}"


def envelope(content: etree._Element) -> etree._Element:
    """Return a SOAP 1.1 envelope with the element as the only one in its Body."""
    root = etree.Element(ENVELOPE, nsmap={"soap": NAMESPACE})
    etree.SubElement(root, BODY).append(content)
    return root


def fault_element(fault: SoapFault, log_id: str) -> etree._Element:
    """Return the Fault element: qualified faultcode, unqualified children (WS-I Basic Profile 1.1)."""
    element = etree.Element(FAULT, nsmap={"soap": NAMESPACE})
    etree.SubElement(element, "faultcode").text = f"soap:{fault.kind.faultcode}"
    etree.SubElement(element, "faultstring").text = fault.text(log_id)
    return element


def to_bytes(document: etree._Element) -> bytes:
    """Serialize a document as it leaves: UTF-8 with declaration and without byte order mark."""
    serialized: bytes = etree.tostring(document, encoding="UTF-8", xml_declaration=True)
    return serialized
