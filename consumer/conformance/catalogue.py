"""Every case there is, found by the files under `cases/`."""

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module

from consumer.conformance import cases
from consumer.conformance.case import RuleCase


@cache
def all_cases() -> tuple[RuleCase, ...]:
    """Return every case in the order of a run: what changes nothing, what may, what looks at the whole.

    Raises:
        TypeError: A file under `cases/` holds no case.
    """
    return tuple(sorted(_found(), key=lambda case: (case.last, case.writes, case.id)))


def chosen(patterns: tuple[str, ...]) -> tuple[RuleCase, ...]:
    """Return the cases whose id begins with one of these, whole steps of the path; all when none is given.

    Raises:
        LookupError: One of them fits no case; the text names the groups there are.
    """
    for pattern in patterns:
        if not any(_fits(case, pattern) for case in all_cases()):
            groups = ", ".join(sorted({case.group for case in all_cases()}))
            raise LookupError(f"no case or group is called {pattern}; the groups are: {groups}")
    return tuple(
        case for case in all_cases() if not patterns or any(_fits(case, pattern) for pattern in patterns)
    )


def _fits(case: RuleCase, pattern: str) -> bool:
    return f"{case.id}/".startswith(pattern.rstrip("/") + "/")


def _found() -> Iterator[RuleCase]:
    for module in pkgutil.walk_packages(cases.__path__, f"{cases.__name__}."):
        if module.ispkg:
            continue
        case = getattr(import_module(module.name), "check", None)
        if not isinstance(case, RuleCase):
            raise TypeError(f"{module.name} holds no case; put @rule(...) above its function check")
        yield case
