"""What the register has of residents at a moment, in a month of nights (test_month_of_nights)."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from register.database import Register
from register.tables import fixed_contact, listing, queue_place
from tests.integration.nights import PEOPLE, SORTS

TABLES = {"listing": listing, "queue_place": queue_place, "fixed_contact": fixed_contact}
PERIODS = {
    "listing": ("valid_from", "valid_to"),
    "queue_place": ("queued_at", "left_at"),
    "fixed_contact": ("valid_from", "valid_to"),
}

Held = dict[tuple[str, str], list[str]]
"""Of what and whom -> the keys of the units where a resident has it."""


def held(register: Register, now: datetime) -> Held:
    """Return where residents have what at a moment."""
    found: Held = {(sort, person): [] for sort in SORTS for person in PEOPLE}
    with register.reading() as connection:
        for sort, table in TABLES.items():
            start, end = PERIODS[sort]
            for row in connection.execute(select(table)).mappings():
                at = now.date() if sort == "fixed_contact" else now
                over = row[end] is not None and (row[end] < at or (row[end] == at and at is now))
                if row[start] <= at and not over:
                    found[sort, row["person_id"]].append(row["unit_key"].key)
    return found


def of_sources(register: Register) -> set[tuple[str, str]]:
    """Return of what and whom sources have brought something that has no end."""
    with register.reading() as connection:
        return {
            (sort, person)
            for sort, table in TABLES.items()
            for person in connection.scalars(
                select(table.c.person_id).where(
                    table.c.loaded_from.is_not(None), table.c[PERIODS[sort][1]].is_(None)
                )
            )
        }


def at_the_same_time(register: Register) -> list[Any]:
    """Return the listings and doctors, past and coming ones, that residents have beside another."""
    found, ends = [], dict[tuple[str, str], Any]()
    with register.reading() as connection:
        for table in (listing, fixed_contact):
            rows = connection.execute(select(table).order_by(table.c.valid_from, table.c.valid_to)).all()
            for one in rows:
                of = (table.name, one.person_id)
                if one.valid_to is not None and one.valid_to <= one.valid_from:
                    continue  # of no time, or of one day that another may begin on
                if of in ends and (ends[of] is None or ends[of] > one.valid_from):
                    found.append(one)
                ends[of] = one.valid_to
    return found


def notes(register: Register, now: datetime) -> dict[tuple[Any, ...], str | None]:
    """Return what staff have written about the doctors that residents have."""
    with register.reading() as connection:
        rows = connection.execute(select(fixed_contact)).all()
    return {
        (one.person_id, one.unit_key.key, one.valid_from): one.internal_notes
        for one in rows
        if one.valid_to is None or one.valid_to >= now.date()
    }
