"""What asks for a figure costs the same however many are listed, patients or gone (design rule 11).

Counted are the steps of SQLite's machine: a row that is looked at costs some.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from contacts.doctors import selectable_doctors
from contracts.codes import PV
from listings import places
from listings.current import listed_at, queued_at
from listings.facilities import facilities_of, find_facility
from register import figures
from register.columns import row
from register.database import Register
from register.tables import fixed_contact, listing, queue_place, resident
from tests.databases import empty, keep
from tests.people import people
from tests.records import (
    COUNTY,
    LONG_AGO,
    NOW,
    PROVIDER,
    contact,
    doctor,
    place,
    residents,
    unit,
    works_at,
)
from tests.records import listing as listing_of

SQLITE_ALONE = True

FEW, MANY = 40, 320

CENTRE = unit("centre", max_listings=2 * MANY, offers_queue=True, offers_choice_of_personnel=True)
OTHER = unit("other")
DORA = doctor("dora")

READERS: dict[str, Callable[[Connection, str], Any]] = {
    "the facilities of a county": lambda connection, _: facilities_of(connection, COUNTY, NOW),
    "a facility": lambda connection, _: find_facility(connection, CENTRE.hsa_id, COUNTY, NOW),
    "a resident's listings": lambda connection, who: listed_at(connection, who, COUNTY, NOW),
    "a resident's place and position": lambda connection, who: queued_at(connection, who, COUNTY, NOW),
    "the queue": lambda connection, _: places.queue(connection, CENTRE.hsa_id, NOW),
    "room": lambda connection, _: places.room(connection, CENTRE, PV.key, NOW),
    "doctors": lambda connection, _: selectable_doctors(connection, CENTRE.hsa_id, COUNTY, NOW),
}


def fill(register: Register, number: int) -> str:
    """List residents, all with the one doctor and all out of a queue that five still wait in; return one."""
    keep(register, PROVIDER, CENTRE, OTHER, DORA, works_at(DORA, CENTRE, max_patients=MANY + 1))
    everybody = people(number)
    queued = {"queued_at": LONG_AGO, "left_at": LONG_AGO + timedelta(days=1)}
    with register.writing() as connection:
        figures.fold(connection, NOW)
        for table, made in (
            (resident, residents(*everybody)),
            (listing, [listing_of(who, who, CENTRE) for who in everybody]),
            (fixed_contact, [contact(who, who, DORA, CENTRE) for who in everybody]),
            (queue_place, [place(who, who, CENTRE, **queued) for who in everybody]),
            (queue_place, [place(f"{who} waits", who, CENTRE) for who in everybody[:5]]),
        ):
            connection.execute(insert(table), [row(one) for one in made])
    return everybody[4]


def steps(register: Register, read: Callable[[Connection, str], Any], who: str) -> int:
    """Return how many steps SQLite takes."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    with register.reading() as connection:
        read(connection, who)  # what is done once
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(count, 1)
        try:
            assert read(connection, who) not in (None, [], 0)
        finally:
            driver.set_progress_handler(None, 0)
    return taken


@pytest.mark.parametrize("name", READERS)
def test_a_reader_of_figures_costs_the_same_with_eight_times_as_many(register: Register, name: str) -> None:
    taken = []
    for number in (FEW, MANY):
        who = fill(register, number)
        taken.append(steps(register, READERS[name], who))
        empty(register)
    assert taken[1] <= taken[0] * 1.05, taken


def test_folding_leaves_a_row_for_each_figure(register: Register) -> None:
    keep(register, PROVIDER, CENTRE, *residents(*people(FEW)))
    keep(
        register,
        *(
            listing_of(who, who, CENTRE, valid_from=LONG_AGO + timedelta(hours=number))
            for number, who in enumerate(people(FEW))
        ),
    )
    figures.fold_due(register, NOW)
    with register.reading() as connection:
        kept = connection.exec_driver_sql("SELECT moment, amount FROM figure").all()
    assert [amount for _, amount in kept] == [FEW]
