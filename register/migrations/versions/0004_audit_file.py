"""SQLite: the audit log moves into the file of its own, so that no call waits for a load to end."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from register.engine import RegisterError

revision = "0004"
down_revision = "0003"

_BATCH = 1000
"""Rows copied at a time."""

_audit = sa.table(
    "audit",
    sa.column("id", sa.Integer),
    sa.column("logged_at", sa.DateTime),
    *(
        sa.column(name)
        for name in (
            "log_id",
            "correlation_id",
            "consumer",
            "sender",
            "on_behalf_of",
            "actor_type",
            "actor_id",
            "person_id",
            "contract",
            "logical_address",
            "outcome",
            "hits",
        )
    ),
)


def upgrade() -> None:
    """Copy the rows, then drop the table they were in; on PostgreSQL they stay where they are.

    The copy is on disk before the table is gone: `register.schema` commits the other file first. A run that
    was cut off between the two is done again, and finds in the other file what it copied.
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    copy_to = context.config.attributes["audit_connection"]
    rows = connection.execute(sa.select(_audit).order_by(_audit.c.id).execution_options(yield_per=_BATCH))
    for batch in rows.partitions():
        _copy(copy_to, batch)
    op.drop_table("audit")


def _copy(connection: sa.Connection, batch: Sequence[sa.Row[Any]]) -> None:
    there = sa.select(_audit).where(_audit.c.id.between(batch[0].id, batch[-1].id))
    copied = {row.id: row for row in connection.execute(there)}
    if any(copied.get(row.id, row) != row for row in batch):
        raise RegisterError(
            f"{connection.engine.url.database}: this audit log is not of this register, or of a later state "
            "of it; keep it elsewhere under another name and run the upgrade again"
        )
    new = [row._asdict() for row in batch if row.id not in copied]
    if new:
        connection.execute(sa.insert(_audit), new)
