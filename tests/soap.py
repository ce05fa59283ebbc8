"""Checks that every request and response in the tests goes through, and answers as peers give them.

Nothing here comes from the code under test but the catalogue and the schemas: what is checked must not be
checked by itself.
"""

from pathlib import Path

from lxml import etree

from contracts.catalogue import LOGICAL_ADDRESS, by_element
from contracts.schemas import Schemas, built_in

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
FAULT = f"{{{SOAP}}}Fault"

_ENVELOPE = etree.XMLSchema(file=str(Path(__file__).parent / "data" / "soap-envelope-1.1.xsd"))
_FAULT_CODES = {"VersionMismatch", "MustUnderstand", "Client", "Server"}


def check_envelope(data: bytes, schemas: Schemas | None = None) -> etree._Element:
    """Return the element in the Body after asserting that everything about the message is right.

    UTF-8 without byte order mark and DOCTYPE; a SOAP 1.1 envelope; in it a well-made Fault, or an element
    that its contract's schema accepts.

    Args:
        data: The message.
        schemas: Schemas of the contracts; our own when left out.
    """
    data.decode("utf-8")
    assert not data.startswith(b"\xef\xbb\xbf"), "a byte order mark"
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    info = root.getroottree().docinfo
    assert info.internalDTD is None, "a DOCTYPE"
    assert info.encoding in (None, "UTF-8", "utf-8"), info.encoding
    assert _ENVELOPE.validate(root), str(_ENVELOPE.error_log)
    content = root.find(f"{{{SOAP}}}Body")[0]
    if content.tag == FAULT:
        _check_fault(content)
    else:
        _check_message(content, schemas or built_in())
    return content


def check_request(data: bytes, schemas: Schemas | None = None) -> etree._Element:
    """Return the request element after asserting that it may be sent: as `check_envelope`, and addressed."""
    content = check_envelope(data, schemas)
    contract = by_element(content.tag)
    assert contract is not None, content.tag
    assert content.tag == contract.request, content.tag
    addresses = content.getroottree().findall(f"{{{SOAP}}}Header/{LOGICAL_ADDRESS}")
    assert len(addresses) == 1, "LogicalAddress must be there once"
    assert addresses[0].text, "an empty LogicalAddress"
    assert addresses[0].text == addresses[0].text.strip(), "blanks around the LogicalAddress"
    return content


def check_exchange(
    request: bytes, response: bytes, schemas: Schemas | None = None
) -> tuple[etree._Element, etree._Element]:
    """Return the elements of a request and its response having asserted that both are right and match."""
    asked = check_request(request, schemas)
    answered = check_envelope(response, schemas)
    contract = by_element(asked.tag)
    assert contract is not None
    assert answered.tag in (contract.response, FAULT), f"{answered.tag} answers {asked.tag}"
    return asked, answered


def _check_message(content: etree._Element, schemas: Schemas) -> None:
    contract = by_element(content.tag)
    assert contract is not None, f"{content.tag} is no element of a contract"
    # As a document of its own: inside the envelope lxml does not resolve the prefix of an xsi:type.
    alone = etree.fromstring(etree.tostring(content, with_tail=False))
    assert schemas.valid(contract, alone), "\n".join(map(str, schemas.problems(contract, alone)))


def _check_fault(fault: etree._Element) -> None:
    code = fault.find("faultcode")
    prefix, _, local = code.text.strip().rpartition(":")
    assert code.nsmap.get(prefix or None) == SOAP, f"{code.text} is not a name of SOAP 1.1"
    assert local in _FAULT_CODES, local
    assert fault.findtext("faultstring", "").strip(), "a Fault that says nothing"


def response(content: str) -> bytes:
    """Return a message with this in its Body, as a peer would answer."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="{SOAP}">'
        f"<soap:Body>{content}</soap:Body></soap:Envelope>"
    ).encode()


def fault(code: str, string: str, detail: str = "") -> bytes:
    """Return a message with a Fault, as a peer would answer; ``detail`` is an element."""
    return response(
        f"<soap:Fault><faultcode>{code}</faultcode><faultstring>{string}</faultstring>{detail}</soap:Fault>"
    )
