"""${message}."""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Change the tables. There is no way back but the backup: what was answered OK must not get lost."""
    ${upgrades if upgrades else "pass"}
