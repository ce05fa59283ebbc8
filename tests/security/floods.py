"""Requests that hold much of one thing: as many as go into a size, each of a shape of its own."""

from collections.abc import Callable, Iterator
from itertools import accumulate, count, takewhile

from tests.messages import actor, envelope, person, request
from tests.records import ANNA

LISTING = request("GetListing", actor(), person("personId", ANNA))
END = "</GetListing>"
XSI = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'


def _many(size: int, piece: Callable[[int], str]) -> str:
    """Return pieces with the numbers 0, 1, 2.. that together are about so many characters."""

    def pieces() -> Iterator[str]:
        return map(piece, count())

    sizes = accumulate(map(len, pieces()))
    return "".join(
        text for _, text in zip(takewhile(lambda total: total <= size, sizes), pieces(), strict=False)
    )


def _inside(content: str, message: str = LISTING) -> bytes:
    """Return a GetListing with this as the last within its element."""
    return envelope(message.replace(END, content + END))


def _wild(content: str) -> bytes:
    """Return a GetListing with this in the room it has for extensions."""
    return _inside(f'<w xmlns="urn:w">{content}</w>')


def _on(attributes: str, element: str = "<personId") -> bytes:
    return envelope(LISTING.replace(element, f"{element} {attributes}"))


def _headers(content: str) -> bytes:
    return envelope(LISTING).replace(b"</s:Header>", content.encode() + b"</s:Header>")


def _siblings(size: int) -> str:
    return _many(size, lambda n: "<x/>")


def _references(size: int) -> str:
    return _many(size, lambda n: "&#65;")


def _attributes(size: int, prefix: str = "a") -> str:
    return _many(size, lambda n: f'{prefix}{n}="" ')


def _declarations(size: int) -> str:
    return _many(size, lambda n: f'xmlns:n{n}="urn:{n}" ')


def _doctype(declarations: str, content: str) -> bytes:
    return f"<!DOCTYPE x [{declarations}]><x>{content}</x>".encode()


def _nested(size: int, piece: str) -> bytes:
    times = size // (len(piece) + 4)
    return _wild(piece * times + "</x>" * times)


SHAPES: dict[str, Callable[[int], bytes]] = {
    "attributes": lambda size: _on(_attributes(size)),
    "attributes of a prefix": lambda size: _on('xmlns:q="urn:q" ' + _attributes(size, "q:a")),
    "attributes of an extension": lambda size: _wild(f"<x {_attributes(size)}/>"),
    "attributes on many elements": lambda size: _wild(_many(size, lambda n: f"<x {_attributes(200)}/>")),
    "attributes of the envelope": lambda size: envelope(LISTING).replace(
        b"<s:Envelope", b"<s:Envelope " + _attributes(size).encode()
    ),
    "declarations": lambda size: _on(_declarations(size), "<GetListing"),
    "declarations of the envelope": lambda size: envelope(LISTING).replace(
        b"<s:Envelope", b"<s:Envelope " + _declarations(size).encode()
    ),
    "declarations of the Body": lambda size: envelope(LISTING).replace(
        b"<s:Body", b"<s:Body " + _declarations(size).encode()
    ),
    "declarations on many elements": lambda size: _wild(_many(size, lambda n: f'<n:x xmlns:n="urn:{n}"/>')),
    "declarations of one namespace": lambda size: _wild(_many(size, lambda n: '<n:x xmlns:n="urn:n"/>')),
    "depth": lambda size: _nested(size, "<x>"),
    "depth with declarations": lambda size: _nested(size, '<x xmlns:n="u">'),
    "depth as deep as may be": lambda size: _wild(_many(size, lambda n: "<x>" * 45 + "</x>" * 45)),
    "siblings": lambda size: envelope(request("GetAvailableHealthcareFacilities", _siblings(size))),
    "siblings that are expected": lambda size: envelope(
        request("GetAvailableHealthcareFacilities", _many(size, lambda n: "<healthcareFacilities/>"))
    ),
    "siblings and one fault": lambda size: envelope(
        request(
            "GetAvailableHealthcareFacilities",
            _many(size, lambda n: f"<healthcareFacilities>SE1-{n}</healthcareFacilities>"),
            "<x/>",
        )
    ),
    "headers": lambda size: _headers(_many(size, lambda n: '<h xmlns=""/>')),
    "headers with content": lambda size: _headers('<h xmlns="urn:h">' + _siblings(size) + "</h>"),
    "addresses": lambda size: _headers(_many(size, lambda n: "<r:LogicalAddress>14</r:LogicalAddress>")),
    "names": lambda size: _wild(_many(size, lambda n: f"<x{n}/>")),
    "a long name": lambda size: _wild(f"<{'x' * size}/>"),
    "long names": lambda size: _wild(_many(size, lambda n: f"<{'x' * 200}{n}/>")),
    "a long name of an attribute": lambda size: _on("x" * size + '=""'),
    "a long namespace": lambda size: _wild('<n:x xmlns:n="urn:' + "x" * size + '"/>'),
    "a long value of an attribute": lambda size: _on('a="' + "x" * size + '"'),
    "a long xsi:type": lambda size: _on(f'{XSI} i:type="' + "x" * size + '"'),
    "a long list of schema locations": lambda size: _on(
        f'{XSI} i:schemaLocation="' + _many(size, lambda n: "urn:x http://127.0.0.1/x ") + '"'
    ),
    "a long text": lambda size: _wild("x" * size),
    "a long text where there is none": lambda size: _inside("x" * size),
    "a long number": lambda size: envelope(LISTING.replace(ANNA, "1" * size)),
    "a long actor type": lambda size: envelope(LISTING.replace("CITIZEN", "1" * size)),
    "a long address": lambda size: envelope(LISTING, "1" * size),
    "whitespace": lambda size: _inside(" " * size),
    "lines": lambda size: _inside("\n" * size),
    "carriage returns": lambda size: _inside("\r" * size),
    "both": lambda size: _inside("\r\n" * (size // 2)),
    "lines of blanks": lambda size: _inside((" " * 20 + "\n") * (size // 21)),
    "blanks and one fault": lambda size: _inside(" " * size + "<x/>"),
    "blanks around a number": lambda size: envelope(LISTING.replace(ANNA, ANNA + " " * size)),
    "blanks in a tag": lambda size: _on(" " * size),
    "text nodes": lambda size: _wild(_many(size, lambda n: "x<y/>")),
    "references": lambda size: _wild(_references(size)),
    "references in an attribute": lambda size: _on('a="' + _references(size) + '"'),
    "comments": lambda size: _inside(_many(size, lambda n: "<!---->")),
    "a comment": lambda size: _inside(f"<!--{' ' * size}-->"),
    "comments between text": lambda size: _wild(_many(size, lambda n: "x<!---->")),
    "processing instructions": lambda size: _inside(_many(size, lambda n: "<?x?>")),
    "pieces of CDATA": lambda size: _wild(_many(size, lambda n: "<![CDATA[x]]>")),
    "wildcard content": lambda size: _wild(_many(size, lambda n: "<x>y</x>")),
    "wildcard content and one fault": lambda size: _inside(f'<w xmlns="urn:w">{_siblings(size)}</w><x/>'),
    "extensions": lambda size: _inside(_many(size, lambda n: '<x xmlns="urn:x"/>')),
    "extensions and one fault": lambda size: _inside(_many(size, lambda n: '<x xmlns="urn:x"/>') + "<x/>"),
    "messages of the contract within": lambda size: _wild(_many(size, lambda n: LISTING)),
    "quadratic blow-up": lambda size: _doctype(
        '<!ENTITY a "' + "x" * (size // 2) + '">', "&a;" * (size // 6)
    ),
    "entity bomb": lambda size: _doctype(
        '<!ENTITY e0 "x">' + _many(size, lambda n: f'<!ENTITY e{n + 1} "' + f"&e{n};" * 10 + '">'), "&e9;"
    ),
    "a long DOCTYPE": lambda size: _doctype(_many(size, lambda n: "<!ELEMENT x ANY>"), ""),
    "nothing closed": lambda size: envelope(LISTING)[:-30] + b"<x>" * (size // 3),
    "not XML": lambda size: b"<" * size,
    "quotes that do not end": lambda size: _on('a="' + "x" * size)[:-30],
    "UTF-16": lambda size: ("\ufeff" + _inside(" " * (size // 2)).decode()).encode("utf-16-le"),
    "UTF-16 with siblings": lambda size: (
        "\ufeff" + _wild(_many(size // 2, lambda n: "<x/>")).decode()
    ).encode("utf-16-le"),
}
"""By what there is much of: returns a request of about so many bytes."""
