"""Residents' names, for staff to search by where the settings let them be kept; why staff change listings."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_text = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns, and the indexes of those who have a name."""
    for column in ("given_name", "surname", "folded_given_name", "folded_surname"):
        op.add_column("resident", sa.Column(column, _text))
    for name, first, second in (
        ("ix_resident_surname", "folded_surname", "folded_given_name"),
        ("ix_resident_given_name", "folded_given_name", "folded_surname"),
    ):
        has_name = sa.text(f"{first} IS NOT NULL")
        op.create_index(
            name,
            "resident",
            [first, second, "person_id"],
            sqlite_where=has_name,
            postgresql_where=has_name,
        )
    op.add_column("listing_change", sa.Column("reason", _text))
