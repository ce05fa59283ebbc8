"""The sender of messages to other regions: one thread for each region, so that none waits for another.

Any number of senders may run, in any number of processes: a message is sent by the one that claims it. What a
sender leaves behind when it dies is sent again when its claim has run out, which is harmless (RIV-TA Basic
Profile 2.1, rule 22; carelisting TKB 4.2.1).
"""

import time
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from random import random
from threading import Event, Thread
from uuid import uuid4

import structlog

from consumer.client import Client
from consumer.outgoing.outcome import UNSENDABLE, SendOutcome, not_sent, outcome_of
from consumer.outgoing.sending import CORRELATION_ID, lasting, pause, repeat, seldom, survived, wait
from consumer.settings import CallSettings, OutboxSettings
from contracts import oids
from contracts.clock import swedish, utc_now
from contracts.identifiers import PersonId
from contracts.messages import CV, II, UpdateListing
from contracts.schemas import Schemas
from listings import region_messages
from listings.changes import ListingChanges
from listings.listing_log import Cause
from listings.region_messages import ListingUpdate
from listings.upkeep import settle
from register import claims, outgoing
from register.database import Register
from register.leases import Lease
from register.outgoing import Task, TaskKind, TaskState

log = structlog.get_logger(__name__)

_UPKEEP_SECONDS = 60


class MessageSender:
    """Sends messages to regions and settles what was waiting for the answer. Make one in each process.

    Args:
        register: The register.
        call: Whom calls go to, and how.
        settings: When calls are made.
        limits: Re-listings a resident may make in twelve months, by county, of the counties served here.
        upkeep: Counties whose listings are kept up from here; those of ``limits`` when left out.
        led_elsewhere: Counties whose listing system is another, which tells other regions itself.
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
        led_elsewhere: Collection[str] = (),
        utc_now: Callable[[], datetime] = utc_now,
        schemas: Schemas | None = None,
        jitter: Callable[[], float] = random,
    ) -> None:
        self.register = register
        self._call = call
        self._settings = settings
        self._limits = limits
        self._kept_up = limits if upkeep is None else {county: limits[county] for county in upkeep}
        self._led_elsewhere = led_elsewhere
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
                message = outgoing.find(connection, TaskKind.MESSAGE, message_id)
            if message is not None and message.state is TaskState.SENDING:
                self._send(message, call)

    def run_once(self, became: list[TaskState] | None = None) -> int:
        """Send everything that is due and return how many messages that was.

        Args:
            became: Gets the state that each of them has come to.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The register does not answer.
        """
        sent: list[TaskState] = [] if became is None else became
        due = claims.due_addresses(self.register, self._utc_now())
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
            outgoing.forget(connection, now - timedelta(days=self._settings.keep_days))

    def run(self, stop: Event) -> None:
        """Send what becomes due until told to stop, and then finish the calls that are being made.

        Of several processes one does it, and upkeep with it (`register.leases`).
        """
        busy: dict[str, Thread] = {}

        def send_what_is_due() -> None:
            for address in claims.due_addresses(self.register, self._utc_now()):
                if address not in busy or not busy[address].is_alive():
                    # As a daemon: a call must not keep a process alive that has no time to wait for it.
                    busy[address] = Thread(target=self._send_due, args=(address, stop, []), daemon=True)
                    busy[address].start()

        lease = Lease(self.register, "messages", self._name, lasting(self._settings), self._utc_now)
        upkeep = seldom(_UPKEEP_SECONDS, self.upkeep)
        repeat(stop, self._settings.poll_seconds, lease, upkeep, send_what_is_due)
        for thread in busy.values():
            thread.join()

    def _send_due(self, address: str, stop: Event, sent: list[TaskState]) -> None:
        """Send what is due to an address, one after another, and add what each becomes to ``sent``."""
        next_call = time.monotonic()
        with survived():
            while not stop.is_set():
                now = self._utc_now()
                claimed = claims.claim(self.register, TaskKind.MESSAGE, self._name, now, address=address)
                if not claimed:
                    return
                (message,) = claimed
                time.sleep(max(0, next_call - time.monotonic()))
                next_call = time.monotonic() + 1 / self._settings.calls_per_second
                state = TaskState.SENDING  # also where what came of it cannot be written
                try:
                    state = self._send(message, self._call)
                finally:
                    sent.append(state)

    def _send(self, message: Task, call: CallSettings) -> TaskState:
        try:
            with Client(call, self._schemas) as client:
                headers = {CORRELATION_ID: message.correlation_id}
                outcome = outcome_of(client.call(_request(message), message.address, headers=headers))
        except UNSENDABLE as error:
            outcome = not_sent(error)
        self._settle(message, outcome)
        return outcome.state

    def _settle(self, message: Task, outcome: SendOutcome) -> None:
        """Write down what came of a message, and what follows from it, in one transaction."""
        with self.register.writing() as connection:
            at = now = self._utc_now()
            if outcome.state is TaskState.WAITING:
                at = now + wait(message.attempts, self._settings, self._jitter())
            own = region_messages.give_back(connection, message, outcome.state, at, outcome.result)
            if own and outcome.no_answer:
                pause(connection, message.address, self._settings, now)
            if own and outcome.code is not None:
                claims.resume(connection, message.address)
            if own and message.request_id is not None:
                cause = Cause(
                    source=message.contract,
                    log_id=message.correlation_id,
                    correlation_id=message.correlation_id,
                )
                changes = ListingChanges(connection, swedish(now), self._limits, cause, self._led_elsewhere)
                if outcome.code is not None:
                    changes.settle_request(message.request_id, outcome.code, outcome.text)
                else:
                    changes.no_answer(message.request_id)
                changes.finish()
        _log(message, outcome, at, own)


def _request(message: Task) -> UpdateListing:
    """Return the request that a message is.

    Raises:
        IdentifierError: The person has no identity that the contract can carry.
    """
    person = PersonId.from_number(message.person_id, check_digits=False)
    content = ListingUpdate.of(message)
    return UpdateListing(
        II(person.root, person.extension),
        II(oids.COUNTY, content.new_county),
        II(oids.COUNTY, content.home_county),
        None if content.code is None else CV(content.code, content.code_system),
    )


def _log(message: Task, outcome: SendOutcome, next_attempt: datetime, own: bool) -> None:
    about = {
        "message": message.id,
        "address": message.address,
        "attempt": message.attempts,
        "correlation_id": message.correlation_id,
        "result": outcome.result,
    }
    if not own:
        log.warning("message_claim_lost", **about)
    elif outcome.state is TaskState.DONE:
        log.info("message_delivered", **about)
    elif outcome.state is TaskState.REFUSED:
        log.error("message_refused", **about)
    elif outcome.state is TaskState.PARKED:
        log.error("message_parked", **about)
    else:
        log.warning("message_failed", **about, next_attempt=f"{next_attempt:%FT%TZ}")
