"""Requests as they come over a connection: read piece by piece, and made a WSGI environment when whole."""

import sys
from collections import deque
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

Environ = dict[str, Any]

_MOST_HEADERS = 100
_RAW_OF_BODY = 8
"""How many bytes a body may take as it is sent, for each it may have: chunks of one byte take six."""

_VERSIONS = ("1.0", "1.1")
_KEYS: dict[bytes, str | None] = {}
_MOST_KEYS = 1000


class BadRequestError(Exception):
    """A request that is not HTTP as we read it. Nothing of it is quoted.

    Attributes:
        status: Status line of the answer.
    """

    def __init__(self, status: str = "400 Bad Request") -> None:
        super().__init__(status)
        self.status = status


@dataclass(slots=True)
class HttpRequest:
    """A whole request.

    Attributes:
        length: Length of the body as it was sent or, where more was to come than is read, at least that.
        keep_alive: Whether another request may follow on the connection.
    """

    method: str
    target: bytes
    version: str
    headers: list[tuple[bytes, bytes]]
    body: bytes
    length: int
    keep_alive: bool

    def environ(self, base: Environ) -> Environ:
        """Return its WSGI environment (PEP 3333).

        Args:
            base: What is the same for all requests of a connection.
        """
        path, _, query = _without_authority(self.target).partition(b"?")
        environ = base | {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1"),
            "QUERY_STRING": query.decode("latin-1"),
            "SERVER_PROTOCOL": f"HTTP/{self.version}",
            "wsgi.input": BytesIO(self.body),
        }
        for name, value in self.headers:
            key = _key(name)
            if key is not None:
                text = value.decode("latin-1").strip(" \t")
                if key == "HTTP_TRANSFER_ENCODING" and text.lower() == "chunked":
                    continue  # the chunks have been put together, and the length is that of the whole
                environ[key] = f"{environ[key]},{text}" if key in environ else text
        if self.method not in ("GET", "HEAD") or self.length:
            environ["CONTENT_LENGTH"] = str(self.length)
        return environ


def _without_authority(target: bytes) -> bytes:
    """Return a target without scheme and authority, which a proxy's request has (RFC 9112 section 3.2.2)."""
    scheme, found, rest = target.partition(b"://")
    if not found or b"/" in scheme or b"?" in scheme:
        return target
    start = min((place for place in (rest.find(b"/"), rest.find(b"?")) if place >= 0), default=len(rest))
    return rest[start:] if rest[start : start + 1] == b"/" else b"/" + rest[start:]


def _key(name: bytes) -> str | None:
    """Return the key of a header in the environment, or None for one that could pass for another.

    With an underscore a header has the key of the one with a hyphen, by which a caller could slip past a
    proxy that sets or takes away the latter.
    """
    try:
        return _KEYS[name]
    except KeyError:
        pass
    upper = name.upper().replace(b"-", b"_").decode("latin-1")
    key = None
    if b"_" not in name and upper != "CONTENT_LENGTH":  # which is said by what came
        key = upper if upper == "CONTENT_TYPE" else f"HTTP_{upper}"
    if len(_KEYS) < _MOST_KEYS:
        _KEYS[name] = key
    return key


@dataclass(slots=True)
class _Head:
    """What has come of a request."""

    target: bytes = b""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    size: int = 0


class Reader:
    """Reads requests from the bytes of one connection. Its `on_` methods are called by the parser.

    Attributes:
        whole: Requests that have come whole and have not been taken.
        begun: Whether a part of the next has come.
        in_body: Whether its head is there, and its body not whole.
        expects: Whether the sender waits for a word before it sends the body (Expect: 100-continue).
        buffered: Bytes of the body that have come.
    """

    def __init__(self, max_head_bytes: int, max_body_bytes: int) -> None:
        self.whole: deque[HttpRequest] = deque()
        self.begun = self.in_body = self.expects = False
        self.buffered = 0
        self._max_head, self._max_body = max_head_bytes, max_body_bytes
        self._problem: BadRequestError | None = None
        self._raw = 0
        self._method = self._version = ""
        self._parser = HttpRequestParser(self)

    def feed(self, data: bytes) -> None:
        """Take in what has come.

        Raises:
            BadRequestError: It is not HTTP, or too much; nothing more can be read from this connection.
        """
        taken = len(self.whole)
        rest = data
        while rest:
            try:
                self._parser.feed_data(rest)
            except HttpParserUpgrade as upgrade:
                rest = self._without_upgrade() + rest[upgrade.args[0] :]
            except HttpParserError:
                raise self._problem or BadRequestError() from None
            else:
                break
        if not self.begun:
            return
        self._raw = 0 if len(self.whole) > taken else self._raw + len(data)
        if not self.in_body and self._raw > self._max_head:
            raise _too_large()
        if self.in_body and self.buffered > self._max_body:
            self._complete(keep_alive=False)
        elif self.in_body and self._raw > self._max_head + _RAW_OF_BODY * self._max_body:
            raise BadRequestError

    def on_message_begin(self) -> None:
        """A request begins."""
        self._head, self._body = _Head(), list[bytes]()
        self.buffered, self.begun, self.in_body, self.expects = 0, True, False, False

    def on_url(self, url: bytes) -> None:
        """Take in a piece of the target."""
        self._head.target += url
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header. What follows the body in chunks is not believed (RFC 9110 section 6.5.1)."""
        if self.in_body:
            return
        if len(self._head.headers) == _MOST_HEADERS:
            self._refuse(_too_large())
        self._head.headers.append((name, value))
        self._count(len(name) + len(value) + 4)

    def on_headers_complete(self) -> None:
        """Check what the head says of the message (RFC 9112 sections 3.2 and 6.1)."""
        self._method, self._version = self._parser.get_method().decode(), self._parser.get_http_version()
        if self._version not in _VERSIONS:
            self._refuse(BadRequestError("505 HTTP Version Not Supported"))
        hosts = 0
        for name, value in self._head.headers:
            known = name.lower()
            if known == b"host":
                hosts += 1
            elif known == b"transfer-encoding" and (
                value.strip().lower() != b"chunked" or self._version == "1.0"
            ):
                self._refuse(BadRequestError())
            elif known == b"expect":
                self.expects = value.strip().lower() == b"100-continue" and self._version == "1.1"
            if b"\r" in value or b"\n" in value:  # folded
                self._refuse(BadRequestError())
        if hosts > 1 or (hosts == 0 and self._version == "1.1"):
            self._refuse(BadRequestError())
        self.in_body = True

    def on_body(self, data: bytes) -> None:
        """Take in a piece of the body."""
        self._body.append(data)
        self.buffered += len(data)

    def on_message_complete(self) -> None:
        """The request is whole, unless it offers another protocol: then its body has not been read."""
        if not self._parser.should_upgrade():
            self._complete(keep_alive=self._parser.should_keep_alive())

    def _without_upgrade(self) -> bytes:
        """Return the head that has come without its offer of another protocol, which is not taken.

        The request is as any other then (RFC 9110 section 7.8). Java's own client makes the offer by default.
        """
        if self._method == "CONNECT":
            raise BadRequestError
        kept = [one for one in self._head.headers if one[0].lower() not in (b"upgrade", b"connection")]
        if not self._parser.should_keep_alive():
            kept.append((b"Connection", b"close"))
        self._parser = HttpRequestParser(self)
        first = b"%s %s HTTP/%s" % (self._method.encode(), self._head.target, self._version.encode())
        return b"\r\n".join((first, *(b"%s: %s" % one for one in kept), b"", b""))

    def _complete(self, keep_alive: bool) -> None:
        head = self._head
        self.whole.append(
            HttpRequest(
                sys.intern(self._method),
                head.target,
                self._version,
                head.headers,
                b"".join(self._body),
                self.buffered,
                keep_alive,
            )
        )
        self.begun = self.in_body = False
        self._body, self.buffered = [], 0

    def _count(self, size: int) -> None:
        self._head.size += size
        if self._head.size > self._max_head:
            self._refuse(_too_large())

    def _refuse(self, problem: BadRequestError) -> None:
        self._problem = problem
        raise problem


def _too_large() -> BadRequestError:
    return BadRequestError("431 Request Header Fields Too Large")
