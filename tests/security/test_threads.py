"""Requests that are answered at the same time never see anything of each other.

An lxml schema that threads share gives the right verdict and another request's error text, which is how one
patient's number ends up in another's Fault.
"""

import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from lxml import etree

from contracts.catalogue import by_name
from contracts.schemas import Schemas
from producer.wsgi import Producer
from register.database import Register
from tests.messages import actor, envelope, path, person, request
from tests.producers import DOCTOR, SOURCE_SYSTEM, make_producer
from tests.records import ANNA
from tests.security.refusals import GOOD
from tests.wsgi import post

MARK = re.compile(r"mark\d+x\d+")
"""A name that only one request holds."""

PATIENT = person("patientId", ANNA)
RESIDENT = person("personId", ANNA)


@pytest.fixture(autouse=True)
def _busy_switching() -> Iterator[None]:
    """Let threads take turns as often as can be."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


def at_once(threads: int, rounds: int, work: Callable[[int, int], None]) -> None:
    """Call ``work`` with the number of the thread and of the round, in all threads at the same time."""
    start = threading.Barrier(threads)

    def run(thread: int) -> None:
        start.wait(timeout=10)
        for number in range(rounds):
            work(thread, number)

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(run, thread) for thread in range(threads)]:
            done.result()


def send(app: Producer, contract: str, *parts: str, address: str = "14") -> str:
    """Return the whole answer to a request."""
    return post(app, path(contract), envelope(request(contract, *parts), address)).body.decode()


def bad_carelisting(app: Producer, mark: str) -> str:
    return send(app, "GetListing", actor(), RESIDENT, f"<{mark}/>")


def bad_care_managers(app: Producer, mark: str) -> str:
    return send(app, "GetCareManagers", PATIENT, f"<{mark}/>", address=SOURCE_SYSTEM)


def bad_ping(app: Producer, mark: str) -> str:
    return send(app, "PingForConfiguration", f"<{mark}/>")


BAD = (bad_carelisting, bad_care_managers, bad_ping)


@pytest.mark.parametrize(("threads", "rounds"), [(4, 40), (16, 10)])
def test_nobody_sees_the_errors_of_others(small_register: Register, threads: int, rounds: int) -> None:
    app = make_producer(small_register)
    good = post(app, path("GetListing"), GOOD).body

    def work(thread: int, number: int) -> None:
        mark = f"mark{thread}x{number}"
        answer = BAD[(thread + number) % len(BAD)](app, mark)
        assert set(MARK.findall(answer)) == {mark}
        assert DOCTOR.surname not in answer
        assert post(app, path("GetListing"), GOOD).body == good
        cut_off = post(app, path("GetListing"), b"<a>" + b"\n" * (1 + thread) + b"<b").fault[1]
        assert f"line {2 + thread}, column 1" in cut_off

    at_once(threads, rounds, work)


def test_validation() -> None:
    """The same below HTTP, where there is nothing to slow the threads down."""
    schemas = Schemas()
    contract = by_name("GetListing")
    valid = request("GetListing", actor(), RESIDENT)

    def work(thread: int, number: int) -> None:
        mark = f"mark{thread}x{number}"
        invalid = etree.fromstring(request("GetListing", actor(), f"<{mark}/>"))
        assert not schemas.valid(contract, invalid)
        assert schemas.valid(contract, etree.fromstring(valid))
        if number % 10 == 0:
            assert {*MARK.findall(str(schemas.problems(contract, invalid)))} == {mark}

    at_once(8, 100, work)


def test_each_thread_compiles_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: Counter[int] = Counter()
    make = etree.XMLSchema

    def counted(**options: str) -> etree.XMLSchema:
        compiled[threading.get_ident()] += 1
        return make(**options)

    monkeypatch.setattr(etree, "XMLSchema", counted)
    schemas = Schemas()
    contract = by_name("GetListing")

    def work(thread: int, number: int) -> None:
        assert schemas.valid(contract, etree.fromstring(request("GetListing", actor(), RESIDENT)))

    at_once(4, 3, work)
    assert list(compiled.values()) == [1, 1, 1, 1]
