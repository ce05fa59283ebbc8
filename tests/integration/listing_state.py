"""What the register holds about listings, read table by table, and what may never be in it."""

import json
from collections import Counter
from datetime import datetime
from itertools import combinations
from typing import Any

from sqlalchemy import select

from contracts.codes import DOCTOR_CONTACT, PV
from contracts.identifiers import HsaId
from register.database import Register
from register.tables import metadata
from tests.databases import FIGURES, as_kept

Row = dict[str, Any]
Dump = dict[str, list[Row]]


def dump(register: Register) -> Dump:
    """Return every row of every table but the audit log, in the order of the keys."""
    with register.reading() as connection:
        return {
            table.name: [
                as_kept(row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            ]
            for table in metadata.sorted_tables
            if table.name not in FIGURES
        }


def active(row: Row, now: datetime, begins: str = "valid_from", ends: str = "valid_to") -> bool:
    """Tell whether a period has begun and not ended."""
    return bool(row[begins] <= now and (row[ends] is None or row[ends] > now))


def kind(row: Row) -> tuple[str, str]:
    """Return the listing type of a row."""
    return row["code"], row["code_system"]


def queue(rows: Dump, unit_key: HsaId, now: datetime) -> list[Row]:
    """Return the places in the queue of a unit, in their order."""
    found = [
        one
        for one in rows["queue_place"]
        if one["unit_key"] == unit_key and active(one, now, "queued_at", "left_at")
    ]
    return sorted(found, key=lambda one: (one["queued_at"], one["id"]))


def doctors(rows: Dump, now: datetime) -> list[Row]:
    """Return the doctor links that have not ended."""
    return [
        one
        for one in rows["fixed_contact"]
        if one["type_code"] == DOCTOR_CONTACT and (one["valid_to"] is None or one["valid_to"] >= now.date())
    ]


def used(rows: Dump, unit_key: HsaId, now: datetime) -> int:
    """Return how many PV places the living have at a unit, or wait for the home region to get."""
    dead = {one["person_id"] for one in rows["resident"] if one["deceased_on"]}
    listed = [
        one
        for one in rows["listing"]
        if one["unit_key"] == unit_key
        and kind(one) == PV.key
        and active(one, now)
        and one["person_id"] not in dead
    ]
    waiting = [
        one
        for one in rows["listing_request"]
        if one["unit_key"] == unit_key and kind(one) == PV.key and one["state"] == "waiting"
    ]
    return len(listed) + len(waiting)


def check(rows: Dump, now: datetime) -> None:
    """Assert what holds whatever has happened, of a register where listings came about by changes alone."""
    _check_periods(rows)
    _check_doctors(rows, now)
    _check_queues(rows, now)
    _check_requests(rows)
    _check_log(rows)


def _check_periods(rows: Dump) -> None:
    """Every listing ends after it began, and no two of a resident and type overlap."""
    for table in ("listing", "out_of_county_listing"):
        for one in rows[table]:
            assert one["valid_to"] is None or one["valid_from"] <= one["valid_to"]
        for one, other in combinations(rows[table], 2):
            if (one["person_id"], kind(one)) == (other["person_id"], kind(other)):
                assert any(
                    earlier["valid_to"] is not None and earlier["valid_to"] <= later["valid_from"]
                    for earlier, later in ((one, other), (other, one))
                )


def _check_doctors(rows: Dump, now: datetime) -> None:
    """A resident has one doctor at most, at the unit of the PV listing."""
    links = doctors(rows, now)
    assert len({one["person_id"] for one in links}) == len(links)
    listed = {
        (one["person_id"], one["unit_key"])
        for one in rows["listing"]
        if active(one, now) and kind(one) == (PV.code, PV.system)
    }
    assert {(one["person_id"], one["unit_key"]) for one in links} <= listed


def _check_queues(rows: Dump, now: datetime) -> None:
    """Nobody stands twice in a queue, or where listed already."""
    standing = [
        (one["person_id"], kind(one), one["unit_key"])
        for one in rows["queue_place"]
        if active(one, now, "queued_at", "left_at")
    ]
    assert len(set(standing)) == len(standing)
    listed = {(one["person_id"], kind(one), one["unit_key"]) for one in rows["listing"] if active(one, now)}
    assert not listed & set(standing)


def _check_requests(rows: Dump) -> None:
    """One request of a resident and type waits at most; each has its message and is settled or waits."""
    requests = rows["listing_request"]
    waiting = [(one["person_id"], kind(one)) for one in requests if one["state"] == "waiting"]
    assert len(set(waiting)) == len(waiting)
    for one in requests:
        assert (one["state"] == "waiting") == (one["settled_at"] is None)
        (message,) = (message for message in rows["outgoing"] if message["request_id"] == one["id"])
        if one["state"] == "waiting":
            assert message["state"] in ("waiting", "sending", "parked")


def _check_log(rows: Dump) -> None:
    """What the log of changes tells is what there is: nothing was done by half."""
    told = Counter((one["kind"], one["person_id"], one["unit_key"]) for one in rows["listing_change"])
    there: Counter[tuple[str, str, str | None]] = Counter()

    def count(name: str, row: Row) -> None:
        there[name, row["person_id"], row.get("unit_key")] += 1

    for one in rows["listing"]:
        count("listed", one)
        if one["valid_to"] is not None:
            count("ended", one)
    for one in rows["queue_place"]:
        count("queued", one)
        if one["left_at"] is not None:
            count("left_queue", one)
    for one in rows["out_of_county_listing"]:
        count("noted", one)
        if one["valid_to"] is not None:
            count("note_ended", one)
    for one in rows["listing_request"]:
        count("requested", one)
    answers = {"answered", "withdrawn", "doctor_chosen", "doctor_ended", "moved"}
    assert {key: number for key, number in told.items() if key[0] not in answers} == there

    chosen = Counter({key[1:]: number for key, number in told.items() if key[0] == "doctor_chosen"})
    chosen.subtract({key[1:]: number for key, number in told.items() if key[0] == "doctor_ended"})
    links = Counter(
        (one["person_id"], one["unit_key"]) for one in rows["fixed_contact"] if one["valid_to"] is None
    )
    assert +chosen == links


def messages(rows: Dump) -> list[Row]:
    """Return the messages to other regions."""
    return [one for one in rows["outgoing"] if one["kind"] == "message"]


def content(message: Row) -> tuple[Any, ...]:
    """Return what an outgoing message says: receiver, person, new county, home county, type."""
    new, home, code, system = json.loads(message["content"])
    return (
        message["address"],
        message["person_id"],
        new,
        home,
        (code, system) if code else (PV.code, PV.system),
    )
