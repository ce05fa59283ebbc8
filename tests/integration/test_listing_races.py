"""Requests at the same moment: what comes of them is what would come of them one after the other."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier, Event
from typing import TypeVar

import pytest
from lxml import etree

from contracts.clock import swedish_now
from contracts.codes import PV
from listings import region_messages
from listings.changes import ListingChanges
from listings.listing_log import Cause
from listings.region_messages import ListingUpdate
from producer.service import Service
from producer.settings import ProducerSettings
from producer.wsgi import Producer
from register import claims
from register.database import Register
from register.model import Record, Resident
from register.outgoing import TaskKind
from tests.asking import result
from tests.databases import keep
from tests.integration import listing_state
from tests.integration.listing_model import FULL, INFO, OK
from tests.messages import create_listing, envelope, path, update_listing
from tests.people import people
from tests.records import COUNTY, NOW, OTHER_COUNTY, PROVIDER, doctor, residents, unit, works_at
from tests.soap import check_exchange
from tests.wsgi import post

ROUNDS = 10
PEOPLE = people(2 * ROUNDS)
LIMIT = 3

CENTRE = unit("centre", offers_choice_of_personnel=True)
TIGHT = [unit(f"tight-{number}", max_listings=1) for number in range(ROUNDS)]
DOCTORS = [doctor(f"doctor-{number}") for number in range(ROUNDS)]
REGION: tuple[Record, ...] = (
    PROVIDER,
    CENTRE,
    *TIGHT,
    *DOCTORS,
    *(works_at(one, CENTRE, max_patients=1) for one in DOCTORS),
    *residents(*PEOPLE),
)

Result = tuple[str | None, str | None]
T = TypeVar("T")


def producer(register: Register, now: Callable[[], datetime] = swedish_now) -> Producer:
    """Return a producer whose clock goes, unlike that of `tests.producers`."""
    return Producer(Service(ProducerSettings.model_validate({"regions": {COUNTY: {}}}), register, now=now))


def send(app: Producer, content: str) -> Result:
    contract = etree.fromstring(content).tag.partition("}")[2]
    body = envelope(content)
    return result(check_exchange(body, post(app, path(contract), body).body)[1])


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(10) as pool:
        yield pool


def at_once(pool: ThreadPoolExecutor, calls: Sequence[Callable[[], T]]) -> list[T]:
    """Make these calls at the same moment, each in a thread of its own."""
    start = Barrier(len(calls))

    def call(one: Callable[[], T]) -> T:
        start.wait()
        return one()

    return list(pool.map(call, calls))


def all_at_once(app: Producer, pool: ThreadPoolExecutor, *contents: str) -> list[Result]:
    return at_once(pool, [lambda content=content: send(app, content) for content in contents])  # type: ignore[misc]


def codes(results: Sequence[Result]) -> list[str]:
    return sorted(code or "" for code, _ in results)


def test_the_last_place_has_one_winner(register: Register, pool: ThreadPoolExecutor) -> None:
    keep(register, *REGION)
    app = producer(register)
    for number, at in enumerate(TIGHT):
        pair = PEOPLE[2 * number : 2 * number + 2]
        assert codes(all_at_once(app, pool, *(create_listing(one, at.hsa_id) for one in pair))) == [FULL, OK]
    rows = listing_state.dump(register)
    listing_state.check(rows, swedish_now())
    assert Counter(one["unit_key"] for one in rows["listing"]) == {at.hsa_id: 1 for at in TIGHT}


def test_who_asked_first_but_had_to_wait_finds_the_place_taken(
    register: Register, pool: ThreadPoolExecutor
) -> None:
    keep(register, *REGION)
    asked = Event()
    clock = [NOW]

    def now() -> datetime:
        asked.set()
        return clock[0]

    with register.writing() as connection:
        answer = pool.submit(send, producer(register, now), create_listing(PEOPLE[0], TIGHT[0].hsa_id))
        assert asked.wait(20)
        clock[0] += timedelta(seconds=1)
        changes = ListingChanges(connection, clock[0], {COUNTY: LIMIT}, Cause(source="test"))
        changes.list_resident(Resident(PEOPLE[1], COUNTY), TIGHT[0], (PV.code, PV.system))
        changes.finish()
    assert answer.result()[0] == FULL


def test_a_clock_that_is_behind_finds_the_place_taken(register: Register) -> None:
    keep(register, *REGION)
    first, second = producer(register, lambda: NOW), producer(register, lambda: NOW - timedelta(seconds=1))
    assert send(first, create_listing(PEOPLE[0], TIGHT[0].hsa_id))[0] == OK
    assert send(second, create_listing(PEOPLE[1], TIGHT[0].hsa_id))[0] == FULL


def test_the_last_place_of_a_doctor_has_one_winner(register: Register, pool: ThreadPoolExecutor) -> None:
    keep(register, *REGION)
    app = producer(register)
    for number, who in enumerate(DOCTORS):
        pair = PEOPLE[2 * number : 2 * number + 2]
        wishes = [create_listing(one, CENTRE.hsa_id, doctor=who.hsa_id) for one in pair]
        assert codes(all_at_once(app, pool, *wishes)) == ["ERROR", OK]
    rows = listing_state.dump(register)
    listing_state.check(rows, swedish_now())
    assert Counter(one["staff_key"] for one in rows["fixed_contact"]) == {who.hsa_id: 1 for who in DOCTORS}
    assert len(rows["listing"]) == ROUNDS


def test_a_request_that_comes_ten_times_is_carried_out_once(
    register: Register, pool: ThreadPoolExecutor
) -> None:
    who = DOCTORS[0]
    keep(register, *REGION)
    app = producer(register)
    assert send(app, create_listing(PEOPLE[0], CENTRE.hsa_id, doctor=who.hsa_id)) == (OK, None)

    results = all_at_once(app, pool, *[create_listing(PEOPLE[0], TIGHT[0].hsa_id)] * 10)

    assert len(set(results)) == 1
    assert results[0][0] == INFO
    rows = listing_state.dump(register)
    listing_state.check(rows, swedish_now())
    assert [one["counts_as_change"] for one in rows["listing"]] == [False, True]


def test_create_and_update_come_one_after_the_other(register: Register, pool: ThreadPoolExecutor) -> None:
    keep(register, *REGION)
    app = producer(register)
    for who in PEOPLE[:8]:
        assert send(app, create_listing(who, CENTRE.hsa_id))[0] == OK

        both = (create_listing(who, TIGHT[0].hsa_id), update_listing(who, OTHER_COUNTY, COUNTY))
        assert codes(all_at_once(app, pool, *both)) == [OK, OK]

        rows = listing_state.dump(register)
        listing_state.check(rows, swedish_now())
        now = swedish_now()
        listed = [
            one for one in rows["listing"] if one["person_id"] == who and listing_state.active(one, now)
        ]
        notes = [one for one in rows["out_of_county_listing"] if one["person_id"] == who]
        noted = [one for one in notes if one["valid_to"] is None]
        messages = listing_state.messages(rows)
        told = [listing_state.content(one)[2] for one in messages if one["person_id"] == who]
        # The later one holds, and if that is the one that came home the other region has been told.
        assert (len(listed), len(noted), told) in ((0, 1, []), (1, 0, [COUNTY]))
        assert len(notes) == 1
        for one in listed:
            send(app, update_listing(one["person_id"], OTHER_COUNTY, COUNTY))  # leaves the place to the next


def test_a_message_is_claimed_by_one_sender(register: Register, pool: ThreadPoolExecutor) -> None:
    keep(register, *REGION)
    with register.writing() as connection:
        for one in PEOPLE:
            region_messages.enqueue(connection, OTHER_COUNTY, one, ListingUpdate(COUNTY, OTHER_COUNTY), NOW)

    def claim_all(sender: str) -> list[int]:
        found = []
        while claimed := claims.claim(register, TaskKind.MESSAGE, sender, NOW, address=OTHER_COUNTY):
            (message,) = claimed
            assert message.claimed_by == sender
            found.append(message.id)
        return found

    claimed = at_once(pool, [lambda name=f"sender {number}": claim_all(name) for number in range(4)])  # type: ignore[misc]
    assert len({one for found in claimed for one in found}) == len(PEOPLE)
    assert sum(map(len, claimed)) == len(PEOPLE)
