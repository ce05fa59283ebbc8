"""Who is listed at a unit is counted by the listings that use up its cap: those of primary care (PV)."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0007"

_OF_PV = sa.text("code = 'PV' AND code_system = '1.2.752.129.5.1.27'")


def upgrade() -> None:
    """Make the index to count by, of part of the table, and the one of all listings anew without the rest."""
    op.drop_index(op.f("ix_listing_unit_key"), "listing")
    op.create_index(op.f("ix_listing_unit_key"), "listing", ["unit_key"])
    op.create_index(
        op.f("ix_listing_unit_pv"),
        "listing",
        ["unit_key", "valid_to", "valid_from", "person_id"],
        sqlite_where=_OF_PV,
        postgresql_where=_OF_PV,
    )
