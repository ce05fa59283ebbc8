"""The sender of posts to the engagement index.

It takes residents that are marked, works out what the index lacks or has too much of, and tells it in few
calls. Any number of senders may run: a resident is posted by the one that claims it. What a sender leaves
behind when it dies is posted again, which changes nothing in the index (TKB-EI pR4, pR5).
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import random
from threading import Event
from typing import NamedTuple
from uuid import uuid4

import structlog
from sqlalchemy import Connection

from consumer.client import Client
from consumer.outgoing.index_outcome import outcome_of_update, worst_of
from consumer.outgoing.outcome import UNSENDABLE, SendOutcome, not_sent
from consumer.outgoing.sending import CORRELATION_ID, lasting, pause, repeat, wait
from consumer.settings import CallSettings, IndexSettings, OutboxSettings
from contacts import index_marks, index_posts
from contacts.index_posts import Post
from contracts.clock import utc_now
from contracts.messages import Update
from contracts.schemas import Schemas
from mapping.answers import engagementindex
from mapping.answers.engagementindex import PostChange, ReadContacts
from register import claims
from register.database import Register
from register.leases import Lease
from register.outgoing import Task, TaskKind, TaskState

log = structlog.get_logger(__name__)

_RESERVE = timedelta(minutes=1)
"""How long before its claim runs out a sender makes its last call; longer than any call takes."""

_OUT_OF_TIME = SendOutcome(TaskState.WAITING, "not sent: the claim has run out")


class Posted(NamedTuple):
    """What came of posting what was due: how many posts the index has accepted, and how many it has not."""

    accepted: int
    failed: int


@dataclass(slots=True)
class _Batch:
    """The residents of a claim, and what is to be sent about them.

    Attributes:
        until: When the claim runs out.
        tasks: All of them.
        changes: The posts to send, by the resident they are about; none where the index has it all.
        later: Residents that are not to be posted yet, and until when.
        outcomes: What came of each post, by its key.
    """

    until: datetime
    tasks: Sequence[Task]
    changes: dict[Task, list[PostChange]] = field(default_factory=dict)
    later: dict[Task, datetime] = field(default_factory=dict)
    outcomes: dict[tuple[str, str], SendOutcome] = field(default_factory=dict)


class PostSender:
    """Posts what is marked. Make one in each process.

    Args:
        register: The register.
        call: How calls are made, and whom they go to unless the settings say.
        settings: Whom posts go to, and how fast.
        waits: How long to wait before what failed is sent again.
        address: LogicalAddress of the index.
        source_system: HSA-id of this system.
        contacts: Reads what GetCareManagers answers.
        utc_now: Returns the present as naive UTC.
        schemas: What requests are written by and answers must follow; our own when left out.
        jitter: Returns a number from 0 to 1 by which a wait grows.
    """

    def __init__(
        self,
        register: Register,
        call: CallSettings,
        settings: IndexSettings,
        waits: OutboxSettings,
        address: str,
        source_system: str,
        contacts: ReadContacts,
        *,
        utc_now: Callable[[], datetime] = utc_now,
        schemas: Schemas | None = None,
        jitter: Callable[[], float] = random,
    ) -> None:
        self.register = register
        self._call = call
        self._settings = settings
        self._waits = waits
        self._address = address
        self._source_system = source_system
        self._contacts = contacts
        self._utc_now = utc_now
        self._schemas = schemas
        self._jitter = jitter

    def run(self, stop: Event) -> None:
        """Post what becomes due until told to stop, and then finish the call that is being made.

        Of several processes one does it (`register.leases`).
        """
        lease = Lease(self.register, "posts", str(uuid4()), lasting(self._waits), self._utc_now)

        def post_what_is_due() -> None:
            index_marks.sweep(self.register, self._utc_now())
            self.run_once(stop, still=lease.held)

        repeat(stop, self._waits.poll_seconds, lease, post_what_is_due)

    def run_once(
        self,
        stop: Event | None = None,
        progress: Callable[[int], None] | None = None,
        still: Callable[[], bool] = lambda: True,
    ) -> Posted:
        """Post everything that is due and return what came of it.

        Args:
            stop: Ends it between two calls.
            progress: Told how many residents have been looked over, after each batch.
            still: Asked before each batch whether to go on.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The register does not answer.
        """
        stop, accepted, failed = stop or Event(), 0, 0
        while not stop.is_set() and still():
            batch = self._take(stop)
            if batch is None:
                break
            if batch.changes:
                self._send(batch)
                self._record(batch)
            done = sum(outcome.state is TaskState.DONE for outcome in batch.outcomes.values())
            accepted, failed = accepted + done, failed + len(batch.outcomes) - done
            if progress is not None:
                progress(len(batch.tasks))
        return Posted(accepted, failed)

    def _take(self, stop: Event) -> _Batch | None:
        """Claim residents and write down what is about to be sent; None if there is nothing to do now.

        Residents are looked over at the pace of posting: all at once they would keep the processor from those
        who answer calls in the same process.
        """
        now = self._utc_now()
        with self.register.reading() as connection:
            if self._address in claims.paused(connection, now):
                return None
        a_minute = max(1, round(60 * self._settings.posts_per_second))  # far less than a claim lasts
        limit = min(self._settings.batch_size, a_minute)
        tasks = claims.claim(self.register, TaskKind.POST, str(uuid4()), now, limit=limit)
        if not tasks:
            return None
        batch = _Batch(now + claims.LONGEST_CLAIM, tasks)
        with self.register.reading() as connection:
            keys: set[tuple[str, str]] = set()
            began = time.monotonic()
            for number, task in enumerate(tasks):
                stop.wait(max(0, began + number / self._settings.posts_per_second - time.monotonic()))
                found = engagementindex.changes(
                    connection, task.person_id, task.created_at, now, self._contacts
                )
                until = self._settled_at(found, now)
                if until > now:
                    batch.later[task] = until
                elif keys & {change.post.key for change in found}:  # an identity that has changed hands
                    batch.later[task] = now + timedelta(seconds=self._settings.settle_seconds)
                else:
                    batch.changes[task] = found
                    keys |= {change.post.key for change in found}
        with self.register.writing() as connection:
            for task, until in batch.later.items():
                claims.give_back(connection, [task], TaskState.WAITING, until, tried=False)
            own = {task: batch.changes[task] for task in claims.still_claimed(connection, batch.changes)}
            done = [task for task, some in own.items() if not some]
            claims.give_back(connection, done, TaskState.DONE, now)
            batch.changes = {task: some for task, some in own.items() if some}
            sent = [one.post for some in batch.changes.values() for one in some]
            index_posts.write(connection, map(index_posts.maybe, sent))
        return batch

    def _settled_at(self, found: Sequence[PostChange], now: datetime) -> datetime:
        """Return when the index is done with what it was told before about the same; the past for nothing."""
        settle = timedelta(seconds=self._settings.settle_seconds)
        times = [change.before.posted_at for change in found if change.before is not None]
        # What was posted in the future was so before a clock was set back.
        return max((at + settle for at in times if at <= now + claims.CLOCKS_DIFFER), default=now)

    def _send(self, batch: _Batch) -> None:
        """Send the posts, as many in each call as may be, and find those that cannot be taken."""
        fitting = []
        for change in (one for some in batch.changes.values() for one in some):
            told = engagementindex.transaction(change.post, self._source_system)
            problem = engagementindex.problem(told.engagement)
            if problem is None:
                fitting.append(change)
            else:
                batch.outcomes[change.post.key] = SendOutcome(TaskState.REFUSED, f"not sent: {problem}")
                log.error("index_withheld", result=problem)
        stopped: SendOutcome | None = None
        size = self._settings.batch_size
        to_send = [fitting[start : start + size] for start in range(0, len(fitting), size)][::-1]
        with Client(self._call, self._schemas) as client:
            while to_send:
                posts = to_send.pop()
                if stopped is None and self._utc_now() > batch.until - _RESERVE:
                    stopped = _OUT_OF_TIME
                outcome = stopped or self._tell(client, posts)
                if outcome.state is TaskState.REFUSED and len(posts) > 1:
                    half = len(posts) // 2
                    to_send += [posts[half:], posts[:half]]
                    continue
                if outcome.state in (TaskState.WAITING, TaskState.PARKED):
                    stopped = outcome
                batch.outcomes |= {change.post.key: outcome for change in posts}

    def _tell(self, client: Client, posts: Sequence[PostChange]) -> SendOutcome:
        """Make one call."""
        correlation_id = str(uuid4())
        message = Update(
            tuple(engagementindex.transaction(change.post, self._source_system) for change in posts)
        )
        try:
            outcome = outcome_of_update(
                client.call(
                    message,
                    self._address,
                    endpoint=self._settings.endpoint,
                    headers={CORRELATION_ID: correlation_id},
                )
            )
        except UNSENDABLE as error:
            outcome = not_sent(error)
        _log(outcome, len(posts), sum(change.post.deleted for change in posts), correlation_id)
        return outcome

    def _record(self, batch: _Batch) -> None:
        """Write down what the index has, and what is to be done about what it has not, in one transaction."""
        with self.register.writing() as connection:
            now = self._utc_now()
            tasks = {task: batch.changes[task] for task in claims.still_claimed(connection, batch.changes)}
            lost = len(batch.changes) - len(tasks)
            if lost:
                log.warning("index_claim_lost", residents=lost)
            changes = [change for some in tasks.values() for change in some]
            outcomes = {change.post.key: batch.outcomes[change.post.key] for change in changes}
            for change in changes:
                if outcomes[change.post.key].state is TaskState.REFUSED and change.before is None:
                    index_posts.forget(connection, change.post)
            index_posts.write(connection, _as_they_are(changes, outcomes))
            done = []
            for task, some in tasks.items():
                worst = worst_of(outcomes[change.post.key] for change in some)
                if worst.state is TaskState.DONE:
                    done.append(task)
                else:
                    self._give_back(connection, task, worst, now)
            claims.give_back(connection, done, TaskState.DONE, now)
            self._pause(connection, outcomes.values(), now)

    def _give_back(self, connection: Connection, task: Task, outcome: SendOutcome, now: datetime) -> None:
        at, tried = now, outcome is not _OUT_OF_TIME
        if outcome.state is TaskState.WAITING and tried:
            at = now + wait(task.attempts, self._waits, self._jitter())
        claims.give_back(connection, [task], outcome.state, at, outcome.result, tried=tried)

    def _pause(self, connection: Connection, outcomes: Iterable[SendOutcome], now: datetime) -> None:
        """Send nothing for a while to an index that takes nothing; anything it takes ends that."""
        states = {one.state for one in outcomes if one is not _OUT_OF_TIME}
        if states & {TaskState.WAITING, TaskState.PARKED}:
            pause(connection, self._address, self._waits, now)
        elif states:
            claims.resume(connection, self._address)


def _as_they_are(
    changes: Iterable[PostChange], outcomes: Mapping[tuple[str, str], SendOutcome]
) -> Iterator[Post]:
    """Yield the posts that the index has now, by what came of the calls; the others stay unknown."""
    for change in changes:
        state = outcomes[change.post.key].state
        if state is TaskState.DONE:
            yield change.post
        elif state is TaskState.REFUSED and change.before is not None:
            yield change.before


def _log(outcome: SendOutcome, posts: int, removed: int, correlation_id: str) -> None:
    about = {"posts": posts, "removed": removed, "correlation_id": correlation_id, "result": outcome.result}
    if outcome.state is TaskState.DONE:
        log.info("index_posted", **about)
    elif outcome.state is TaskState.PARKED:
        log.error("index_parked", **about)
    elif outcome.state is TaskState.WAITING:
        log.warning("index_failed", **about)
    elif posts > 1:
        log.info("index_split", **about)
    else:
        log.error("index_refused", **about)
