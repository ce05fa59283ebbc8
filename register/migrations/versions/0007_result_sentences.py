"""Answers are kept as the name of their sentence and its values, not as text.

What was kept before stays in result_text and is answered as it is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_text = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns."""
    for table in ("listing_request", "listing_change"):
        op.add_column(table, sa.Column("result_sentence", _text))
        op.add_column(table, sa.Column("result_values", _text))
