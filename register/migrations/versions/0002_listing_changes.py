"""What changes of listings need: requests, the log of changes, the outbox, guardians, age limits."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_text = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns and make the tables."""
    # As text: Alembic adds no check constraint with a column on SQLite.
    op.execute(
        "ALTER TABLE unit ADD COLUMN allotment VARCHAR(9) DEFAULT 'automatic' NOT NULL "
        "CONSTRAINT ck_unit_allotment CHECK (allotment IN ('automatic', 'staff'))"
    )
    op.add_column("listing_type", sa.Column("min_age", sa.Integer()))
    op.add_column("listing_type", sa.Column("max_age", sa.Integer()))
    op.create_table(
        "guardianship",
        sa.Column("person_id", _text, nullable=False),
        sa.Column("guardian_id", _text, nullable=False),
        sa.Column("consents", sa.Boolean(), nullable=False),
        sa.CheckConstraint("length(guardian_id) = 12", name=op.f("ck_guardianship_guardian_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["resident.person_id"], name=op.f("fk_guardianship_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "guardian_id", name=op.f("pk_guardianship")),
    )
    op.create_table(
        "listing_request",
        sa.Column("id", _text, nullable=False),
        sa.Column("person_id", _text, nullable=False),
        sa.Column("unit_key", _text, nullable=False),
        sa.Column("code", _text, nullable=False),
        sa.Column("code_system", _text, nullable=False),
        sa.Column("staff_key", _text),
        sa.Column("queue_place_id", _text),
        sa.Column("requested_at", sa.DateTime(), nullable=False),
        sa.Column("state", _text, nullable=False),
        sa.Column("result_code", _text),
        sa.Column("result_text", _text),
        sa.Column("fingerprint", _text),
        sa.Column("actor_type", _text),
        sa.Column("actor_id", _text),
        sa.Column("settled_at", sa.DateTime()),
        sa.ForeignKeyConstraint(
            ["person_id"], ["resident.person_id"], name=op.f("fk_listing_request_person_id")
        ),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.hsa_key"], name=op.f("fk_listing_request_unit_key")),
        sa.ForeignKeyConstraint(["staff_key"], ["staff.hsa_key"], name=op.f("fk_listing_request_staff_key")),
        sa.ForeignKeyConstraint(
            ["queue_place_id"], ["queue_place.id"], name=op.f("fk_listing_request_queue_place_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_request")),
    )
    op.create_index(op.f("ix_listing_request_person_id"), "listing_request", ["person_id"])
    op.create_index(op.f("ix_listing_request_queue_place_id"), "listing_request", ["queue_place_id"])
    _partial_index("ix_listing_request_waiting", "listing_request", ["unit_key"], "state = 'waiting'")
    op.create_table(
        "listing_change",
        sa.Column("id", _number, nullable=False),
        sa.Column("logged_at", sa.DateTime(), nullable=False),
        sa.Column("person_id", _text, nullable=False),
        sa.Column("county", _text, nullable=False),
        sa.Column("kind", _text, nullable=False),
        sa.Column("source", _text, nullable=False),
        sa.Column("unit_key", _text),
        sa.Column("actor_type", _text),
        sa.Column("actor_id", _text),
        sa.Column("log_id", _text),
        sa.Column("correlation_id", _text),
        sa.Column("fingerprint", _text),
        sa.Column("result_code", _text),
        sa.Column("result_text", _text),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_change")),
    )
    op.create_index(op.f("ix_listing_change_person_id"), "listing_change", ["person_id", "id"])
    op.create_table(
        "outbox",
        sa.Column("id", _number, nullable=False),
        sa.Column("correlation_id", _text, nullable=False),
        sa.Column("contract", _text, nullable=False),
        sa.Column("address", _text, nullable=False),
        sa.Column("person_id", _text, nullable=False),
        sa.Column("message", _text, nullable=False),
        sa.Column("request_id", _text),
        sa.Column("state", _text, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(), nullable=False),
        sa.Column("attempted_at", sa.DateTime()),
        sa.Column("claimed_by", _text),
        sa.Column("result", _text),
        sa.ForeignKeyConstraint(["request_id"], ["listing_request.id"], name=op.f("fk_outbox_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_person_id"), "outbox", ["person_id"])
    op.create_index(op.f("ix_outbox_request_id"), "outbox", ["request_id"])
    _partial_index("ix_outbox_open", "outbox", ["address", "id"], "state IN ('waiting', 'sending', 'parked')")
    op.create_table(
        "outbox_pause",
        sa.Column("address", _text, nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_outbox_pause")),
    )


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(op.f(name), table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
