"""How much is tried: quick by ``make test``, full by ``make test-long``, which is run before a release.

Quick keeps every proof, in the least size in which it still fails when the code is wrong, and draws the same
examples every time. Full is every kill, every database and new examples on every run.
"""

import os
from typing import TypeVar

from hypothesis import HealthCheck, settings

VARIABLE = "TEST_STRENGTH"
FULL = os.environ.get(VARIABLE) == "full"
QUICK = not FULL

_Size = TypeVar("_Size")


def sized(*, quick: _Size, full: _Size) -> _Size:
    """Return the size of what a test tries."""
    return full if FULL else quick


settings.register_profile(
    "quick",
    max_examples=25,
    derandomize=True,
    deadline=None,  # a machine that does other things too makes no test fail
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "full",
    max_examples=100,
    derandomize="CI" in os.environ,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(sized(quick="quick", full="full"))
