"""One queue of what goes out: messages to other regions, and residents marked for the engagement index."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_text = sa.String().with_variant(sa.String(collation="C"), "postgresql")

_MESSAGES = "kind = 'message'"
_POSTS = "kind = 'post'"

# Operators know messages by their ids.
_COPY_MESSAGES = """
INSERT INTO outgoing (
    id, kind, address, person_id, content, contract, correlation_id, request_id, version,
    state, attempts, created_at, next_attempt_at, attempted_at, claimed_by, result
)
SELECT
    id, 'message', address, person_id, message, contract, correlation_id, request_id, 1,
    state, attempts, created_at, next_attempt_at, attempted_at, claimed_by, result
FROM outbox
"""

_GO_ON_BEHIND_THEM = """
SELECT setval(pg_get_serial_sequence('outgoing', 'id'), max(id)) FROM outgoing HAVING max(id) IS NOT NULL
"""

# When a resident was last looked over was not kept: after the mark, where there is a later time to wait for.
_COPY_POSTS = """
INSERT INTO outgoing (
    kind, person_id, contract, version,
    state, attempts, created_at, next_attempt_at, attempted_at, claimed_by, result
)
SELECT
    'post', person_id, 'Update', version,
    state, attempts, marked_at, next_attempt_at,
    CASE WHEN next_attempt_at > marked_at THEN marked_at END, claimed_by, result
FROM index_task
ORDER BY next_attempt_at, person_id
"""


def upgrade() -> None:
    """Make the table, copy all rows and drop the tables they were in."""
    op.create_table(
        "outgoing",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", _text, nullable=False),
        sa.Column("address", _text),
        sa.Column("person_id", _text, nullable=False),
        sa.Column("content", _text),
        sa.Column("contract", _text, nullable=False),
        sa.Column("correlation_id", _text),
        sa.Column("request_id", _text),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", _text, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(), nullable=False),
        sa.Column("attempted_at", sa.DateTime()),
        sa.Column("claimed_by", _text),
        sa.Column("result", _text),
        sa.CheckConstraint(
            "kind = 'post' OR kind = 'message'"
            " AND address IS NOT NULL AND content IS NOT NULL AND correlation_id IS NOT NULL",
            name=op.f("ck_outgoing_kind"),
        ),
        sa.ForeignKeyConstraint(["request_id"], ["listing_request.id"], name=op.f("fk_outgoing_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing")),
    )
    op.execute(_COPY_MESSAGES)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_GO_ON_BEHIND_THEM)
    op.execute(_COPY_POSTS)
    _partial_index("ix_outgoing_message", ["person_id", "address"], _MESSAGES)
    _partial_index(
        "ix_outgoing_message_open",
        ["address", "id"],
        f"{_MESSAGES} AND state IN ('waiting', 'sending', 'parked')",
    )
    _partial_index(
        "ix_outgoing_message_ended",
        ["created_at"],
        f"{_MESSAGES} AND state IN ('done', 'refused', 'dropped')",
    )
    _partial_index("ix_outgoing_post", ["person_id"], _POSTS, unique=True)
    _partial_index(
        "ix_outgoing_post_unsent", ["next_attempt_at", "id"], f"{_POSTS} AND state IN ('waiting', 'sending')"
    )
    _partial_index("ix_outgoing_request_id", ["request_id"], "request_id IS NOT NULL")
    op.create_table(
        "outgoing_pause",
        sa.Column("address", _text, nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_outgoing_pause")),
    )
    op.execute("INSERT INTO outgoing_pause SELECT address, since, until FROM outbox_pause")
    for table in ("outbox", "outbox_pause", "index_task"):
        op.drop_table(table)


def _partial_index(name: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(
        op.f(name),
        "outgoing",
        columns,
        unique=unique,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
