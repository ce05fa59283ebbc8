"""Listings under load and under SIGKILL: what was answered is done, whole, and nothing is done by half."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from contracts.clock import swedish_now
from contracts.identifiers import HsaId
from register import schema
from register.model import Resident
from tests.asking import result, values
from tests.databases import check_figures, keep, opened
from tests.e2e.listing_clients import (
    ANSWER_SECONDS,
    AUTO,
    BIG,
    CLIENTS,
    EACH,
    PACKED,
    PATIENCE_SECONDS,
    REGION,
    SEED,
    THIRD_COUNTY,
    TIGHT,
    Client,
    Wanted,
    send,
)
from tests.e2e.processes import Server, serving
from tests.integration import listing_state
from tests.integration.listing_model import FULL, OK
from tests.messages import actor, create_listing, person, request
from tests.people import people
from tests.records import COUNTY, OTHER_COUNTY, residents
from tests.strength import sized

KILLS = sized(quick=3, full=8)
"""How many times the server is killed."""

SETTINGS = f"""
[server]
workers = 2
threads = 25
[regions.{COUNTY}]
home_region = "later"
max_changes_per_year = 100000
[outbox]
run_in_serve = false
[log]
level = "warning"
"""


@pytest.fixture
def database(empty_database: str) -> str:
    """A register of a region where nobody is listed."""
    with opened(empty_database) as register:
        schema.upgrade(register)
        keep(register, *REGION)
    return empty_database


@contextmanager
def region_served(folder: Path, database: str) -> Iterator[Server]:
    (folder / "fastkontakt.toml").write_text(SETTINGS)
    with serving(cwd=folder, leader=True, variables={"FASTKONTAKT_DATABASE__URL": database}) as server:
        yield server


def test_fifty_want_twenty_places(tmp_path: Path, database: str) -> None:
    everybody = people(50)
    with opened(database) as register:
        keep(register, *residents(*everybody))
    start = threading.Barrier(len(everybody))

    def choose(number: int) -> tuple[str | None, float]:
        wish = create_listing(everybody[number], BIG.hsa_id, add_to_queue=number % 3 > 0)
        start.wait()
        began = time.monotonic()
        return result(send(server.base, wish))[0], time.monotonic() - began

    with region_served(tmp_path, database) as server, ThreadPoolExecutor(len(everybody)) as pool:
        answers = list(pool.map(choose, range(len(everybody))))
        about = [request("GetListing", actor("CITIZEN", one), person("personId", one)) for one in everybody]
        shown = list(pool.map(lambda one: send(server.base, one), about))

    assert max(seconds for _, seconds in answers) < ANSWER_SECONDS
    listed = [number for number, one in enumerate(shown) if values(one, "listings/isInQueue") == ["false"]]
    assert len(listed) == BIG.max_listings
    positions = [int(one) for answer in shown for one in values(answer, "listings/queuePosition")]
    assert sorted(positions) == list(range(1, len(positions) + 1))
    told = {number for number, (code, _) in enumerate(answers) if code == OK}
    assert told == {number for number, one in enumerate(shown) if values(one, "listings/isInQueue")}
    refused = {number: code for number, (code, _) in enumerate(answers) if code != OK}
    assert set(refused.values()) <= {FULL}
    assert all(number % 3 == 0 for number in refused)
    with opened(database) as register:
        check_figures(register)
        rows = listing_state.dump(register)
    listing_state.check(rows, swedish_now())
    assert listing_state.used(rows, BIG.hsa_id, swedish_now()) == BIG.max_listings


def test_what_was_answered_is_done(tmp_path: Path, database: str) -> None:
    chance = random.Random(SEED)  # noqa: S311 - no secret
    everybody = people(2 * CLIENTS * EACH)
    with opened(database) as register:
        homes = {one: OTHER_COUNTY if at % EACH == 0 else COUNTY for at, one in enumerate(everybody)}
        crowd = everybody[CLIENTS * EACH :]
        keep(register, *(Resident(one, COUNTY if one in crowd else home) for one, home in homes.items()))
    bases: list[str] = []
    clients = [
        Client(number, lambda: bases[-1], everybody[own : own + EACH], crowd[own : own + EACH])
        for number, own in enumerate(range(0, CLIENTS * EACH, EACH))
    ]
    stop = threading.Event()

    def write(client: Client) -> None:
        while not stop.is_set():
            client.write()

    def written() -> int:
        return sum(client.written for client in clients)

    with ThreadPoolExecutor(CLIENTS) as pool:
        work: list[Future[None]] = []
        try:
            for kill in range(KILLS + 1):
                with region_served(tmp_path, database) as server:
                    bases.append(server.base)
                    work = work or [pool.submit(write, client) for client in clients]
                    _wait(chance.randrange(5, 40), written, work)
                    if kill < KILLS:
                        time.sleep(chance.random() / 50)  # so that it comes anywhere in a write
                        os.killpg(server.process.pid, signal.SIGKILL)
                        server.process.wait()
                        continue
                    stop.set()
                    for one in work:
                        one.result()
        finally:
            stop.set()
    assert sum(client.lost for client in clients) > 0
    with opened(database) as register:
        check_figures(register)
        rows = listing_state.dump(register)
    listing_state.check(rows, swedish_now())
    for client in clients:
        for who, wanted in client.wanted.items():
            _check_wanted(rows, who, wanted)
        for who, at in client.last.items():
            _check_crowd(rows, who, at)
    for facility in (TIGHT, AUTO, PACKED):
        used = listing_state.used(rows, facility.hsa_id, swedish_now())
        assert used <= (facility.max_listings or 0)
    waiting = listing_state.queue(rows, AUTO.hsa_id, swedish_now())
    assert not waiting or listing_state.used(rows, AUTO.hsa_id, swedish_now()) == AUTO.max_listings


def _wait(more: int, written: Callable[[], int], work: list[Future[None]]) -> None:
    """Wait until so much more has been written, or somebody has failed."""
    goal, give_up = written() + more, time.monotonic() + PATIENCE_SECONDS
    while written() < goal and not any(one.done() for one in work):
        assert time.monotonic() < give_up, "the callers get no further"
        time.sleep(0.001)


def _check_wanted(rows: listing_state.Dump, who: str, wanted: Wanted) -> None:
    """Assert that a resident has what was answered, and that it cost no more than it should."""
    now = swedish_now()
    own = {name: [one for one in table if one.get("person_id") == who] for name, table in rows.items()}
    place = [wanted.place] if wanted.place else []
    listed = [one["unit_key"] for one in own["listing"] if listing_state.active(one, now)]
    waiting = [one["unit_key"] for one in own["listing_request"] if one["state"] == "waiting"]
    assert (listed, waiting) == ((place, []) if wanted.home == COUNTY else ([], place))
    assert len(listing_state.doctors(own, now)) == wanted.doctor
    notes = [one["county"] for one in own["out_of_county_listing"] if one["valid_to"] is None]
    assert notes == [THIRD_COUNTY] * wanted.noted
    queue = [one["unit_key"] for one in own["queue_place"] if one["left_at"] is None]
    assert queue == list(wanted.queues)
    counted = own["listing"] + own["out_of_county_listing"]
    assert sum(one["counts_as_change"] for one in counted) == wanted.changes
    asked = [one for one in own["outgoing"] if one["request_id"] is not None]
    assert len(asked) == len(own["listing_request"]) == wanted.questions
    assert len(listing_state.messages(own)) - len(asked) == wanted.told


def _check_crowd(rows: listing_state.Dump, who: str, at: HsaId) -> None:
    """Assert that somebody who asked for a place has it or queues for it; a queue may have given another."""
    now = swedish_now()
    keys = {
        one["unit_key"]
        for one in rows["listing"]
        if one["person_id"] == who and listing_state.active(one, now)
    }
    if at == AUTO.hsa_id:
        queue = listing_state.queue(rows, at, now)
        keys |= {one["unit_key"] for one in queue if one["person_id"] == who}
        assert at in keys
    else:
        assert keys in ({at}, {AUTO.hsa_id})
