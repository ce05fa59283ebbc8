"""Staff are made selectable as treating role (behandlande roll) as they are as doctor and care contact.

Who has such patients already can go on getting them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"


def upgrade() -> None:
    """Add the column, and set it for whoever holds the role for somebody."""
    op.add_column(
        "employment",
        sa.Column("selectable_as_treating_role", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.execute(
        """
        UPDATE employment SET selectable_as_treating_role = true
        WHERE EXISTS (
            SELECT 1 FROM fixed_contact
            WHERE fixed_contact.staff_key = employment.staff_key
            AND fixed_contact.unit_key = employment.unit_key
            AND fixed_contact.type_code = 'treating-role'
        )
        """
    )
