"""Answers as they go over a connection."""

import time
from collections.abc import Callable, Iterable
from email.utils import formatdate
from typing import Any

from producer.serving.requests import Environ

Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_FORBIDDEN = frozenset("\r\n\0")
_BODILESS = ("1", "204", "304")


class _Date:
    """The Date header, made anew each second."""

    second = 0
    text = b""

    @classmethod
    def header(cls) -> bytes:
        now = int(time.time())
        if now != cls.second:
            cls.text = f"Date: {formatdate(now, usegmt=True)}\r\n".encode()
            cls.second = now
        return cls.text


def of_application(application: Application, environ: Environ, keep_alive: bool) -> bytes:
    """Call a WSGI application and return its whole answer.

    Args:
        application: What answers.
        environ: The request.
        keep_alive: Whether another request may follow on the connection.
    """
    said: list[Any] = []
    written: list[bytes] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], Any]:
        said[:] = status, headers
        return written.append

    result = application(environ, start)
    try:
        written.extend(result)
    finally:
        close = getattr(result, "close", None)
        if close is not None:
            close()
    status, headers = said
    return whole(status, headers, b"".join(written), keep_alive, without_body=_bodiless(environ, status))


def whole(
    status: str,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    keep_alive: bool,
    *,
    without_body: bool = False,
) -> bytes:
    """Return an answer: head, and body unless it has none.

    Raises:
        ValueError: A header would break the answer in two.
    """
    lines = [f"HTTP/1.1 {status}"]
    has_length = without_body
    for name, value in headers:
        if not _FORBIDDEN.isdisjoint(name) or not _FORBIDDEN.isdisjoint(value):
            raise ValueError("a header of an answer holds a line break")
        has_length = has_length or name.lower() == "content-length"
        lines.append(f"{name}: {value}")
    if not has_length:
        lines.append(f"Content-Length: {len(body)}")
    connection = "keep-alive" if keep_alive else "close"
    lines.append(f"Server: fastkontakt\r\nConnection: {connection}\r\n")
    head = "\r\n".join(lines).encode("latin-1") + _Date.header() + b"\r\n"
    return head if without_body else head + body


def plain(status: str) -> bytes:
    """Return a short answer for what is no request that an application could answer; the connection ends."""
    text = f"{status.partition(' ')[2]}\n".encode()
    return whole(status, [("Content-Type", "text/plain; charset=UTF-8")], text, keep_alive=False)


CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def _bodiless(environ: Environ, status: str) -> bool:
    return bool(environ["REQUEST_METHOD"] == "HEAD" or status.startswith(_BODILESS))
