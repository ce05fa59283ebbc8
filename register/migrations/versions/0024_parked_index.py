"""An index of what is parked: how much it is, is asked again and again (docs/operations.md)."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Make the index."""
    of = sa.text("state = 'parked'")
    op.create_index("ix_outgoing_parked", "outgoing", ["kind"], sqlite_where=of, postgresql_where=of)
