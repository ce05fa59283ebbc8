"""Fixed contacts in full: who appointed them, what doctors take, the log of changes, posts in the index."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_text = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns and make the tables."""
    for column in ("role", "working_share", "min_age", "max_age"):
        op.add_column("employment", sa.Column(column, _text if column == "role" else sa.Integer()))
    op.add_column("fixed_contact", sa.Column("appointed_by", _text))
    op.add_column("fixed_contact", sa.Column("reason", _text))
    op.add_column(
        "fixed_contact",
        sa.Column("life_threatening", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "contact_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("logged_at", sa.DateTime(), nullable=False),
        sa.Column("person_id", _text, nullable=False),
        sa.Column("contact_id", _text, nullable=False),
        sa.Column("kind", _text, nullable=False),
        sa.Column("type_code", _text, nullable=False),
        sa.Column("staff_key", _text, nullable=False),
        sa.Column("unit_key", _text, nullable=False),
        sa.Column("changed_by", _text, nullable=False),
        sa.Column("reason", _text),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_change")),
    )
    op.create_index(op.f("ix_contact_change_person_id"), "contact_change", ["person_id", "id"])
    op.create_table(
        "index_task",
        sa.Column("person_id", _text, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("marked_at", sa.DateTime(), nullable=False),
        sa.Column("state", _text, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(), nullable=False),
        sa.Column("claimed_by", _text),
        sa.Column("result", _text),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_index_task")),
    )
    op.create_index(op.f("ix_index_task_state"), "index_task", ["state", "next_attempt_at"])
    op.create_table(
        "index_post",
        sa.Column("person_id", _text, nullable=False),
        sa.Column("data_controller", _text, nullable=False),
        sa.Column("resident_id", _text, nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("most_recent_content", _text, nullable=False),
        sa.Column("content", _text),
        sa.Column("posted_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "data_controller", name=op.f("pk_index_post")),
    )
    op.create_index(op.f("ix_index_post_resident_id"), "index_post", ["resident_id"])
    op.create_table(
        "index_sweep",
        sa.Column("swept_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("swept_on", name=op.f("pk_index_sweep")),
    )
