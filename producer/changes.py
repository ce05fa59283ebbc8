"""GET /changes: the feed of changes, pulled by consumers that may, behind the access rules of the contracts.

A long poll: where nothing has changed since the position, the answer waits until something has, or the time
is up. Whoever waits holds up no call (docs/changes-out.md).
"""

import json
import time
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any
from urllib.parse import parse_qs

from sqlalchemy import Connection, Row
from sqlalchemy.exc import SQLAlchemyError

from contracts.identifiers import HsaId
from mapping.answers.changes import line
from producer.denials import audit_denied
from producer.faults import SoapFault
from producer.service import ServedRequest, Service
from producer.serving.waiting import waits_long
from producer.settings import FEED
from register import audit, feed_reading
from register.audit import AuditEntry

PATH = "/changes"

LONGEST_WAIT_SECONDS = 30
LINES_AT_MOST = 1000

_LOOK_EVERY_SECONDS = 0.25
_LARGEST = 2**63 - 1

HttpAnswer = tuple[str, str, bytes]
"""HTTP status, media type, body."""


class _Beyond(Exception):
    """The consumer says that it has read more than there is."""

    def __init__(self, last: int) -> None:
        super().__init__()
        self.last = last


class Changes:
    """Answers pulls of the feed.

    Attributes:
        stopping: Whether the process is to stop, and whoever waits is to be answered at once.
    """

    def __init__(self, service: Service) -> None:
        self.stopping = False
        self._service = service

    def __call__(self, query: str, exchange: ServedRequest) -> HttpAnswer:
        """HttpAnswer one pull.

        Args:
            query: The query string: ``since``, and ``wait`` in seconds.
            exchange: The request; what the log is to say is put in.
        """
        exchange.contract = FEED
        if not self._service.access.may_pull(exchange.caller):
            return self._denied(exchange)
        wanted = parse_qs(query)
        since, wait = (_number(wanted, name, default) for name, default in (("since", None), ("wait", 0)))
        if since is None or wait is None:
            exchange.outcome = "400"
            return _text(
                "400 Bad Request",
                "Say since=POSITION, that of the last line that was read, and wait=SECONDS if an answer may "
                "take some. Where to begin: fastkontakt changes export.",
            )
        try:
            return self._answer(exchange, since, wait)
        except _Beyond as beyond:
            exchange.outcome = "409"
            return _text(
                "409 Conflict",
                f"The last line is at {beyond.last}, and {since} is beyond it: the register was put back "
                "to a copy, or is another one. Begin anew: fastkontakt changes export.",
            )
        except SQLAlchemyError:  # nothing of it is told: its text could name rows
            exchange.outcome = "503"
            return _text("503 Service Unavailable", f"Try again later. Log id {exchange.log_id}.")

    def _denied(self, exchange: ServedRequest) -> HttpAnswer:
        try:
            audit_denied(self._service, exchange)
        except SoapFault as fault:
            exchange.outcome = "503"
            return _text("503 Service Unavailable", fault.text(exchange.log_id))
        exchange.outcome = "403"
        why = exchange.caller.unknown or "The consumer may not read the feed: see access.rules"
        return _text("403 Forbidden", f"{why}. Log id {exchange.log_id}.")

    def _answer(self, exchange: ServedRequest, since: int, wait: int) -> HttpAnswer:
        with waits_long() if wait else nullcontext(False) as room:
            return self._when_there_is(exchange, since, wait if room else 0)

    def _when_there_is(self, exchange: ServedRequest, since: int, wait: int) -> HttpAnswer:
        until: float | None = None
        while True:
            with self._service.register.reading() as connection:
                if until is None:
                    _check(connection, since)
                    until = time.monotonic() + min(wait, LONGEST_WAIT_SECONDS)
                found = feed_reading.since(connection, since, LINES_AT_MOST)
                hidden = self._service.hidden_from(exchange.caller, connection) if found else frozenset()
            left = until - time.monotonic()
            if found or left <= 0 or self.stopping:
                break
            time.sleep(min(_LOOK_EVERY_SECONDS, left))
        shown = [
            one for one in found if not one.protected and (one.unit is None or HsaId(one.unit) not in hidden)
        ]
        self._audit(exchange, shown)
        position = found[-1].position if found else since
        body = {"position": position, "changes": [line(one) for one in shown]}
        return "200 OK", "application/json", json.dumps(body, ensure_ascii=False).encode()

    def _audit(self, exchange: ServedRequest, shown: Sequence[Row[Any]]) -> None:
        """Keep an audit row for each resident, before the answer leaves (design rule 8)."""
        caller, people = exchange.caller, sorted({one.person_id for one in shown})
        if people:
            audit.write(
                self._service.register,
                *(
                    AuditEntry(
                        log_id=exchange.log_id,
                        person_id=one,
                        contract=FEED,
                        logical_address="-",
                        outcome="OK",
                        hits=len(shown),
                        correlation_id=caller.correlation_id,
                        consumer=caller.consumer,
                        sender=caller.sender,
                        on_behalf_of=caller.on_behalf_of,
                    )
                    for one in people
                ),
            )


def _check(connection: Connection, since: int) -> None:
    """Refuse a position that the register has not come to: lines to come would be passed over in silence."""
    last = feed_reading.last_position(connection)
    if since > last:
        raise _Beyond(last)


def _number(wanted: dict[str, list[str]], name: str, default: int | None) -> int | None:
    """Return a whole number of the query, its default where it is not there, or None for anything else."""
    texts = wanted.get(name)
    if texts is None:
        return default
    text = texts[0]
    usable = len(texts) == 1 and text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST))
    return int(text) if usable and int(text) <= _LARGEST else None


def _text(status: str, text: str) -> HttpAnswer:
    return status, "text/plain; charset=UTF-8", f"{text}\n".encode()
