"""What the result of a call means for what was sent.

By RIV-TA Basic Profile 2.1 rules 22 and 28, and carelisting: TKB 4.2.1, and the self-declaration of a
consumer, tests 2.1 and 2.2. A technical error is tried again with growing intervals, what needs a repair
first waits for an operator, and what was answered is never sent again.
"""

from dataclasses import dataclass, field

from consumer.faults import log_id, producer_statuses
from consumer.results import Answer, FaultAnswer, NoAnswer, Result
from consumer.transport import CallError
from contracts.codes import ResultCode
from contracts.identifiers import IdentifierError
from contracts.schemas import SchemaError
from register.outgoing import TaskState

UNSENDABLE = (CallError, SchemaError, IdentifierError)
"""What is raised where a call cannot be made: a setting or a file is wrong, or what is to be sent."""


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """What came of sending something.

    Attributes:
        state: The state it gets: DONE or REFUSED; WAITING to be sent again; PARKED for an operator.
        result: The same in words, for operator and log: our own words, codes and ids, never a peer's text.
        no_answer: Whether the receiver could not be reached, so that all else to it must wait too.
        code: The resultCode of a receiver that answered.
        text: Its resultText.
    """

    state: TaskState
    result: str
    no_answer: bool = False
    code: ResultCode | None = None
    text: str | None = field(default=None, repr=False)


def outcome_of(result: Result) -> SendOutcome:
    """Return what the result of a call means for the message."""
    match result:
        case Answer():
            return _answered(result)
        case FaultAnswer():
            statuses = producer_statuses(result.detail) | {result.exchange.status} - {200, 500}
            words = [result.vp_code or f"Fault {result.kind.code}"]
            words += [f"HTTP {status}" for status in sorted(filter(None, statuses))]
            words += _log_id(result.faultstring)
            # The platform's own technical errors are about the way to the region, not about the message.
            return _failed(result.retry, ", ".join(words), no_answer=result.vp_code is not None)
        case NoAnswer():
            # Behind the semicolon it says what to do about a call that was made by hand.
            return _failed(result.retry, f"{result.kind}: {result.reason.partition(';')[0]}", no_answer=True)


def not_sent(error: ValueError) -> SendOutcome:
    """Return what it means that a call could not be made, by what was raised of `UNSENDABLE`."""
    return SendOutcome(TaskState.PARKED, f"not sent: {error}")


def _answered(answer: Answer) -> SendOutcome:
    if answer.problems or answer.result_code is None:
        problem = answer.problems[0].reason if answer.problems else "resultCode is missing"
        return _failed(True, f"an answer that breaks its schema: {problem}")
    words = ", ".join([answer.result_code, *_log_id(answer.result_text or "")])
    state = TaskState.DONE if answer.ok else TaskState.REFUSED
    return SendOutcome(state, words, code=answer.result_code, text=answer.result_text)


def _failed(retry: bool, result: str, *, no_answer: bool = False) -> SendOutcome:
    if retry:
        return SendOutcome(TaskState.WAITING, result, no_answer)
    return SendOutcome(TaskState.PARKED, result)


def _log_id(text: str) -> list[str]:
    """Return the log id that a region put into its text, which its support can find the call by."""
    found = log_id(text)
    return [f"log id {found}"] if found else []
