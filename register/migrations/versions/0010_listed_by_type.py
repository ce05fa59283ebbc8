"""Who is listed at a unit is counted by type, from the index alone: the cap of a unit is that of PV."""

from alembic import op

revision = "0010"
down_revision = "0008"


def upgrade() -> None:
    """Make the index anew, with the type."""
    name = op.f("ix_listing_unit_key")
    op.drop_index(name, "listing")
    op.create_index(
        name, "listing", ["unit_key", "valid_to", "valid_from", "person_id", "code", "code_system"]
    )
