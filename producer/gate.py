"""The parse gate: from the bytes of a request to its LogicalAddress and the one element in its Body.

Everything a request can be wrong in before its contract is known is found here, and answered with a Fault.
Spyne would accept a DOCTYPE and trip over an empty body, so its own parsing is never reached. How much a
request holds is counted first (`producer.bounds`).

Sources: WS-I Basic Profile 1.1 (what an envelope may hold), RIV-TA Basic Profile 2.1 rules 7 and 8, and what
the platform does to messages on their way: it may declare UTF-16 in the prolog of UTF-8 bytes.
"""

import codecs
import re
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread

from lxml import etree

from contracts.catalogue import LOGICAL_ADDRESS
from contracts.identifiers import IdentifierError, LogicalAddress
from contracts.soap import BODY, ENVELOPE, HEADER, NAMESPACE, compose, hardened_parser, standalone
from producer import bounds
from producer.faults import SoapFault

_MUST_UNDERSTAND = f"{{{NAMESPACE}}}mustUnderstand"
_ACTOR = f"{{{NAMESPACE}}}actor"
_NEXT_ACTOR = "http://schemas.xmlsoap.org/soap/actor/next"

_vocabulary = bounds.Vocabulary()

_BOMS = (
    (codecs.BOM_UTF8, "UTF-8"),
    (codecs.BOM_UTF16_LE, "UTF-16LE"),
    (codecs.BOM_UTF16_BE, "UTF-16BE"),
)
_SHORT_UTF_8 = re.compile(rb"\s*<\?xml\s[^>?]{1,60}encoding\s*=\s*[\"']utf8[\"']", re.IGNORECASE)
"""A declaration with a name of UTF-8 that libxml2 knows and expat does not."""

_CHARSETS = {"utf-8": "UTF-8", "utf8": "UTF-8", "us-ascii": "UTF-8", "iso-8859-1": "ISO-8859-1"}


@dataclass(frozen=True, slots=True)
class Envelope:
    """An opened request.

    Attributes:
        address: Who the request is addressed to.
        content: The element in the Body, the root of a document of its own.
    """

    address: LogicalAddress
    content: etree._Element


def open_envelope(body: bytes, charset: str | None = None) -> Envelope:
    """Open a request.

    Args:
        body: The bytes of the HTTP body.
        charset: Charset of the Content-Type header; it goes before the XML declaration (RFC 3023), and a byte
            order mark goes before both.

    Raises:
        SoapFault: The request cannot be understood; FK101-FK106, FK109, FK110 or FK201.
    """
    if not body.strip():
        raise SoapFault("FK101")
    encoding, body = _encoding(body, charset)
    names = bounds.check(body, encoding)
    if _vocabulary.has(names):
        return _open(body, encoding)
    return _apart(body, encoding)


def _apart(body: bytes, encoding: str | None) -> Envelope:
    """Open a request in a thread of its own, with which the names go that nobody has used before."""
    opened: Future[Envelope] = Future()

    def run() -> None:
        try:
            opened.set_result(_open(body, encoding))
        except BaseException as error:  # whatever it is belongs to the one who waits
            opened.set_exception(error)

    thread = Thread(target=run, name="names")
    thread.start()
    thread.join()
    return opened.result()


def _open(body: bytes, encoding: str | None) -> Envelope:
    root = _parse(body, encoding)
    if root.tag != ENVELOPE:
        if etree.QName(root).localname == "Envelope":
            raise SoapFault("FK104")
        raise SoapFault("FK105", "the document is not an Envelope")
    headers, content = _parts(root)
    return Envelope(_logical_address(headers), standalone(content))


def _parse(body: bytes, encoding: str | None) -> etree._Element:
    try:
        root = etree.fromstring(body, hardened_parser(encoding))
    except etree.XMLSyntaxError as error:
        line, column = error.position
        # libxml2's own text may quote the message
        raise SoapFault("FK102", f"line {line}, column {column}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise SoapFault("FK103")
    compose(root, body)
    return root


def _encoding(body: bytes, charset: str | None) -> tuple[str | None, bytes]:
    """Tell the encoding, None for what the XML declaration says, and return the bytes without any mark."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return encoding, body.removeprefix(mark)
    if charset is None:
        return "UTF-8" if _SHORT_UTF_8.match(body) else None, body
    name = charset.strip().strip('"').lower()
    if name.startswith("utf-16"):
        raise SoapFault("FK109", "the charset is UTF-16 and there is no byte order mark")
    if name not in _CHARSETS:
        raise SoapFault("FK109", "the charset of Content-Type is not supported")
    return _CHARSETS[name], body


def _parts(root: etree._Element) -> tuple[list[etree._Element], etree._Element]:
    """Return the header blocks and the element in the Body of an envelope."""
    tags = [child.tag for child in root]
    if tags.count(BODY) != 1:
        raise SoapFault("FK105", f"it has {tags.count(BODY)} Body elements and must have one")
    if tags not in ([BODY], [HEADER, BODY]):
        raise SoapFault("FK105", "it must hold a Header and then a Body, and nothing else")
    if any(map(_holds_text, (root, *root))):
        raise SoapFault("FK105", "it holds text beside its elements")
    content = list(root[-1])
    if len(content) != 1:
        raise SoapFault("FK105", f"its Body holds {len(content)} elements and must hold one")
    return list(root[0]) if len(tags) == 2 else [], content[0]


def _holds_text(element: etree._Element) -> bool:
    texts = (element.text, *(child.tail for child in element))
    return any(text and text.strip() for text in texts)


def _logical_address(headers: list[etree._Element]) -> LogicalAddress:
    found = []
    for header in headers:
        if header.tag == LOGICAL_ADDRESS:
            found.append(header)
        elif header.get(_MUST_UNDERSTAND, "").strip() in ("1", "true") and header.get(_ACTOR, "").strip() in (
            "",
            _NEXT_ACTOR,
        ):
            raise SoapFault("FK106")
    if not found:
        raise SoapFault("FK201", "missing")
    if len(found) > 1:
        raise SoapFault("FK201", "there more than once")
    if len(found[0]):
        raise SoapFault("FK201", "not plain text")
    try:
        return LogicalAddress.parse(found[0].text or "")
    except IdentifierError:
        raise SoapFault("FK201", "empty") from None


class UnsafeParserError(RuntimeError):
    """The XML parser of this installation lets through what it must not."""


_ENTITY_BOMB = b"""<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><a>&d;</a>"""
_EXTERNAL_ENTITY = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'


def check_parser() -> None:
    """Feed the gate an entity bomb and an external entity; called before serving.

    Raises:
        UnsafeParserError: One of them got through.
    """
    for sample in (_ENTITY_BOMB, _EXTERNAL_ENTITY):
        try:
            _parse(sample, None)
        except SoapFault as fault:
            if fault.kind.code in ("FK102", "FK103"):
                continue
        raise UnsafeParserError(
            "the XML parser accepts document type declarations; this lxml is not safe to serve with"
        )
