"""How much is tried: quick by ``make test``, full by ``make test-long``, which is run before a release.

Quick keeps every proof, in the least size in which it still fails when the code is wrong, and draws the same
examples every time. Full is every kill, every database and new examples on every run. ``make soak`` runs the
tests with the mark ``soak``, and those alone, for as long as they say they can.
"""

import os
from typing import TypeVar

from hypothesis import HealthCheck, settings

VARIABLE = "TEST_STRENGTH"
SOAK = os.environ.get(VARIABLE) == "soak"
FULL = SOAK or os.environ.get(VARIABLE) == "full"
QUICK = not FULL

_Size = TypeVar("_Size")


def sized(*, quick: _Size, full: _Size, soak: _Size | None = None) -> _Size:
    """Return the size of what a test tries; without one for soak that is as in full."""
    if SOAK and soak is not None:
        return soak
    return full if FULL else quick


settings.register_profile(
    "quick",
    derandomize=True,
    # A machine that is busy makes no test fail, nor does a file that each example writes anew.
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("full", settings.get_profile("quick"), derandomize="CI" in os.environ)
settings.load_profile(sized(quick="quick", full="full"))
