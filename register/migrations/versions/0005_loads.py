"""Loads of sources: batches, where each record came from, what an undo and the next load need."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_text = sa.String().with_variant(sa.String(collation="C"), "postgresql")

_RECORDS = (
    *("care_provider", "unit", "listing_type", "unit_listing_type", "team", "staff", "employment"),
    *("resident", "guardianship", "listing", "queue_place", "out_of_county_listing", "fixed_contact"),
    "contact_route",
)


def upgrade() -> None:
    """Add the columns and make the tables."""
    for record in _RECORDS:
        for column in ("loaded_from", "loaded_line", "added_from"):
            op.add_column(record, sa.Column(column, sa.Integer()))
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", _text, nullable=False),
        sa.Column("title", _text, nullable=False),
        sa.Column("policy", _text, nullable=False),
        sa.Column("state", _text, nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=False),
        sa.Column("loaded_by", _text, nullable=False),
        sa.Column("records", _text, nullable=False),
        sa.Column("undone_at", sa.DateTime()),
        sa.Column("undone_by", _text),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_table(
        "import_file",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("name", _text, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("approved", sa.Integer(), nullable=False),
        sa.Column("faulty", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_file_batch_id")),
    )
    op.create_index(op.f("ix_import_file_batch_id"), "import_file", ["batch_id"])
    op.create_table(
        "import_change",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record", _text, nullable=False),
        sa.Column("before", _text, nullable=False),
        sa.Column("after", _text),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_import_change")),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["import_batch.id"],
            name=op.f("fk_import_change_batch_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_table(
        "import_rows",
        sa.Column("source", _text, nullable=False),
        sa.Column("feed", _text, nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("reading", _text, nullable=False),
        sa.Column("prints", sa.LargeBinary(), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.Column("lines", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source", "feed", name=op.f("pk_import_rows")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_rows_batch_id")),
    )
