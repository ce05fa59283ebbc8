"""Figures are kept with the change that alters them: who is listed, queues and waits (docs/adr/0021).

Here are the tables. `register.schema` makes the triggers and counts what is there, after the last revision.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_text = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "figure",
        sa.Column("unit_key", _text, nullable=False),
        sa.Column("code", _text, nullable=False),
        sa.Column("code_system", _text, nullable=False),
        sa.Column("kind", _text, nullable=False),
        sa.Column("moment", sa.DateTime(), nullable=False),
        sa.Column("writer", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "unit_key", "code", "code_system", "kind", "moment", "writer", name=op.f("pk_figure")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_figure_moment"), "figure", ["moment"])
    op.create_table(
        "figures_folded",
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("until", name=op.f("pk_figures_folded")),
    )
    op.create_table(
        "patients_held",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_patients_held")),
    )
    op.create_table(
        "patient_period",
        sa.Column("person_id", _text, nullable=False),
        sa.Column("staff_key", _text, nullable=False),
        sa.Column("unit_key", _text, nullable=False),
        sa.Column("begins", sa.DateTime(), nullable=False),
        sa.Column("ends", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint(
            "person_id", "staff_key", "unit_key", "begins", name=op.f("pk_patient_period")
        ),
        sqlite_with_rowid=False,
    )
    _partial_index(
        "ix_queue_place_waiting",
        ["unit_key", "queued_at", "id", "code", "code_system", "person_id"],
        "left_at IS NULL",
    )
    _partial_index("ix_queue_place_leaving", ["unit_key", "left_at"], "left_at IS NOT NULL")


def _partial_index(name: str, columns: list[str], of: str) -> None:
    op.create_index(
        op.f(name), "queue_place", columns, sqlite_where=sa.text(of), postgresql_where=sa.text(of)
    )
