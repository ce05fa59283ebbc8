"""A whole request on its way to a thread that answers it, and who may take it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from producer.serving.connection import Connection
from producer.serving.requests import HttpRequest

REFUSED = "fastkontakt.refused"
"""Key of the WSGI environment: there when the request has waited so long that it is to be refused at once."""

PEER_CERTIFICATE = "fastkontakt.peer_certificate"
"""Key of the WSGI environment: the client's certificate (DER), or None. TLS has found it good."""

Observe = Callable[[str, str], None]
"""Counts an event of the server, given its name and a reason: ``connection_cut``, ``call_refused``."""


def unobserved(event: str, reason: str) -> None:
    """Count nothing."""


@dataclass(slots=True, eq=False)
class Exchange:
    """A whole request that waits for a thread.

    Attributes:
        came: When it was whole, by `time.monotonic`.
    """

    connection: Connection
    request: HttpRequest
    came: float
    _tokens: list[None] = field(default_factory=lambda: [None])

    @property
    def taken(self) -> bool:
        """Whether somebody answers it."""
        return not self._tokens

    def take(self) -> bool:
        """Take it to answer it; return False when another has been quicker."""
        try:
            self._tokens.pop()  # one thread gets it, without a lock
        except IndexError:
            return False
        return True
