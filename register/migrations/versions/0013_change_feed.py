"""The feed of changes of listings, queue places, contacts and residents, for other systems.

It begins empty: a consumer starts from an export of what is there.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_text = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "change_feed",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("kind", _text, nullable=False),
        sa.Column("person_id", _text, nullable=False),
        sa.Column("record_id", _text),
        sa.Column("unit_key", _text),
        sa.Column("staff_key", _text),
        sa.Column("code", _text),
        sa.Column("code_system", _text),
        sa.Column("county", _text),
        sa.Column("valid_from", _text),
        sa.Column("valid_to", _text),
        sa.Column("cause", _text, nullable=False),
        sa.Column("who", _text, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_change_feed")),
        sqlite_autoincrement=True,
    )
