"""The body of an HTTP request: read whole or not at all, and taken away after a refusal."""

from typing import Any

from producer.faults import SoapFault

_PIECE = 65_536

MOST_DRAINED = 16 * 1_048_576
"""Bytes of a refused request that are taken away, so that the next on the connection is found."""


class Body:
    """The body of one request.

    Args:
        environ: The WSGI environment; `producer.headers.check` passes it, or the request is refused.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        self._input = environ["wsgi.input"]
        self._read = 0
        length = environ.get("CONTENT_LENGTH") or ""
        self._length: int | None = int(length) if length.isascii() and length.isdecimal() else None
        if self._length is None and not environ.get("wsgi.input_terminated"):
            self._length = 0

    def read(self, most: int) -> bytes:
        """Return the body.

        Args:
            most: Bytes it may have.

        Raises:
            SoapFault: FK108, it has more; FK111, it ended before it has the length that the head says.
        """
        body = self._take(most + 1)
        if len(body) > most:
            raise SoapFault("FK108", str(most))
        if self._length is not None and self._read < self._length:
            raise SoapFault("FK111")
        return body

    def drain(self) -> None:
        """Take away what has not been read, so that the next request begins where it does.

        Of more than ``MOST_DRAINED`` the rest is left, and the server ends the connection.
        """
        while self._read < MOST_DRAINED and self._take(_PIECE):
            pass

    def _take(self, most: int) -> bytes:
        size = most if self._length is None else min(most, self._length - self._read)
        piece: bytes = self._input.read(size) if size else b""
        self._read += len(piece)
        return piece
