"""What the engagement index's answer to an Update means: TKB-EI says ResultCode, the index sends a Fault.

Its codes EI000 to EI006 (SKLTP EI, EngagementValidator) stand first in faultstring or comment.
"""

import re
from collections.abc import Iterable

from consumer.outgoing.outcome import SendOutcome, outcome_of
from consumer.results import Answer, FaultAnswer, Result
from contracts.codes import ResultCode
from register.outgoing import TaskState

_CODE = re.compile(r"\s*(EI\d{3})\b")

_CONTENT = frozenset({"EI001", "EI002", "EI004"})
"""A post of the request is wrong: not schema-valid, a key that comes twice, a value that is none."""

_SETTINGS = frozenset({"EI003", "EI005", "EI006"})
"""What all posts have in common is wrong: LogicalAddress of the index, logicalAddress, sourceSystem."""

_SEVERITY = (TaskState.DONE, TaskState.WAITING, TaskState.PARKED, TaskState.REFUSED)
"""States of posts, the least of them first."""


def outcome_of_update(result: Result) -> SendOutcome:
    """Return what the result of an Update means for its posts.

    DONE: they are accepted. REFUSED: at least one of them is wrong, and none is accepted. Else as
    `outcome_of`.
    """
    text = result.faultstring if isinstance(result, FaultAnswer) else ""
    if isinstance(result, Answer) and result.result_code is ResultCode.ERROR and not result.problems:
        text = result.result_text or ""
    found = _CODE.match(text)
    if found is None:
        return outcome_of(result)
    if found[1] in _CONTENT:
        return SendOutcome(TaskState.REFUSED, found[1])
    if found[1] in _SETTINGS:
        return SendOutcome(TaskState.PARKED, found[1])
    return SendOutcome(TaskState.WAITING, found[1], no_answer=True)


def worst_of(outcomes: Iterable[SendOutcome]) -> SendOutcome:
    """Return what becomes of a resident with several posts: the one of their outcomes that asks for most."""
    return max(outcomes, key=lambda one: _SEVERITY.index(one.state))
