"""How a hand left a record that a load has ended since, so that it goes on when the source says so after all.

Of what loads have ended until now it is not known: it stays ended.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Add the column."""
    op.add_column(
        "changed_record", sa.Column("held", sa.String().with_variant(sa.String(collation="C"), "postgresql"))
    )
