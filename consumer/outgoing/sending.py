"""What the senders have in common: a loop that survives errors, growing waits, and pauses."""

import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import structlog
from sqlalchemy import Connection

from consumer.settings import OutboxSettings
from register import claims
from register.leases import Lease

log = structlog.get_logger(__name__)

CORRELATION_ID = "x-skltp-correlation-id"
"""HTTP header that follows a call through the platform, which takes over the one it gets (SKLTP VP)."""

_SHORTEST_LEASE = 15.0
"""Seconds for which what is due may lie when a process that sends has died."""

_JITTER = 0.1
"""By how much of itself a wait may be longer, so that tasks that failed together are not sent together."""


@contextmanager
def survived() -> Iterator[None]:
    """Log what goes wrong inside the block and go on; not the exception's text, which may quote a message."""
    try:
        yield
    except Exception as error:  # the boundary: whatever it is, the other tasks are still to be sent
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(frame.filename).name}:{frame.lineno}"
        log.error("sender_failed", error=type(error).__name__, where=where)


def repeat(stop: Event, seconds: float, lease: Lease, *steps: Callable[[], object]) -> None:
    """Take steps again and again until told to stop, whatever goes wrong in one of them.

    Args:
        stop: Ends it between two rounds.
        seconds: How long to wait after each round.
        lease: What other processes may have; the steps are then theirs.
        steps: What to do in each round.
    """
    while not stop.is_set():
        for step in steps:
            with survived():
                if lease.held():
                    step()
        stop.wait(seconds)
    with survived():
        lease.give_back()


def lasting(settings: OutboxSettings) -> float:
    """Return how many seconds the lease of a sender lasts: a few of its rounds, so that it does not lapse."""
    return max(_SHORTEST_LEASE, 3 * settings.poll_seconds)


def seldom(seconds: float, step: Callable[[], object]) -> Callable[[], None]:
    """Return a step for `repeat` that does something at first, and then once in so many seconds at most."""
    next_time = time.monotonic()

    def step_in_time() -> None:
        nonlocal next_time
        if time.monotonic() >= next_time:
            next_time = time.monotonic() + seconds
            step()

    return step_in_time


def wait(attempts: int, settings: OutboxSettings, jitter: float) -> timedelta:
    """Return how long to wait before something is sent again (RIV-TA Basic Profile 2.1, rule 22).

    Args:
        attempts: How many times it has been sent.
        settings: The first and the longest wait.
        jitter: From 0 to 1; the wait grows with it, by a tenth at most.
    """
    first, longest = settings.first_retry_minutes, settings.longest_retry_minutes
    doublings = min(attempts - 1, longest.bit_length())  # more make no difference
    minutes = min(first * 2**doublings, longest)
    return min(timedelta(minutes=minutes * (1 + _JITTER * jitter)), claims.LONGEST_WAIT)


def pause(connection: Connection, address: str, settings: OutboxSettings, now: datetime) -> None:
    """Leave an address alone that gives no answer, for as long as the first wait."""
    claims.pause(connection, address, now, now + timedelta(minutes=settings.first_retry_minutes))
