"""The version of the directory, renewed with every change, so that processes may keep what they have read.

A version is drawn by lot: one that a transaction made and took back is never made again by another.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0015"

_TABLES = (
    "care_provider",
    "unit",
    "unit_listing_type",
    "listing_type",
    "listing_type_county",
    "team",
    "staff",
    "contact_route",
)


def upgrade() -> None:
    """Make the table, its row and the triggers."""
    op.create_table(
        "directory_version",
        sa.Column(
            "version", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_directory_version")),
    )
    if op.get_bind().dialect.name == "postgresql":
        _of_statements()
    else:
        _of_rows()


def _of_statements() -> None:
    op.execute("INSERT INTO directory_version (version) VALUES (gen_random_uuid())")
    op.execute(
        """
        CREATE FUNCTION renew_directory_version() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE directory_version SET version = gen_random_uuid();
            RETURN NULL;
        END $$
        """
    )
    for table in _TABLES:
        op.execute(
            f"CREATE TRIGGER renew_directory_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION renew_directory_version()"
        )


def _of_rows() -> None:
    op.execute("INSERT INTO directory_version (version) VALUES (hex(randomblob(16)))")
    for table in _TABLES:
        for change in ("INSERT", "UPDATE", "DELETE"):
            name = f"{table}_{change.lower()}_renews_directory"
            op.execute(
                f"CREATE TRIGGER {name} AFTER {change} ON {table} BEGIN"  # noqa: S608 - names of ours
                " UPDATE directory_version SET version = hex(randomblob(16)); END"
            )
