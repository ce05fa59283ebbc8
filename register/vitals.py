"""How the register fares: what an operator watches (docs/operations.md).

All of it is found by key or by a bounded read of an index, as it is asked for again and again.
"""

import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, literal_column, select, text

from register import schema
from register.database import Register
from register.outgoing import OPEN, UNSENT, TaskKind, TaskState, in_state, of_kind
from register.tables import lease, outgoing

COUNTED = 10_000
"""What lies in the queue is counted up to here: beyond it nobody needs the number."""

_MOST_ADDRESSES = 50
"""Addresses whose queue is looked at; there are 21 regions."""

_SPARE_BYTES = 50 * 1024 * 1024
"""Room on the disk below which the audit log is not taken for writable: SQLite needs some to the end."""

_NEXT_ADDRESS = (
    select(outgoing.c.address, outgoing.c.created_at)
    .where(of_kind(TaskKind.MESSAGE), in_state(*OPEN), outgoing.c.address > bindparam("after"))
    .order_by(outgoing.c.address, outgoing.c.id)
    .limit(1)
)
"""The oldest open message to the address that follows in order. Goes by ix_outgoing_message_open."""

_FIRST_POST = (
    select(outgoing.c.next_attempt_at)
    .where(of_kind(TaskKind.POST), in_state(*UNSENT))
    .order_by(outgoing.c.next_attempt_at, outgoing.c.id)
    .limit(1)
)
"""When the post that has waited longest could have gone. Goes by ix_outgoing_post_unsent."""


def _at_most(rows: Select[Any]) -> Select[int]:
    return select(func.count()).select_from(rows.limit(COUNTED).subquery())


_ONE: Select[Any] = select(literal_column("1").label("one")).select_from(outgoing)
_OPEN_MESSAGES = _at_most(_ONE.where(of_kind(TaskKind.MESSAGE), in_state(*OPEN)))
_UNSENT_POSTS = _at_most(_ONE.where(of_kind(TaskKind.POST), in_state(*UNSENT)))
_IS_PARKED = outgoing.c.state == literal_column(f"'{TaskState.PARKED}'")
"""In the words of ix_outgoing_parked."""

_PARKED = {kind: _at_most(_ONE.where(of_kind(kind), _IS_PARKED)) for kind in TaskKind}
_LEASES = select(lease.c.name, lease.c.until)

_ANY_AUDIT_ROW = text("SELECT 1 FROM audit LIMIT 1")
_MAY_WRITE_AUDIT = text("SELECT has_table_privilege('audit', 'INSERT') AND NOT pg_is_in_recovery()")


class UnfitError(Exception):
    """The register, or its audit log, cannot be used; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Queue:
    """How the queue of what goes out fares. Times are UTC.

    Attributes:
        oldest_message: Address -> when its oldest open message was written.
        post_due: When the post that has waited longest could have gone; None where none waits.
        messages: How many messages have not come to their end, up to `COUNTED`.
        posts: How many residents' posts are to be looked over, up to `COUNTED`.
        parked: How many wait for somebody to repair something, by kind.
    """

    oldest_message: dict[str, datetime] = field(default_factory=dict)
    post_due: datetime | None = None
    messages: int = 0
    posts: int = 0
    parked: dict[str, int] = field(default_factory=dict)


def check_tables(register: Register) -> str:
    """Return the revision of the tables.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        UnfitError: They are not those of this program.
    """
    with register.reading() as connection:
        found = schema.revision(connection)
    needed = schema.revisions()[-1]
    if found is None or found < needed:
        raise UnfitError(
            f"the tables are at {found or 'nothing'} and this version needs {needed}; "
            "run: fastkontakt db upgrade"
        )
    return found


def check_audit(register: Register) -> None:
    """See that audit rows can be written, without writing one.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The log does not answer, or others have it locked.
        UnfitError: It is not there, or cannot be written.
    """
    if register.audit_files is None:
        with register.reading() as connection:
            if not connection.execute(_MAY_WRITE_AUDIT).scalar_one():
                raise UnfitError("the database is a standby, or its user may not add to the table audit")
        return
    _check_file(register.audit_files.file(0))  # first: SQLite would make an empty one in its place
    with register.reading_audit() as connection:
        connection.execute(_ANY_AUDIT_ROW)
    for number in register.audit_files.numbers():
        _check_file(register.audit_files.file(number))
    with register.auditing():
        """Whoever has it locked keeps every call from its answer."""


def _check_file(file: Path) -> None:
    if not file.exists():
        raise UnfitError(f"{file.name} is gone; put it back, or start a new log: fastkontakt db upgrade")
    if not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK):
        raise UnfitError(f"{file.name} or its folder cannot be written by this user")
    disk = os.statvfs(file)
    if disk.f_bavail * disk.f_frsize < _SPARE_BYTES:
        raise UnfitError(f"less than {_SPARE_BYTES // 2**20} MiB are free on the disk of {file.name}")


def queue(connection: Connection) -> Queue:
    """Return how the queue of what goes out fares."""
    oldest: dict[str, datetime] = {}
    after = ""
    while len(oldest) < _MOST_ADDRESSES:
        found = connection.execute(_NEXT_ADDRESS, {"after": after}).one_or_none()
        if found is None:
            break
        after = found.address
        oldest[after] = found.created_at
    return Queue(
        oldest,
        connection.execute(_FIRST_POST).scalar_one_or_none(),
        connection.execute(_OPEN_MESSAGES).scalar_one(),
        connection.execute(_UNSENT_POSTS).scalar_one(),
        {str(kind): connection.execute(count).scalar_one() for kind, count in _PARKED.items()},
    )


def leases(connection: Connection) -> dict[str, datetime]:
    """Return until when each piece of work is somebody's, by its name (`register.leases`)."""
    return {one.name: one.until for one in connection.execute(_LEASES)}
