"""Leases of work that one process is enough for: upkeep, and sending what is due."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_text = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "lease",
        sa.Column("name", _text, nullable=False),
        sa.Column("holder", _text, nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
