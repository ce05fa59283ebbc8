"""Sending a request on to the region's own listing system (mode forward, docs/modes.md).

Nothing of the register is held while the listing system is asked. Its answer is true whatever comes of
keeping it, so that is what the caller gets; what is not kept is logged, and the next load brings it.
"""

import time
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

import structlog

from contracts.codes import ResultCode
from contracts.messages import CreateListing, UpdateListing
from listings.forwarded import NoAnswerError, NotKeptError, WaitsError
from listings.results import ListingResult
from mapping.answers import carelisting
from producer import auditing
from producer.faults import SoapFault
from producer.service import Call, Reply, Service
from producer.serving.waiting import waits_long

log = structlog.get_logger(__name__)

_ASK_SECONDS = 25.0
"""Until when the listing system may answer, from when the request came: VP waits 29 s for our answer."""

_KEEP_SECONDS = 27.0
"""Until when the answer is held back for it to be kept here, likewise."""

Result = TypeVar("Result")


def forwarded(
    service: Service,
    call: Call,
    county: str,
    request: CreateListing | UpdateListing,
    keep: Callable[[ListingResult, datetime], None],
) -> Reply:
    """Have the region's own listing system answer, and keep what it has done.

    Args:
        service: The service.
        call: The call; its contract has accepted the request.
        county: The region.
        request: What is sent on.
        keep: Keeps it in the register, given the answer and when that came (Swedish local time).

    Raises:
        SoapFault: FK504, the audit log takes no row, and nothing is sent on; FK505, there is no answer that
            can be believed; FK506, too many others wait for theirs. Nothing is kept.
    """
    auditing.intend(service.register, call)
    said = _ask(service, call, county, request)
    if said.code in (ResultCode.OK, ResultCode.INFO):
        _keep(service, call, county, said, keep)
    element = carelisting.listing_result(call.contract, said, call.exchange.log_id)
    return Reply(element, outcome=said.code)


def _ask(service: Service, call: Call, county: str, request: CreateListing | UpdateListing) -> ListingResult:
    caller = call.exchange.caller
    headers = {
        "x-rivta-original-serviceconsumer-hsaid": caller.consumer,
        "x-rivta-acting-on-behalf-of-hsaid": caller.on_behalf_of,
        "x-skltp-correlation-id": caller.correlation_id or call.exchange.log_id,
    }
    given = {name: value for name, value in headers.items() if value is not None}
    forward, system = service.forward, service.settings.regions[county].listing_system
    try:
        if forward is None or system is None:
            raise NoAnswerError("this process sends nothing on")
        seconds = min(system.answer_seconds, _left(call, _ASK_SECONDS))
        with waits_long() as room:
            if not room:
                raise SoapFault("FK506")
            return _within(seconds, lambda: forward(county, request, given))
    except (NoAnswerError, TimeoutError) as error:
        log.error(
            "forward_failed",
            log_id=call.exchange.log_id,
            correlation_id=caller.correlation_id,
            contract=call.contract.name,
            county=county,
            result=str(error),
        )
        raise SoapFault("FK505") from None


def _keep(
    service: Service,
    call: Call,
    county: str,
    said: ListingResult,
    keep: Callable[[ListingResult, datetime], None],
) -> None:
    """Keep what the listing system has done; whatever goes wrong is for the log and the next load."""
    answered_at = service.now()
    about = {
        "log_id": call.exchange.log_id,
        "correlation_id": call.exchange.caller.correlation_id,
        "contract": call.contract.name,
        "county": county,
    }
    try:
        _within(_left(call, _KEEP_SECONDS), lambda: keep(said, answered_at))
        return
    except WaitsError:
        log.info("forwarded_waits", **about)
        return
    except NotKeptError as reason:
        why, where = str(reason), None
    except TimeoutError:
        why, where = "still waiting for its turn to write", None
    except Exception as error:  # the boundary: the answer is true all the same; a text may quote the person
        frame = traceback.extract_tb(error.__traceback__)[-1]
        why, where = type(error).__name__, f"{Path(frame.filename).name}:{frame.lineno}"
    log.error("forwarded_not_kept", **about, reason=why, where=where)


def _left(call: Call, until: float) -> float:
    return call.exchange.began + until - time.monotonic()


def _within(seconds: float, do: Callable[[], Result]) -> Result:
    """Return what a function returns, or raise what it raises, if it does within a time.

    A peer that sends a little now and then, and a writer that waits for its turn, end later by themselves.

    Raises:
        TimeoutError: It is not done by then, and goes on; or there was no time left, and it was not begun.
    """
    if seconds <= 0:
        raise TimeoutError("no time was left")
    done: SimpleQueue[Callable[[], Result]] = SimpleQueue()

    def run() -> None:
        try:
            result = do()
        except Exception as error:  # raised again where it is waited for
            failed = error

            def again() -> Result:
                raise failed

            done.put(again)
        else:
            done.put(lambda: result)

    # As a daemon: it must not keep a process alive that has no time to wait for it.
    Thread(target=run, daemon=True).start()
    try:
        outcome = done.get(timeout=seconds)
    except Empty:
        raise TimeoutError(f"no answer within {seconds:.1f} s") from None
    return outcome()
