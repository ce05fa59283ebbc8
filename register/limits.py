"""How long a thread waits for a database: a call is to be refused while its caller still listens.

A limit holds for all that a thread asks within it. PostgreSQL's connection keeps it (`register.postgresql`),
also where the server is frozen or its packets are lost, and none of the server's own time-outs can.
"""

import time
from threading import local

_limit = local()


class within:  # noqa: N801 - used as a function is; a generator would cost every call more
    """Have what the thread asks of PostgreSQL in a block be answered in so many seconds, or fail.

    A limit within a limit cannot make it longer. None sets none.
    """

    __slots__ = ("_before", "_seconds")

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        self._before: float | None = getattr(_limit, "until", None)
        if self._seconds is not None:
            until = time.monotonic() + self._seconds
            _limit.until = until if self._before is None else min(self._before, until)

    def __exit__(self, *_: object) -> None:
        _limit.until = self._before


def seconds_left() -> float | None:
    """Return how long an answer may take now, a moment at least; None where there is no limit."""
    until: float | None = getattr(_limit, "until", None)
    return None if until is None else max(until - time.monotonic(), 0.001)
