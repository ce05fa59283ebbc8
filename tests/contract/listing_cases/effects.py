"""What a request changed in the register, read from its tables and put into words."""

import json
from typing import Any

from sqlalchemy import select

from contracts.codes import DOCTOR_CONTACT, PV
from register.database import Register
from register.tables import (
    fixed_contact,
    listing,
    listing_request,
    metadata,
    out_of_county_listing,
    outgoing,
    queue_place,
    resident,
    staff,
    unit,
)
from tests.contract.listing_cases.case import NOTHING
from tests.contract.listing_cases.world import NAMES
from tests.databases import FIGURES
from tests.records import TODAY

State = frozenset[tuple[str, str, str]]
"""What is the case: whom it concerns, how an effect says that it begins, and that it ends (if it does)."""


def state(register: Register) -> State:
    """Return what is the case now, as far as listings go."""
    with register.reading() as connection:
        rows = {
            table.name: connection.execute(select(table)).all()
            for table in (listing, queue_place, fixed_contact, out_of_county_listing)
        }
        residents = connection.execute(select(resident)).all()
        requests = connection.execute(
            select(listing_request).where(listing_request.c.state == "waiting")
        ).all()
        messages = connection.execute(
            select(outgoing).where(outgoing.c.kind == "message", outgoing.c.state == "waiting")
        ).all()
        units = {row.hsa_key: row.name for row in connection.execute(select(unit))}
        doctors = {row.hsa_key: row.surname for row in connection.execute(select(staff))}

    def named(row: Any) -> str:
        return "" if row.code == PV.code else f" ({row.code})"

    def counted(row: Any) -> str:
        return ", counted" if row.counts_as_change else ""

    found = []
    for row in rows["listing"]:
        if row.valid_to is None:
            where = units[row.unit_key] + named(row)
            found.append((row.person_id, f"listed at {where}{counted(row)}", f"no longer listed at {where}"))
    for row in rows["queue_place"]:
        if row.left_at is None:
            where = units[row.unit_key] + named(row)
            found.append((row.person_id, f"in the queue of {where}", f"out of the queue of {where}"))
    for row in rows["fixed_contact"]:
        if row.type_code == DOCTOR_CONTACT and (row.valid_to is None or row.valid_to >= TODAY):
            name = doctors[row.staff_key]
            found.append((row.person_id, f"doctor {name}", f"no longer doctor {name}"))
    for row in rows["out_of_county_listing"]:
        if row.valid_to is None:
            where = row.county + named(row)
            found.append((row.person_id, f"noted in {where}{counted(row)}", f"no longer noted in {where}"))
    for row in residents:
        found.append((row.person_id, f"of county {row.home_county}", ""))
    for row in requests:
        where = units[row.unit_key] + named(row)
        chosen = f" with doctor {doctors[row.staff_key]}" if row.staff_key else ""
        found.append((row.person_id, f"place held at {where}{chosen}", f"no place held at {where}"))
    for row in messages:
        new, _, code, _ = json.loads(row.content)
        what = f"{row.address} that it is {new}" + (f" ({code})" if code else "")
        found.append((row.person_id, f"tells {what}", f"does not tell {what}"))
    return frozenset(found)


def effect(before: State, after: State) -> str:
    """Return what has changed from one state to another, in words, in the order of the words."""
    ended = [(person, end) for person, _, end in before - after if end]
    begun = [(person, begin) for person, begin, _ in after - before]
    words = [": ".join(filter(None, (NAMES[person], what))) for person, what in ended + begun]
    return "; ".join(sorted(words)) or NOTHING


def in_order(effect: str) -> str:
    """Return a row's effect with its parts in the order that `effect` gives them."""
    return "; ".join(sorted(effect.split("; ")))


def rows(register: Register) -> dict[str, list[Any]]:
    """Return every row of every table but the audit log, to see that nothing at all has changed."""
    with register.reading() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in metadata.sorted_tables
            if table.name not in FIGURES
        }
