"""What becomes of a message: which request it is, what the answer to it means, and when it is sent again.

By RIV-TA Basic Profile 2.1 rules 22 and 28, and carelisting: TKB 4.2.1, and the self-declaration of a
consumer, tests 2.1 and 2.2. A technical error is tried again with growing intervals, what needs a repair
first waits for an operator, and what was answered is never sent again.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from consumer.faults import log_id, producer_statuses
from consumer.results import Answer, FaultAnswer, NoAnswer, Result
from consumer.settings import OutboxSettings
from contracts import oids
from contracts.codes import ResultCode
from contracts.identifiers import PersonId
from contracts.messages import CV, II, UpdateListing
from register.outbox import LONGEST_WAIT, Message, State

_JITTER = 0.1
"""By how much of itself a wait may be longer, so that messages that failed together are not sent together."""


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """What came of sending a message.

    Attributes:
        state: The state it gets: DONE or REFUSED; WAITING to be sent again; PARKED for an operator.
        result: The same in words, for operator and log: our own words, codes and ids, never a peer's text.
        no_answer: Whether the region could not be reached, so that other messages to it must wait too.
        code: The resultCode of a region that answered.
        text: Its resultText.
    """

    state: State
    result: str
    no_answer: bool = False
    code: ResultCode | None = None
    text: str | None = field(default=None, repr=False)


def update_listing(message: Message) -> UpdateListing:
    """Return the request that a message is.

    Raises:
        IdentifierError: The person has no identity that the contract can carry.
    """
    person = PersonId.from_number(message.person_id, check_digits=False)
    content = message.update
    return UpdateListing(
        II(person.root, person.extension),
        II(oids.COUNTY, content.new_county),
        II(oids.COUNTY, content.home_county),
        None if content.code is None else CV(content.code, content.code_system),
    )


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
    """Return what it means that the call could not be made: a setting or a file is wrong, or the message."""
    return SendOutcome(State.PARKED, f"not sent: {error}")


def wait(attempts: int, settings: OutboxSettings, jitter: float) -> timedelta:
    """Return how long to wait before a message is sent again.

    Args:
        attempts: How many times it has been sent.
        settings: The first and the longest wait.
        jitter: From 0 to 1; the wait grows with it, by a tenth at most.
    """
    first, longest = settings.first_retry_minutes, settings.longest_retry_minutes
    doublings = min(attempts - 1, longest.bit_length())  # more make no difference
    minutes = min(first * 2**doublings, longest)
    return min(timedelta(minutes=minutes * (1 + _JITTER * jitter)), LONGEST_WAIT)


def _answered(answer: Answer) -> SendOutcome:
    if answer.problems or answer.result_code is None:
        problem = answer.problems[0].reason if answer.problems else "resultCode is missing"
        return _failed(True, f"an answer that breaks its schema: {problem}")
    words = ", ".join([answer.result_code, *_log_id(answer.result_text or "")])
    state = State.DONE if answer.ok else State.REFUSED
    return SendOutcome(state, words, code=answer.result_code, text=answer.result_text)


def _failed(retry: bool, result: str, *, no_answer: bool = False) -> SendOutcome:
    if retry:
        return SendOutcome(State.WAITING, result, no_answer)
    return SendOutcome(State.PARKED, result)


def _log_id(text: str) -> list[str]:
    """Return the log id that a region put into its text, which its support can find the call by."""
    found = log_id(text)
    return [f"log id {found}"] if found else []
