"""Reading XML that others wrote: one hardened parser for answers and for files to validate."""

import codecs
import re

from lxml import etree

from contracts.soap import compose, hardened_parser

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DOCTYPE = re.compile(
    rb"\s*(?:<\?xml[^>]*>)?\s*(?:<!--.*?-->\s*)*<!doctype\s+([\w:.-]+)", re.DOTALL | re.IGNORECASE
)
_PROLOG_BYTES = 4096
_PLACE = re.compile(r", line \d+, column \d+$")


class XmlError(ValueError):
    """Bytes that are no document we read. The text completes "the document ..." and never quotes it.

    Attributes:
        line: Line of the error, from 1; None when it has no place.
        column: Column of the error, from 1; None when it has no place.
        detail: What the parser says. May quote the document, so it is only for whoever has the document.
    """

    def __init__(
        self, text: str, line: int | None = None, column: int | None = None, detail: str = ""
    ) -> None:
        super().__init__(text)
        self.line = line
        self.column = column
        self.detail = detail


class DoctypeError(XmlError):
    """A document type declaration: entity bombs and external entities need one, RIV-TA messages never do."""


def parse(data: bytes, charset: str | None = None) -> etree._Element:
    """Return the root of a document, without its comments and processing instructions.

    Args:
        data: The document.
        charset: Charset of the Content-Type header. It goes before the XML declaration (RFC 3023), and a byte
            order mark goes before both.

    Raises:
        DoctypeError: It has a document type declaration.
        XmlError: It is empty, an HTML page, not well-formed, or in a charset that is not known.
    """
    if not data.strip():
        raise XmlError("is empty")
    if data.startswith(_MARKS):
        charset = None  # libxml2 goes by the mark
    try:
        parser = hardened_parser(charset)
    except (LookupError, ValueError):  # an unknown name, or none at all
        raise XmlError("is in a charset that is not known") from None
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        _refuse_doctype(_doctype_in_prolog(data))  # as when an entity bomb made the parser stop
        line, column = error.position
        detail = _PLACE.sub("", error.msg or "")
        raise XmlError("is not well-formed XML", line, column, detail) from None
    document_type = root.getroottree().docinfo.internalDTD
    if document_type is not None:
        _refuse_doctype(document_type.name or "")
    compose(root, data)
    return root


def _doctype_in_prolog(data: bytes) -> str | None:
    """Return the name in the DOCTYPE of a document that could not be parsed, if it has one."""
    prolog = data[:_PROLOG_BYTES].replace(b"\0", b"").lstrip(b"".join(_MARKS))
    found = _DOCTYPE.match(prolog)
    return found[1].decode("ascii", "replace") if found else None


def _refuse_doctype(name: str | None) -> None:
    if name is None:
        return
    if name.lower() == "html":
        raise XmlError("is an HTML page")
    raise DoctypeError("has a document type declaration (DOCTYPE), which RIV-TA messages must not have")
