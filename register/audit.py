"""The audit log: who has asked about which person (design rule 8; requirement row S000-005).

What changes something is in the log before it is in the register, or with it: on PostgreSQL the row is in
the transaction of the change; on SQLite, whose files have no commit in common, a row says what is intended,
and another what came of it (docs/adr/0025).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from contracts.clock import utc_now
from register.audit_table import insert_statement
from register.database import Register
from register.engine import cut_row_values

INTENDED = "INTENDED"
"""Outcome of a row about a change that was about to be made.

Where no other row with its log id follows, whoever made it was cut off, and the change was made or was not.
"""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One call that touched a person (design rule 8; requirement row S000-005).

    Attributes:
        log_id: UUID that faults, resultText and log events of the same call carry.
        correlation_id: The platform's correlation id, if one came.
        consumer: HSA-id of the original consumer, or None when the caller did not say.
        sender: HSA-id of the system that called us, or its network address.
        on_behalf_of: HSA-id of the organisation the consumer acts for, if it said so.
        actor_type: Actor type of the request, where the contract has one.
        actor_id: Identity of the actor, where the contract has one.
        person_id: The person asked about, as written in the request.
        contract: Name of the contract.
        logical_address: Who the call was addressed to.
        outcome: resultCode of the answer, ``OK`` for an answer without one, ``FAULT``, or ``INTENDED``.
        hits: Number of items in the answer.
    """

    log_id: str
    person_id: str
    contract: str
    logical_address: str
    outcome: str
    hits: int = 0
    correlation_id: str | None = None
    consumer: str | None = None
    sender: str | None = None
    on_behalf_of: str | None = None
    actor_type: str | None = None
    actor_id: str | None = None


_FIELDS = [field.name for field in fields(AuditEntry)]


def write(register: Register, *entries: AuditEntry) -> None:
    """Add entries, all or none of them. They are durable when the function returns.

    Args:
        register: The register; somebody may be within its `writing`.
        entries: The calls. When they were is written here, in UTC.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The entries could not be kept; the answer must not leave.
    """
    register.audit_writer.write([_row(entry) for entry in entries])


def intend(register: Register, *entries: AuditEntry) -> None:
    """Add entries about what is about to be done, whatever outcome they have.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: As `write`; it must not be done.
    """
    write(register, *(replace(one, outcome=INTENDED) for one in entries))


def is_beside(connection: Connection) -> bool:
    """Tell whether the log is in the database of a connection: a change and its row have one commit."""
    return connection.dialect.name == "postgresql"


def add(connection: Connection, *entries: AuditEntry) -> None:
    """Add entries in the transaction of a change, where the log `is_beside` it.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: They could not be added; the change must not be committed.
    """
    came = utc_now().isoformat(" ", "microseconds")
    rows = json.dumps([_row(entry) | {"logged_at": came} for entry in entries], ensure_ascii=False)
    try:
        connection.exec_driver_sql(insert_statement(connection.dialect), (rows,))
    except DBAPIError as error:
        cut_row_values(error.orig or error)
        raise


@contextmanager
def with_change(register: Register, connection: Connection, *entries: AuditEntry) -> Iterator[None]:
    """Keep entries with a change: `add` them, or `intend` them; their outcome is that of the whole block.

    To be entered when the change has been made and is not yet committed, and left when it is.

    Args:
        register: The register.
        connection: The connection of the change.
        entries: What the log is to say.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: As `write`; the change must not be committed, or the log does not
            tell what came of it.
    """
    if not entries:
        yield
        return
    if is_beside(connection):
        add(connection, *entries)
        yield
        return
    intend(register, *entries)
    yield
    write(register, *entries)


def _row(entry: AuditEntry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in _FIELDS}
