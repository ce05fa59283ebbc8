"""Whether the service is fit to be called, part by part, and never later than an operator can wait.

What is looked at may hang, as a frozen database does. So a look is taken by a thread of its own, one at a
time, and what has no answer in time counts as failed.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from threading import Event, Lock, Thread

from sqlalchemy.exc import SQLAlchemyError

from contracts.schemas import SchemaError
from register.vitals import UnfitError

LOOK_SECONDS = 2.0
"""How long a look may take. Load balancers and orchestrators give up after a few seconds."""

KEPT_SECONDS = 1.0
"""How long a look is good for: many who ask at a time cost one look."""


class Fitness(StrEnum):
    """What a look at a part of the service found."""

    OK = "ok"
    LATE = "late"
    """Somebody must see to it; calls are answered as they should be."""
    FAILED = "failed"
    """Calls cannot be answered as they should be."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look at a part of the service found.

    Attributes:
        why: What is the matter, for an operator; empty where nothing is. Never holds personal data.
    """

    fitness: Fitness
    why: str = ""


FINE = Finding(Fitness.OK)

Check = Callable[[], Finding]
"""Looks at a part. May raise what its part raises: it has failed then."""


class Readiness:
    """Looks at the parts of the service. Safe to call from any thread.

    Args:
        checks: Name of each part, and how it is looked at, in order.
        seconds: How long a look may take.
    """

    def __init__(self, checks: Mapping[str, Check], seconds: float = LOOK_SECONDS) -> None:
        self._checks = checks
        self._seconds = seconds
        self._lock = Lock()
        self._found: dict[str, Finding] = {}
        self._done = Event()
        self._done.set()
        self._looked = -KEPT_SECONDS

    def look(self) -> Mapping[str, Finding]:
        """Return what is found of each part, within the time that a look may take."""
        with self._lock:
            if self._done.is_set() and time.monotonic() - self._looked >= KEPT_SECONDS:
                self._looked = time.monotonic()
                self._found, self._done = {}, Event()
                Thread(target=self._look, args=(self._found, self._done), daemon=True).start()
            found, done = self._found, self._done
            left = self._seconds - (time.monotonic() - self._looked)
        done.wait(max(0.0, left))
        known = dict(found)
        silent = Finding(Fitness.FAILED, f"no answer within {self._seconds:g} s")
        return {name: known.get(name, silent) for name in self._checks}

    def _look(self, found: dict[str, Finding], done: Event) -> None:
        try:
            for name, check in self._checks.items():
                found[name] = _looked_at(check)
        finally:
            done.set()


def _looked_at(check: Check) -> Finding:
    try:
        return check()
    except (UnfitError, SchemaError) as error:
        return Finding(Fitness.FAILED, str(error))
    except SQLAlchemyError as error:
        return Finding(Fitness.FAILED, f"the database does not answer ({type(error).__name__})")
    except Exception as error:  # the boundary: what cannot be looked at is not fit; the text is not ours
        return Finding(Fitness.FAILED, type(error).__name__)
