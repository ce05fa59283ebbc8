"""The audit rows of calls: no answer leaves, and nothing is changed, that the audit log does not tell of."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from sqlalchemy import Connection

from producer.faults import SoapFault
from producer.service import Call, ServedRequest
from register import audit
from register.audit import AuditEntry
from register.database import AUDIT_SECONDS, Register
from register.limits import within

log = structlog.get_logger(__name__)

NOT_AUDITED = "FK504"
"""The Fault of a call whose audit row could not be written."""

FAULT = "FAULT"
"""Outcome of a call that is answered with a Fault."""


def write(register: Register, call: Call, outcome: str, hits: int = 0) -> None:
    """Write the audit row of a call that is about a person; it is durable when this returns.

    Raises:
        SoapFault: FK504, it could not be written: no answer may leave.
    """
    if call.subject is None or call.kept_outcome == outcome:
        return
    with _needed(call):
        audit.write(register, _entry(call, outcome, hits))


def intend(register: Register, call: Call) -> None:
    """Write that a call is about to change something.

    Raises:
        SoapFault: FK504, it could not be written: nothing may be changed.
    """
    with _needed(call):
        audit.intend(register, _entry(call, audit.INTENDED))
    call.intended = True


@contextmanager
def changing(register: Register, call: Call) -> Iterator[Connection]:
    """Give the transaction of a change; `changed` is to be called at its end.

    Where the log is no part of that transaction, it says before it that the change is intended: outside, so
    that no writer waits for the disk of two files.

    Raises:
        SoapFault: As `intend`.
        sqlalchemy.exc.SQLAlchemyError: As `Register.writing`.
    """
    if register.audit_files is not None:
        intend(register, call)
    with register.writing() as connection:
        yield connection


def changed(connection: Connection, call: Call, outcome: str) -> None:
    """Add the audit row to the transaction of a change, where the log is in the same database.

    Raises:
        SoapFault: FK504, it could not be written: nothing is changed.
    """
    if audit.is_beside(connection):
        with _needed(call), within(AUDIT_SECONDS):
            audit.add(connection, _entry(call, outcome))
        call.kept_outcome = outcome


def _entry(call: Call, outcome: str, hits: int = 0) -> AuditEntry:
    caller, subject = call.exchange.caller, call.subject
    if subject is None:
        raise ValueError("a call that is about nobody has no audit row")
    return AuditEntry(
        log_id=call.exchange.log_id,
        person_id=subject.person_id,
        contract=call.contract.name,
        logical_address=call.address.value,
        outcome=outcome,
        hits=hits,
        correlation_id=caller.correlation_id,
        consumer=caller.consumer,
        sender=caller.sender,
        on_behalf_of=caller.on_behalf_of,
        actor_type=subject.actor_type,
        actor_id=subject.actor_id,
    )


@contextmanager
def _needed(call: Call) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # whatever it is: without its audit row nothing is done, and no answer leaves
        log_unexpected(call.exchange, "audit_failed", error)
        raise SoapFault("FK504") from None  # NOT_AUDITED


def log_unexpected(exchange: ServedRequest, event: str, error: Exception) -> None:
    """Log what failed and where, but not the exception's text: it may quote personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    log.error(
        event, log_id=exchange.log_id, contract=exchange.contract, error=type(error).__name__, where=where
    )
