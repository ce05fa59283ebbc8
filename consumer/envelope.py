"""SOAP 1.1 as a receiver sees it: what an envelope holds, and what a Fault says."""

from typing import NamedTuple

from lxml import etree

from consumer.xml import XmlError
from contracts.soap import BODY, ENVELOPE, standalone

_SOAP_12 = "{http://www.w3.org/2003/05/soap-envelope}Envelope"


class EnvelopeError(XmlError):
    """A document that is no SOAP 1.1 envelope with one element in its Body (RIV-TA rule 7)."""


class FaultParts(NamedTuple):
    """What a Fault says.

    Attributes:
        code: Local name of the fault code, empty when it is missing.
        namespace: Namespace of the fault code; None when it is not qualified, or by a prefix nobody declared.
        string: faultstring, empty when it is missing.
        detail: All text within detail.
    """

    code: str
    namespace: str | None
    string: str
    detail: str


def body_content(root: etree._Element) -> etree._Element:
    """Take the one element in the Body out of an envelope and return it, with its line numbers.

    Raises:
        EnvelopeError: It is no envelope, or its Body does not hold one element.
    """
    if root.tag == _SOAP_12:
        raise EnvelopeError("is a SOAP 1.2 envelope, and RIV-TA uses SOAP 1.1", root.sourceline)
    if root.tag != ENVELOPE:
        raise EnvelopeError("is not a SOAP 1.1 envelope", root.sourceline)
    bodies = root.findall(BODY)
    if len(bodies) != 1:
        raise EnvelopeError(f"has {len(bodies)} SOAP Body elements and must have one", root.sourceline)
    if len(bodies[0]) != 1:
        raise EnvelopeError(
            f"has {len(bodies[0])} elements in its SOAP Body and must have one", bodies[0].sourceline
        )
    return standalone(bodies[0][0])


def fault_parts(fault: etree._Element) -> FaultParts:
    """Return what a Fault says; its children count also when they are qualified, which SOAP 1.1 has not."""
    children = {etree.QName(child).localname: child for child in fault}
    code = children.get("faultcode")
    prefix, _, local = ("" if code is None else code.text or "").strip().rpartition(":")
    return FaultParts(
        local,
        code.nsmap.get(prefix) if code is not None and prefix else None,
        _text(children.get("faultstring")),
        _text(children.get("detail")),
    )


def _text(element: etree._Element | None) -> str:
    """Return all text within an element, with single blanks between words."""
    return "" if element is None else " ".join(" ".join(element.itertext()).split())
