"""What the platform reads of a request: receiver, contract and encoding, and nothing else."""

from dataclasses import dataclass

from lxml import etree

from consumer.platform.faults import PlatformFault
from consumer.xml import XmlError, parse
from contracts.catalogue import Contract, by_element
from contracts.soap import BODY, HEADER

_UTF_8 = "UTF-8"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as the platform understands it.

    Attributes:
        content: The element in its Body.
        receiver: The LogicalAddress, blanks and all.
        body: The request as it goes on: in UTF-8.
        encoding: That it came in, and that the answer goes back in.
    """

    content: etree._Element
    contract: Contract | None
    receiver: str
    body: bytes
    encoding: str


def read(data: bytes, charset: str | None) -> Incoming:
    """Read a request.

    Args:
        data: The request.
        charset: Of its Content-Type.

    Raises:
        PlatformFault: It cannot be read, or does not say to whom it goes.
    """
    try:
        root = parse(data, charset)
    except XmlError:
        # A prolog that says UTF-16 over bytes in UTF-8 is put up with.
        try:
            root = parse(data, _UTF_8)
        except XmlError as error:
            raise PlatformFault("VP015", str(error)) from None
    header, body = root.find(HEADER), root.find(BODY)
    content = body[0] if body is not None and len(body) else None
    if content is None:
        raise PlatformFault("VP015", "the Body is empty")
    names = {etree.QName(one).localname: one.text or "" for one in (header if header is not None else ())}
    if "LogicalAddress" not in names:
        raise PlatformFault("VP005" if "To" in names else "VP001")
    if not names["LogicalAddress"]:
        raise PlatformFault("VP003")
    encoding = (root.getroottree().docinfo.encoding or _UTF_8).upper()
    in_utf_8 = encoding in (_UTF_8, "ASCII", "US-ASCII") or _is_utf_8(data)
    return Incoming(
        content,
        by_element(content.tag),
        names["LogicalAddress"],
        data if in_utf_8 else etree.tostring(root, encoding=_UTF_8, xml_declaration=True),
        _UTF_8 if in_utf_8 else encoding,
    )


def _is_utf_8(data: bytes) -> bool:
    """Tell whether bytes are UTF-8 whatever their prolog says."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" and b"\0" not in data[:64]


def as_it_came(answer: bytes, encoding: str) -> bytes:
    """Return an answer in the encoding of the request; one that cannot be read as it is."""
    if encoding == _UTF_8:
        return answer
    try:
        return bytes(etree.tostring(parse(answer), encoding=encoding, xml_declaration=True))
    except XmlError:
        return answer
