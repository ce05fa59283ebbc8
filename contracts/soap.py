"""SOAP 1.1 and XML as both sides of a call read them: names, the hardened parser, the element in a Body."""

from lxml import etree

from contracts.letters import nfc

NAMESPACE = "http://schemas.xmlsoap.org/soap/envelope/"
"""Namespace of SOAP 1.1, the only version in RIV-TA Basic Profile 2.1 (rule 1)."""

ENVELOPE = f"{{{NAMESPACE}}}Envelope"
HEADER = f"{{{NAMESPACE}}}Header"
BODY = f"{{{NAMESPACE}}}Body"
FAULT = f"{{{NAMESPACE}}}Fault"


def hardened_parser(encoding: str | None = None) -> etree.XMLParser:
    """Return a new parser for what comes from outside; parsers are not shared between threads.

    It resolves no entity, loads no DTD, reaches no network, and drops comments and processing instructions.
    That a document has a DOCTYPE shows in its docinfo, and is for the caller to refuse.

    Args:
        encoding: Encoding that goes before the one the document declares.

    Raises:
        LookupError: The encoding is not known.
        ValueError: The encoding's name is none.
    """
    return etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def standalone(element: etree._Element) -> etree._Element:
    """Take an element out of its document and return it as the root of one of its own, lines kept.

    Within an envelope, validators do not resolve the prefix of an xsi:type that the envelope declares.
    """
    root = etree.Element(element.tag, dict(element.attrib), nsmap=element.nsmap)
    root.text = element.text
    root.extend(list(element))
    root.sourceline = element.sourceline
    return root


def compose(root: etree._Element, document: bytes) -> None:
    """Bring the texts and attributes of a document into composed form, in place.

    Args:
        root: Its root.
        document: The bytes it was parsed from. Most have nothing but ASCII in them, which is composed.
    """
    # UTF-16 has NUL bytes, and may write other letters in ASCII bytes.
    if document.isascii() and b"&#" not in document and b"\0" not in document:
        return
    for element in root.iter():
        for place in ("text", "tail"):
            text = getattr(element, place)
            if text and not text.isascii():
                setattr(element, place, nfc(text))
        for name, value in element.items():
            if not value.isascii():
                element.set(name, nfc(value))
