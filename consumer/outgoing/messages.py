"""The sender of what lies in the outbox: one thread for each region, so that none waits for another.

Any number of senders may run, in any number of processes: a message is sent by the one that claims it. What a
sender leaves behind when it dies is sent again when its claim has run out, which is harmless (RIV-TA Basic
Profile 2.1, rule 22; carelisting TKB 4.2.1).
"""

import time
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import random
from threading import Event, Thread
from uuid import uuid4

import structlog

from consumer.client import Client
from consumer.outgoing.outcome import SendOutcome, not_sent, outcome_of, update_listing, wait
from consumer.settings import CallSettings, OutboxSettings
from consumer.transport import CallError
from contracts.clock import swedish, utc_now
from contracts.identifiers import IdentifierError
from contracts.schemas import SchemaError, Schemas
from listings.changes import ListingChanges
from listings.listing_log import Cause
from listings.upkeep import settle
from register import outbox
from register.database import Register
from register.outbox import Message, State

log = structlog.get_logger(__name__)

CORRELATION_ID = "x-skltp-correlation-id"
"""HTTP header that follows a call through the platform, which takes over the one it gets (SKLTP VP)."""

_UPKEEP_SECONDS = 60


class MessageSender:
    """Sends messages of the outbox and settles what was waiting for the answer. Make one in each process.

    Args:
        register: The register with the outbox.
        call: Whom calls go to, and how.
        settings: When calls are made.
        limits: Re-listings a resident may make in twelve months, by county, of the counties served here.
        upkeep: Counties whose listings are kept up from here; those of ``limits`` when left out.
        utc_now: Returns the present as naive UTC.
        schemas: What requests are written by and answers must follow; our own when left out.
        jitter: Returns a number from 0 to 1 by which a wait grows.
    """

    def __init__(
        self,
        register: Register,
        call: CallSettings,
        settings: OutboxSettings,
        limits: Mapping[str, int],
        *,
        upkeep: Collection[str] | None = None,
        utc_now: Callable[[], datetime] = utc_now,
        schemas: Schemas | None = None,
        jitter: Callable[[], float] = random,
    ) -> None:
        self.register = register
        self._call = call
        self._settings = settings
        self._limits = limits
        self._kept_up = limits if upkeep is None else {county: limits[county] for county in upkeep}
        self._utc_now = utc_now
        self._schemas = schemas
        self._jitter = jitter
        self._name = str(uuid4())

    def deliver(self, message_id: int) -> None:
        """Send a message that the caller has claimed, and wait for the answer `wait_seconds` at most.

        What comes of it stands in the register afterwards. Raises nothing: a message whose outcome could not
        be written is sent again when the claim has run out.

        Args:
            message_id: The message; one that is not claimed is left to those who send what is due.
        """
        call = self._call.model_copy(update={"read_timeout_seconds": self._settings.wait_seconds})
        with survived():
            with self.register.reading() as connection:
                message = outbox.find(connection, message_id)
            if message is not None and message.state is State.SENDING:
                self._send(message, call)

    def run_once(self) -> int:
        """Send everything that is due and return how many messages that was.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The register does not answer.
        """
        sent: list[int] = []
        due = outbox.due_addresses(self.register, self._utc_now())
        threads = [Thread(target=self._send_due, args=(address, Event(), sent)) for address in due]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(sent)

    def upkeep(self) -> None:
        """Bring about what time alone does: `listings.settle`, and old messages are deleted.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The register does not answer.
        """
        now = self._utc_now()
        settle(self.register, swedish(now), self._kept_up)
        with self.register.writing() as connection:
            outbox.forget(connection, now - timedelta(days=self._settings.keep_days))

    def run(self, stop: Event) -> None:
        """Send what becomes due until told to stop, and then finish the calls that are being made."""
        busy: dict[str, Thread] = {}
        next_upkeep = time.monotonic()
        while not stop.is_set():
            with survived():
                if time.monotonic() >= next_upkeep:
                    next_upkeep = time.monotonic() + _UPKEEP_SECONDS
                    self.upkeep()
            with survived():
                for address in outbox.due_addresses(self.register, self._utc_now()):
                    if address not in busy or not busy[address].is_alive():
                        # As a daemon: a call must not keep a process alive that has no time to wait for it.
                        busy[address] = Thread(target=self._send_due, args=(address, stop, []), daemon=True)
                        busy[address].start()
            stop.wait(self._settings.poll_seconds)
        for thread in busy.values():
            thread.join()

    def _send_due(self, address: str, stop: Event, sent: list[int]) -> None:
        """Send what is due to an address, one after another, and add the ids to ``sent``."""
        next_call = time.monotonic()
        with survived():
            while not stop.is_set():
                message = outbox.claim(self.register, address, self._name, self._utc_now())
                if message is None:
                    return
                time.sleep(max(0, next_call - time.monotonic()))
                next_call = time.monotonic() + 1 / self._settings.calls_per_second
                sent.append(message.id)
                self._send(message, self._call)

    def _send(self, message: Message, call: CallSettings) -> None:
        try:
            with Client(call, self._schemas) as client:
                headers = {CORRELATION_ID: message.correlation_id}
                outcome = outcome_of(client.call(update_listing(message), message.address, headers=headers))
        except (CallError, SchemaError, IdentifierError) as error:
            outcome = not_sent(error)
        self._settle(message, outcome)

    def _settle(self, message: Message, outcome: SendOutcome) -> None:
        """Write down what came of a message, and what follows from it, in one transaction."""
        with self.register.writing() as connection:
            now = self._utc_now()
            next_attempt = None
            if outcome.state is State.WAITING:
                next_attempt = now + wait(message.attempts, self._settings, self._jitter())
                own = outbox.send_later(connection, message, next_attempt, outcome.result)
            elif outcome.state is State.PARKED:
                own = outbox.park(connection, message, outcome.result)
            else:
                own = outbox.finish(connection, message, outcome.state, outcome.result)
            if own and outcome.no_answer:
                pause = timedelta(minutes=self._settings.first_retry_minutes)
                outbox.pause(connection, message.address, now, now + pause)
            if own and outcome.code is not None:
                outbox.resume(connection, message.address)
            if own and message.request_id is not None:
                cause = Cause(
                    source=message.contract,
                    log_id=message.correlation_id,
                    correlation_id=message.correlation_id,
                )
                changes = ListingChanges(connection, swedish(now), self._limits, cause)
                if outcome.code is not None:
                    changes.settle_request(message.request_id, outcome.code, outcome.text)
                else:
                    changes.no_answer(message.request_id)
                changes.finish()
        _log(message, outcome, next_attempt if own else None, own)


def _log(message: Message, outcome: SendOutcome, next_attempt: datetime | None, own: bool) -> None:
    about = {
        "message": message.id,
        "address": message.address,
        "attempt": message.attempts,
        "correlation_id": message.correlation_id,
        "result": outcome.result,
    }
    if not own:
        log.warning("message_claim_lost", **about)
    elif outcome.state is State.DONE:
        log.info("message_delivered", **about)
    elif outcome.state is State.REFUSED:
        log.error("message_refused", **about)
    elif outcome.state is State.PARKED:
        log.error("message_parked", **about)
    else:
        log.warning("message_failed", **about, next_attempt=next_attempt and f"{next_attempt:%FT%TZ}")


@contextmanager
def survived() -> Iterator[None]:
    """Log what goes wrong inside the block and go on; not the exception's text, which may quote a message."""
    try:
        yield
    except Exception as error:  # the boundary: whatever it is, the other messages are still to be sent
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(frame.filename).name}:{frame.lineno}"
        log.error("sender_failed", error=type(error).__name__, where=where)
