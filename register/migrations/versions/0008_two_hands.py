"""What calls and staff change of a source's records, so that the next load knows an old row from a new one.

What they have changed until now is known as far as it can be: a record that no source brought is theirs, and
a source's listing that the log of changes says was ended by call had no end before.
"""

import json
import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_text = sa.String().with_variant(sa.String(collation="C"), "postgresql")

_SQLITE_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?")

_MADE = """
INSERT INTO changed_record (record, key, about, hand, changed_at)
SELECT '{table}', id, person_id, '{hand}', {at} FROM {table} WHERE loaded_from IS NULL
"""

_ENDED = sa.text("""
SELECT listing.*, listing_change.logged_at AS logged_at
FROM listing_change JOIN listing
  ON listing.person_id = listing_change.person_id AND listing.unit_key = listing_change.unit_key
WHERE listing_change.kind = 'ended' AND listing.loaded_from IS NOT NULL AND listing.valid_to IS NOT NULL
ORDER BY listing_change.id
""")


def upgrade() -> None:
    """Add the table, and what is known."""
    table = op.create_table(
        "changed_record",
        sa.Column("record", _text, primary_key=True),
        sa.Column("key", _text, primary_key=True),
        sa.Column("about", _text, nullable=False),
        sa.Column("hand", _text, nullable=False),
        sa.Column("changed_at", sa.DateTime, nullable=False),
        sa.Column("said", _text),
    )
    op.create_index("ix_changed_record_record", "changed_record", ["record", "about"])
    for name, hand, at in (
        ("listing", "call", "valid_from"),
        ("queue_place", "call", "queued_at"),
        ("out_of_county_listing", "call", "valid_from"),
        ("fixed_contact", "staff", "documented_at"),
    ):
        op.execute(_MADE.format(table=name, hand=hand, at=at))
    known = {}
    for row in op.get_bind().execute(_ENDED).mappings():
        logged_at, valid_to = _moment(row["logged_at"]), _moment(row["valid_to"])
        if abs((_local(logged_at) - valid_to).total_seconds()) > 1:
            continue  # another listing at the unit
        said = {name: value for name, value in row.items() if name != "logged_at"} | {"valid_to": None}
        known[row["id"]] = {
            "record": "listing",
            "key": row["id"],
            "about": row["person_id"],
            "hand": "call",
            "changed_at": logged_at,
            "said": json.dumps({name: _written(table_value) for name, table_value in said.items()}),
        }
    if known:
        op.bulk_insert(table, list(known.values()))


def _moment(value: datetime | str) -> datetime:
    """Return a moment as SQLite or PostgreSQL give it to a statement of text."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _local(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo("Europe/Stockholm")).replace(tzinfo=None)


def _written(value: object) -> object:
    if isinstance(value, str):  # SQLite gives times with a blank
        try:
            return (
                datetime.fromisoformat(value).isoformat() if len(value) > 18 and value[10] == " " else value
            )
        except ValueError:
            return value
    return value.isoformat() if isinstance(value, date) else value
