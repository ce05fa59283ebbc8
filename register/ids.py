"""Ids that are made here, for records that no source has given one."""

import time
from uuid import uuid4

MADE_HERE = "urn:uuid"
"""Series of the team ids made here, of teams that a source only names (seed conflict 5)."""


def new_id() -> str:
    """Return an id that sorts by the time it was made: those who join a queue at once stand in that order."""
    return f"{time.time_ns():020d}-{uuid4()}"
