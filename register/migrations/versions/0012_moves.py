"""Residents who have moved, and home counties that calls and messages claim.

Until now a home county that a message claimed took the place of the one that a source had brought.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_text = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "resident_move",
        sa.Column("person_id", _text, nullable=False),
        sa.Column("left_county", _text, nullable=False),
        sa.Column("noticed_at", sa.DateTime(), nullable=False),
        sa.Column("noticed_by", _text, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["resident.person_id"], name=op.f("fk_resident_move_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_resident_move")),
    )
    op.create_table(
        "county_claim",
        sa.Column("person_id", _text, nullable=False),
        sa.Column("county", _text, nullable=False),
        sa.Column("claimed_at", sa.DateTime(), nullable=False),
        sa.Column("claimed_by", _text, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["resident.person_id"], name=op.f("fk_county_claim_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_county_claim")),
    )
