"""SQLite: rows of the audit log are neither changed nor deleted, but by `fastkontakt audit prune`.

`register.schema` makes the triggers, as it makes the tables of the audit log's files; this has it look.
"""

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Nothing of the register's own is to be done."""
