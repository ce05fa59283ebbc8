"""The log of changes of listings: what was changed, when, by whom, and what the answer was.

The contract advises a region to keep one (carelisting TKB 2.1, logging). It also tells a request that comes
again from a new one: if the last thing that happened to the resident is what the same request did, the answer
is the one it got (RIV-TA Basic Profile 2.1, rule 22).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, select

from contacts.contact_log import DOCTOR_CHOSEN, DOCTOR_ENDED
from contracts.clock import swedish, utc
from contracts.identifiers import HsaId
from listings import statements
from listings.results import ListingResult, as_columns, from_row
from register.claims import CLOCKS_DIFFER
from register.hands import Hand
from register.prepared import Prepared, only
from register.tables import listing_change

_COMMANDS = ("fastkontakt", "outbox")
"""How the names of commands begin that are causes of changes."""


class ListingEvent(StrEnum):
    """What happened."""

    LISTED = "listed"
    ENDED = "ended"
    DOCTOR_CHOSEN = DOCTOR_CHOSEN
    DOCTOR_ENDED = DOCTOR_ENDED
    QUEUED = "queued"
    LEFT_QUEUE = "left_queue"
    REQUESTED = "requested"
    """The home region is asked about a listing here."""
    WITHDRAWN = "withdrawn"
    """A listing that waited for the home region is no longer wanted."""
    NOTED = "noted"
    """The resident is listed in another county."""
    NOTE_ENDED = "note_ended"
    MOVED = "moved"
    """The resident has left the county; the actor is who noticed it."""
    COUNTY_CLAIMED = "county_claimed"
    """A call or message says another home county than the source: it is kept beside that."""
    ANSWERED = "answered"
    """What was asked for is done, or is refused by the home region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a change is made.

    Attributes:
        source: Contract or command that asked for it, or ``upkeep``.
        actor_type: Actor type of the request.
        actor_id: Identity of the actor; for a command, the operator.
        log_id: UUID of the call.
        correlation_id: The platform's correlation id, if one came.
        fingerprint: What tells the same request from another; None where it is never sent again.
        reason: Why staff do it, in their words.
    """

    source: str
    actor_type: str | None = None
    actor_id: str | None = None
    log_id: str | None = None
    correlation_id: str | None = None
    fingerprint: str | None = None
    reason: str | None = None

    @property
    def hand(self) -> Hand:
        """Whose change it is, beside those of sources; upkeep goes on from what calls have asked for."""
        return Hand.STAFF if self.source.startswith(_COMMANDS) else Hand.CALL


_ENTRY = Prepared.insert(listing_change, *(one.name for one in listing_change.c if one.name != "id"))


def write(
    connection: Connection,
    at: datetime,
    person_id: str,
    county: str,
    event: ListingEvent,
    cause: Cause,
    *,
    unit_key: HsaId | None = None,
    result: ListingResult | None = None,
) -> None:
    """Add an entry.

    Args:
        connection: A connection of `Register.writing`, in the transaction of the change.
        at: The present, UTC.
        person_id: The resident.
        county: The county whose listings were changed.
        event: What happened.
        cause: Why. Its fingerprint is kept with a ``result`` only.
        unit_key: The unit concerned.
        result: The answer that is given.
    """
    _ENTRY.run(
        connection,
        {
            "logged_at": at,
            "person_id": person_id,
            "county": county,
            "kind": event,
            "source": cause.source,
            "unit_key": unit_key,
            "actor_type": cause.actor_type,
            "actor_id": cause.actor_id,
            "log_id": cause.log_id,
            "correlation_id": cause.correlation_id,
            "fingerprint": cause.fingerprint if result else None,
            "reason": cause.reason,
            **as_columns(result),
        },
    )


def present(connection: Connection, now: datetime) -> datetime:
    """Return the present, Swedish local time, in a transaction that changes listings: after every change.

    Whoever waited for the turn to write looked at the clock before the one who had it, and another machine's
    clock may be ahead. What was done then must not be yet to come.

    Args:
        connection: A connection of `Register.writing`.
        now: What the clock said, Swedish local time.
    """
    last = next(iter(only(statements.LAST_CHANGE.all(connection, {}))), None)
    if last is None or last - utc(now) > CLOCKS_DIFFER:
        return now
    return max(now, swedish(last))


def answer_before(
    connection: Connection, person_id: str, fingerprint: str, at: datetime, window: timedelta
) -> ListingResult | None:
    """Return the answer to the same request, if nothing has happened to the resident's listings since.

    Args:
        connection: A connection to the register.
        person_id: The resident.
        fingerprint: Of the request.
        at: The present, UTC.
        window: How long after the first a request counts as the same one.
    """
    last = next(iter(statements.LAST_ENTRY.named(connection, {"person_id": person_id})), None)
    if last is None or last.fingerprint != fingerprint or abs(at - last.logged_at) > window:
        return None
    return from_row(last)


def answer_to_call(
    connection: Connection, person_id: str, source: str, correlation_id: str
) -> ListingResult | None:
    """Return the answer that a call of a contract got, told by its correlation id, or None if it is new."""
    values = {"person_id": person_id, "source": source, "correlation_id": correlation_id}
    found = next(iter(statements.ANSWER_TO_CALL.named(connection, values)), None)
    return None if found is None else from_row(found)


def entries(connection: Connection, person_id: str) -> Sequence[Row[Any]]:
    """Return the entries about a resident, oldest first."""
    return connection.execute(statements.ENTRIES, {"person_id": person_id}).all()


def last_entry(connection: Connection) -> int:
    """Return the number of the last entry there is, nought if there is none."""
    found: int | None = connection.scalar(select(func.max(listing_change.c.id)))
    return found or 0


def people_since(connection: Connection, entry: int) -> list[str]:
    """Return the residents that entries after one are about: in a writer's transaction, its own changes."""
    later = select(listing_change.c.person_id).where(listing_change.c.id > entry)
    return sorted(set(connection.scalars(later)))
