"""What other regions are told about listings: UpdateListing, in the queue of what goes out.

A message says all there is to say about a resident and a listing type. So it takes the place of an earlier
one that has not been sent, and is not sent again when another has been written.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from contracts.codes import PV, CodeKey
from register import claims, outgoing
from register.outgoing import AT_REST, OPEN, Task, TaskState
from register.tables import listing_request

_CONTRACT = "UpdateListing"
_SUPERSEDED = "a later message took its place"
_WITHDRAWN = "the request was withdrawn"


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

    @classmethod
    def about(cls, new_county: str, home_county: str, listing_type: CodeKey) -> "ListingUpdate":
        """Return the content of a message about a listing type.

        PV goes without saying; another type is one that the counties have agreed on (TKB 2.0, listingType).
        """
        code, code_system = (None, None) if listing_type == PV.key else listing_type
        return cls(new_county, home_county, code, code_system)

    @classmethod
    def of(cls, task: Task) -> "ListingUpdate":
        """Return what a message says."""
        return cls(*json.loads(task.content))

    def is_alike(self, task: Task) -> bool:
        """Tell whether a message is about the same listing type."""
        other = ListingUpdate.of(task)
        return (other.code, other.code_system) == (self.code, self.code_system)


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
    _supersede(connection, address, person_id, content, AT_REST)
    said = json.dumps([content.new_county, content.home_county, content.code, content.code_system])
    message_id = outgoing.put(connection, address, person_id, _CONTRACT, said, now, request_id=request_id)
    if sender is not None:
        claims.claim_at_once(connection, message_id, sender, now)
    return message_id


def withdraw(connection: Connection, address: str, person_id: str, content: ListingUpdate) -> None:
    """Give up what a region was to be told about a person and type, and no longer is so.

    A message that is being sent may arrive all the same, but is not sent again. One that a listing request
    waits for is left alone.
    """
    _supersede(connection, address, person_id, content, OPEN)


def _supersede(
    connection: Connection,
    address: str,
    person_id: str,
    content: ListingUpdate,
    states: Collection[TaskState],
) -> None:
    for earlier in outgoing.about(connection, address, person_id, states):
        if earlier.request_id is None and content.is_alike(earlier):
            outgoing.drop(connection, earlier.id, _SUPERSEDED, states)


def drop_for_request(connection: Connection, request_id: str) -> bool:
    """Give up the message of a request that is withdrawn, unless it is being sent.

    Returns:
        Whether a message was dropped that may have arrived all the same: it has been sent without an answer.
    """
    messages = outgoing.for_request(connection, request_id)
    dropped = [one for one in messages if outgoing.drop(connection, one.id, _WITHDRAWN)]
    return any(one.attempts > 0 for one in dropped)


def is_being_sent(connection: Connection, request_id: str) -> bool:
    """Tell whether the message that a listing request waits for is being sent."""
    return any(one.state is TaskState.SENDING for one in outgoing.for_request(connection, request_id))


def give_back(connection: Connection, message: Task, state: TaskState, at: datetime, result: str) -> bool:
    """Give back a message, as `claims.give_back`.

    One that is to be sent again is dropped instead if nobody wants it any more: while it was being sent a
    later message took its place, or the request it belongs to was withdrawn.

    Returns:
        Whether it was the sender's; if not, its claim has run out and another's answer counts.
    """
    unwanted = _unwanted(connection, message) if state in AT_REST else None
    if unwanted is not None:
        state, result = TaskState.DROPPED, unwanted
    return claims.give_back(connection, [message], state, at, result) > 0


def _unwanted(connection: Connection, message: Task) -> str | None:
    """Return why a message need not be sent again, None if it must."""
    if message.request_id is not None:
        settled = select(listing_request.c.settled_at).where(listing_request.c.id == message.request_id)
        return None if connection.scalar(settled) is None else _WITHDRAWN
    content = ListingUpdate.of(message)
    sent_or_to_be = [state for state in TaskState if state is not TaskState.DROPPED]
    others = outgoing.about(connection, message.address, message.person_id, sent_or_to_be)
    if any(other.id > message.id and content.is_alike(other) for other in others):
        return _SUPERSEDED
    return None
