"""Two reports compared: what has been mended, what has broken, what is new, what is gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_GOOD = "held"
_BAD = ("broken", "blocked", "failed")


@dataclass(frozen=True)
class Difference:
    """A rule that two runs found otherwise.

    Attributes:
        id: The case.
        kind: ``broken now``, ``mended``, ``changed``, ``new`` or ``gone``.
        before: What the first run found; empty where it had no such case.
        after: What the second run found.
        says: Findings or reason of the second run, else of the first.
    """

    id: str
    kind: str
    before: str
    after: str
    says: str


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Difference]:
    """Return what two reports, as read from JSON, tell otherwise, the worst first."""
    before = {one["id"]: one for one in first["cases"]}
    after = {one["id"]: one for one in second["cases"]}
    found = []
    for id in sorted(before | after):
        was, now = (side[id]["verdict"] if id in side else "" for side in (before, after))
        told = after.get(id) or before[id]
        says = " ".join(told["findings"]) or told["reason"]
        if was != now or (was in _BAD and before[id]["findings"] != after[id]["findings"]):
            found.append(Difference(id, _kind(was, now), was, now, says))
    order = ("broken now", "new", "changed", "gone", "mended")
    return sorted(found, key=lambda one: (order.index(one.kind), one.id))


def _kind(was: str, now: str) -> str:
    if not was or not now:
        return "new" if now else "gone"
    if now in _BAD and was not in _BAD:
        return "broken now"
    return "mended" if now == _GOOD and was in _BAD else "changed"
