"""What the engagement index's answer to an Update means: TKB-EI says ResultCode, the index sends a Fault.

Its codes EI000 to EI006 (SKLTP EI, EngagementValidator) stand first in faultstring or comment.
"""

import re

from consumer.outgoing.outcome import SendOutcome, outcome_of
from consumer.results import Answer, FaultAnswer, Result
from contracts.codes import ResultCode
from register.outbox import State

_CODE = re.compile(r"\s*(EI\d{3})\b")

_CONTENT = frozenset({"EI001", "EI002", "EI004"})
"""A post of the request is wrong: not schema-valid, a key that comes twice, a value that is none."""

_SETTINGS = frozenset({"EI003", "EI005", "EI006"})
"""What all posts have in common is wrong: LogicalAddress of the index, logicalAddress, sourceSystem."""


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
        return SendOutcome(State.REFUSED, found[1])
    if found[1] in _SETTINGS:
        return SendOutcome(State.PARKED, found[1])
    return SendOutcome(State.WAITING, found[1], no_answer=True)
