"""Calls to other regions that are yet to be made: written with the change that causes them, sent afterwards.

A message is written in the transaction of the change, so that neither can be without the other. Senders take
messages one at a time, each by a claim that runs out: a sender that dies leaves its message to the next. What
is sent twice for that reason is harmless (RIV-TA Basic Profile 2.1, rule 22; carelisting TKB 4.2.1).

Messages about one person to one address are sent in their order. Times are naive UTC. A time that lies so far
ahead that it cannot be right, because a clock has been set back, counts as past; the clocks of several
machines may differ by `CLOCKS_DIFFER`.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, or_, select, update

from register.database import Register
from register.tables import listing_request, outbox, outbox_pause

LONGEST_CLAIM = timedelta(minutes=5)
"""How long a sender may keep a message; far longer than any call takes."""

LONGEST_WAIT = timedelta(days=2)
"""The longest time between two attempts, whatever a setting says."""

CLOCKS_DIFFER = timedelta(minutes=5)
"""How much later it may be for another sender without a clock having been set back."""

_SUPERSEDED = "a later message took its place"
_WITHDRAWN = "the request was withdrawn"


class State(StrEnum):
    """What has become of a message."""

    WAITING = "waiting"
    """To be sent when its time comes."""
    SENDING = "sending"
    """A sender has claimed it."""
    DONE = "done"
    """The receiver did as asked."""
    REFUSED = "refused"
    """The receiver answered ERROR; it is never sent again."""
    PARKED = "parked"
    """It cannot be sent before somebody repairs something."""
    DROPPED = "dropped"
    """An operator gave it up, or a later message took its place."""


OPEN = (State.WAITING, State.SENDING, State.PARKED)
"""States of messages that have not come to their end."""


@dataclass(frozen=True, slots=True)
class ListingUpdate:
    """The content of an UpdateListing.

    Attributes:
        new_county: County where the resident is now listed.
        home_county: The resident's home county.
        code: Code of the listing type; None for PV, which goes without saying (TKB 2.0, listingType).
        code_system: Its code system.
    """

    new_county: str
    home_county: str
    code: str | None = None
    code_system: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message in the outbox.

    Attributes:
        correlation_id: UUID sent as x-skltp-correlation-id, the same at each attempt.
        address: LogicalAddress of the receiver, a county code.
        request_id: The listing request that waits for the answer, if any.
        attempts: How many times it has been sent.
        result: What came of the last attempt, for the operator; never holds personal data.
    """

    id: int
    correlation_id: str
    contract: str
    address: str
    person_id: str = field(repr=False)
    update: ListingUpdate
    request_id: str | None
    state: State
    attempts: int
    created_at: datetime
    next_attempt_at: datetime
    attempted_at: datetime | None
    claimed_by: str | None
    result: str | None


def enqueue(
    connection: Connection,
    address: str,
    person_id: str,
    content: ListingUpdate,
    now: datetime,
    *,
    request_id: str | None = None,
    sender: str | None = None,
) -> int:
    """Add an UpdateListing and return its id.

    What it says takes the place of what earlier messages about the person and type to the same address said,
    if they have not been sent: those are dropped. One that a listing request waits for is left alone.

    Args:
        connection: A connection of `Register.writing`, in the transaction of the change.
        address: LogicalAddress of the receiver.
        person_id: The resident.
        content: What to tell.
        now: The present, UTC.
        request_id: The listing request that waits for the answer.
        sender: Who claims the message at once, to send it as soon as the transaction has ended. It is not
            claimed but waits if it is not the next in order, or if nothing is sent to the address just now.
    """
    message = json.dumps([content.new_county, content.home_county, content.code, content.code_system])
    for earlier in _about(connection, address, person_id, content, State.WAITING, State.PARKED):
        if earlier.request_id is None:
            _set(connection, earlier.id, state=State.DROPPED, result=_SUPERSEDED)
    if sender is not None and not _may_send(connection, address, person_id, now):
        sender = None
    values = {
        "correlation_id": str(uuid4()),
        "contract": "UpdateListing",
        "address": address,
        "person_id": person_id,
        "message": message,
        "request_id": request_id,
        "state": State.SENDING if sender else State.WAITING,
        "attempts": 1 if sender else 0,
        "created_at": now,
        "next_attempt_at": now + LONGEST_CLAIM if sender else now,
        "attempted_at": now if sender else None,
        "claimed_by": sender,
    }
    return int(connection.execute(insert(outbox).returning(outbox.c.id), values).scalar_one())


def due_addresses(register: Register, now: datetime) -> list[str]:
    """Return the addresses with a message to send now, in order."""
    with register.reading() as connection:
        found = connection.scalars(
            select(outbox.c.address)
            .where(_is_due(now), _is_next(), ~_is_paused(now))
            .distinct()
            .order_by(outbox.c.address)
        )
        return list(found)


def claim(register: Register, address: str, sender: str, now: datetime) -> Message | None:
    """Take the oldest message to send to an address, so that no other sender does; None if there is none.

    Args:
        register: The register.
        address: LogicalAddress.
        sender: Name of the sender, unique for each.
        now: The present, UTC. The claim holds for `LONGEST_CLAIM`.
    """
    with register.writing() as connection:
        row = connection.execute(
            select(outbox)
            .where(outbox.c.address == address, _is_due(now), _is_next(), ~_is_paused(now))
            .order_by(outbox.c.id)
            .limit(1)
        ).one_or_none()
        if row is None:
            return None
        _set(
            connection,
            row.id,
            state=State.SENDING,
            attempts=row.attempts + 1,
            attempted_at=now,
            next_attempt_at=now + LONGEST_CLAIM,
            claimed_by=sender,
        )
        return find(connection, row.id)


def find(connection: Connection, message_id: int) -> Message | None:
    """Return a message by its id."""
    row = connection.execute(select(outbox).where(outbox.c.id == message_id)).one_or_none()
    return None if row is None else _message(row)


def listed(
    connection: Connection, states: Collection[State] = OPEN, limit: int | None = None
) -> list[Message]:
    """Return messages in these states, oldest first; the latest of them if there are more than ``limit``."""
    found = connection.execute(
        select(outbox).where(outbox.c.state.in_(states)).order_by(outbox.c.id.desc()).limit(limit)
    ).all()
    return [_message(row) for row in reversed(found)]


def paused(connection: Connection, now: datetime) -> dict[str, datetime]:
    """Return the addresses that nothing is sent to just now, and until when (UTC)."""
    rows = connection.execute(
        select(outbox_pause.c.address, outbox_pause.c.until)
        .where(_in_force(now))
        .order_by(outbox_pause.c.address)
    )
    return {row.address: row.until for row in rows}


def finish(connection: Connection, message: Message, state: State, result: str) -> bool:
    """End a message that was sent.

    Returns:
        Whether it was the sender's to end; if not, its claim has run out and another's answer counts.
    """
    return _give_back(connection, message, state=state, result=result)


def send_later(connection: Connection, message: Message, at: datetime, result: str) -> bool:
    """Put back a message whose sending failed, to be sent again at ``at``; as `finish` otherwise.

    It is dropped instead if nobody wants it any more: while it was being sent a later message took its place,
    or the request it belongs to was withdrawn.
    """
    return _keep(connection, message, state=State.WAITING, result=result, next_attempt_at=at)


def park(connection: Connection, message: Message, result: str) -> bool:
    """Put aside a message until an operator has seen to it; as `send_later` otherwise."""
    return _keep(connection, message, state=State.PARKED, result=result)


def pause(connection: Connection, address: str, now: datetime, until: datetime) -> None:
    """Send nothing to an address that does not answer before ``until``."""
    resume(connection, address)
    connection.execute(insert(outbox_pause), {"address": address, "since": now, "until": until})


def resume(connection: Connection, address: str) -> None:
    """End a pause."""
    connection.execute(delete(outbox_pause).where(outbox_pause.c.address == address))


def retry(connection: Connection, message: Message, now: datetime) -> bool:
    """Have a waiting or parked message sent at once; False if it is in another state by now."""
    resume(connection, message.address)
    changed = connection.execute(
        update(outbox)
        .where(outbox.c.id == message.id, outbox.c.state.in_([State.WAITING, State.PARKED]))
        .values(state=State.WAITING, next_attempt_at=now)
    )
    return bool(changed.rowcount)


def drop(connection: Connection, message_id: int, result: str) -> bool:
    """Give up a message that is not being sent; False if it is, or has come to its end."""
    changed = connection.execute(
        update(outbox)
        .where(outbox.c.id == message_id, outbox.c.state.in_([State.WAITING, State.PARKED]))
        .values(state=State.DROPPED, result=result, claimed_by=None)
    )
    return bool(changed.rowcount)


def drop_for_request(connection: Connection, request_id: str) -> bool:
    """Give up the message of a request that is withdrawn, unless it is being sent.

    Returns:
        Whether a message was dropped that may have arrived all the same: it has been sent without an answer.
    """
    messages = connection.execute(
        select(outbox.c.id, outbox.c.attempts).where(outbox.c.request_id == request_id)
    ).all()
    dropped = [one for one in messages if drop(connection, one.id, _WITHDRAWN)]
    return any(one.attempts > 0 for one in dropped)


def withdraw(connection: Connection, address: str, person_id: str, content: ListingUpdate) -> None:
    """Give up what a region was to be told about a person and type, and no longer is so.

    A message that is being sent may arrive all the same, but is not sent again. One that a listing request
    waits for is left alone.
    """
    for earlier in _about(connection, address, person_id, content, *OPEN):
        if earlier.request_id is None:
            _set(connection, earlier.id, state=State.DROPPED, result=_SUPERSEDED, claimed_by=None)


def is_being_sent(connection: Connection, request_id: str) -> bool:
    """Tell whether the message that a listing request waits for is being sent."""
    found = select(outbox.c.id).where(outbox.c.request_id == request_id, outbox.c.state == State.SENDING)
    return connection.execute(found).first() is not None


def forget(connection: Connection, before: datetime) -> int:
    """Delete messages that had come to their end when they were written before ``before``; return how many.

    They say where residents were listed, which nobody needs when no repetition can come any more.
    """
    ended = outbox.c.state.not_in(OPEN)
    return connection.execute(delete(outbox).where(ended, outbox.c.created_at < before)).rowcount


def _keep(connection: Connection, message: Message, **values: Any) -> bool:
    """Give back a message that is still to be sent, or drop it if nobody wants it any more."""
    unwanted = None
    if message.request_id is not None:
        settled = select(listing_request.c.settled_at).where(listing_request.c.id == message.request_id)
        if connection.scalar(settled) is not None:
            unwanted = _WITHDRAWN
    else:
        states = [state for state in State if state is not State.DROPPED]
        later = _about(connection, message.address, message.person_id, message.update, *states)
        if any(one.id > message.id for one in later):
            unwanted = _SUPERSEDED
    if unwanted is not None:
        values = {"state": State.DROPPED, "result": unwanted}
    return _give_back(connection, message, **values)


def _about(
    connection: Connection, address: str, person_id: str, content: ListingUpdate, *states: State
) -> list[Row[Any]]:
    """Return id and request of messages in these states about a person and a listing type to an address."""
    rows: Iterable[Row[Any]] = connection.execute(
        select(outbox.c.id, outbox.c.request_id, outbox.c.message).where(
            outbox.c.address == address, outbox.c.person_id == person_id, outbox.c.state.in_(states)
        )
    )
    return [row for row in rows if json.loads(row.message)[2:] == [content.code, content.code_system]]


def _may_send(connection: Connection, address: str, person_id: str, now: datetime) -> bool:
    """Tell whether a new message would be the next in order, and its address is not paused."""
    earlier = select(outbox.c.id).where(
        outbox.c.address == address, outbox.c.person_id == person_id, outbox.c.state.in_(_UNSENT)
    )
    paused = select(outbox_pause.c.address).where(outbox_pause.c.address == address, _in_force(now))
    return not connection.scalar(select(or_(earlier.exists(), paused.exists())))


def _give_back(connection: Connection, message: Message, **values: Any) -> bool:
    changed = connection.execute(
        update(outbox)
        .where(
            outbox.c.id == message.id,
            outbox.c.state == State.SENDING,
            outbox.c.claimed_by == message.claimed_by,
            outbox.c.attempts == message.attempts,
        )
        .values(claimed_by=None, **values)
    )
    return bool(changed.rowcount)


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Its time has come, or the claim on it has run out."""
    return or_(
        and_(
            outbox.c.state == State.WAITING,
            or_(
                outbox.c.next_attempt_at <= now,
                outbox.c.attempted_at.is_(None),
                outbox.c.attempted_at > now + CLOCKS_DIFFER,
            ),
        ),
        and_(
            outbox.c.state == State.SENDING,
            or_(
                outbox.c.next_attempt_at <= now,
                outbox.c.next_attempt_at > now + LONGEST_CLAIM + CLOCKS_DIFFER,
            ),
        ),
    )


_UNSENT = (State.WAITING, State.SENDING)
_earlier = outbox.alias("earlier")


def _is_next() -> ColumnElement[bool]:
    """No earlier message about the person to the address is still to be sent."""
    return ~(
        select(_earlier.c.id)
        .where(
            _earlier.c.address == outbox.c.address,
            _earlier.c.person_id == outbox.c.person_id,
            _earlier.c.id < outbox.c.id,
            _earlier.c.state.in_(_UNSENT),
        )
        .correlate(outbox)
        .exists()
    )


def _is_paused(now: datetime) -> ColumnElement[bool]:
    return (
        select(outbox_pause.c.address)
        .where(outbox_pause.c.address == outbox.c.address, _in_force(now))
        .correlate(outbox)
        .exists()
    )


def _in_force(now: datetime) -> ColumnElement[bool]:
    """The pause has not run out; one that begins in what is yet to come was set by a wrong clock."""
    return and_(outbox_pause.c.since <= now + CLOCKS_DIFFER, outbox_pause.c.until > now)


def _set(connection: Connection, message_id: int, **values: Any) -> None:
    connection.execute(update(outbox).where(outbox.c.id == message_id).values(**values))


def _message(row: Row[Any]) -> Message:
    values = row._asdict()
    content = ListingUpdate(*json.loads(values.pop("message")))
    return Message(update=content, **(values | {"state": State(values["state"])}))
