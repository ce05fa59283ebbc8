"""A system that follows the feed of changes, without protected residents: it knows only what lines say."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, select

from contracts.clock import utc
from register import feed_reading, feed_state
from register.database import Register
from register.tables import fixed_contact, listing, queue_place, resident

Held = set[tuple[Any, ...]]
"""What is in force: sort of record, its id, person, unit, staff, and code of its type."""


class Consumer:
    """Holds the latest line of each record, by docs/changes-out.md."""

    def __init__(self, register: Register, now: datetime) -> None:
        """Start from an export of what there is at a moment, Swedish local time."""
        self.register = register
        self.latest: dict[tuple[str, str], Any] = {}
        self.hidden: set[str] = set()
        with register.reading() as connection:
            self.position = feed_reading.last_position(connection)
            self._keep(feed_state.present(connection, utc(now)))

    def read(self, most: int = 7) -> list[Any]:
        """Read on to the end, some lines at a time; every line comes once and in order."""
        read: list[Any] = []
        while True:
            with self.register.reading() as connection:
                lines = list(feed_reading.since(connection, self.position, most))
            if not lines:
                return read
            positions = [self.position, *(one.position for one in lines)]
            assert positions == sorted(set(positions))
            self._keep(lines)
            self.position = positions[-1]
            read += lines

    def _keep(self, lines: Iterable[Any]) -> None:
        for one in lines:
            if one.kind == "resident_hidden":
                self.hidden.add(one.person_id)
            elif one.kind == "resident_shown":
                self.hidden.discard(one.person_id)
            if one.record_id is not None and not one.protected:
                self.latest[_sort(one.kind), one.record_id] = one

    def holds(self, now: datetime) -> Held:
        """Return what is in force at a moment, by the lines."""
        return {
            (
                sort,
                key,
                one.person_id,
                one.unit and one.unit.upper(),
                one.staff and one.staff.upper(),
                one.code,
            )
            for (sort, key), one in self.latest.items()
            if one.person_id not in self.hidden and _counts(one.valid_from, one.valid_to, now)
        }


def _sort(kind: str) -> str:
    sort = kind.partition("_")[0]
    return "contact" if sort == "doctor" else sort


def _counts(start: str, end: str | None, now: datetime) -> bool:
    if "T" in start:
        return datetime.fromisoformat(start) <= now and (end is None or now < datetime.fromisoformat(end))
    return date.fromisoformat(start) <= now.date() and (end is None or now.date() <= date.fromisoformat(end))


def in_force(connection: Connection, now: datetime) -> Held:
    """Return what is in force at a moment, by the register."""
    found: Held = set()
    for sort, table, start, end in (
        ("listing", listing, listing.c.valid_from, listing.c.valid_to),
        ("queue", queue_place, queue_place.c.queued_at, queue_place.c.left_at),
        ("contact", fixed_contact, fixed_contact.c.valid_from, fixed_contact.c.valid_to),
    ):
        of = select(table, start.label("start"), end.label("end")).join(
            resident, resident.c.person_id == table.c.person_id
        )
        for row in connection.execute(of.where(~resident.c.protected)):
            begins, ends = (_moment(row.start), None if row.end is None else _end(row.end))
            if begins <= now and (ends is None or now < ends):
                staff = row.staff_key.key if sort == "contact" else None
                code = row.type_code if sort == "contact" else row.code
                found.add((sort, row.id, row.person_id, row.unit_key.key, staff, code))
    return found


def _moment(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, time())


def _end(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value + timedelta(days=1), time())


def agrees(consumer: Consumer, *moments: datetime) -> list[Any]:
    """Let a consumer read on, and assert that it holds what the register has at some moments."""
    read = consumer.read()
    with consumer.register.reading() as connection:
        for now in moments:
            assert consumer.holds(now) == in_force(connection, now)
    return read
