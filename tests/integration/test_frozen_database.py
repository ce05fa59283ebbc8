"""A database that is frozen, locked or out of reach: a Fault in time, and on again alone."""

import socket
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from producer.wsgi import Producer
from register.database import Register, is_answering, open_register
from register.limits import seconds_left, within
from register.settings import RegisterSettings
from tests.asking import get_listing
from tests.contract.listing_cases.case import create_body
from tests.databases import file_of, keep
from tests.frozen import frozen, served_impatiently
from tests.messages import actor, envelope, path, person, request
from tests.producers import CENTRE, SMALL_REGION, make_producer
from tests.records import ANNA, COUNTY
from tests.wsgi import post

ON_POSTGRESQL = pytest.mark.parametrize("register", ["postgresql"], indirect=True)
ON_SQLITE = pytest.mark.parametrize("register", ["sqlite"], indirect=True)
READ = envelope(request("GetListing", actor(), person("personId", ANNA)), COUNTY)
WISH = create_body({"resident": ANNA, "facility": CENTRE.hsa_id})
SECONDS = 12
"""Far more than a Fault takes here, for a busy machine, and less than the 20 and 45 of before."""


@pytest.fixture
def served(register: Register) -> Iterator[Register]:
    """A register as it is served."""
    keep(register, *SMALL_REGION)
    with served_impatiently(register) as calls:
        yield calls


def faults(app: Producer, contract: str, body: bytes) -> float:
    """See that a call is answered with a Fault that it is not the caller's, and return how long it took."""
    began = time.monotonic()
    response = post(app, path(contract), body)
    took = time.monotonic() - began
    assert response.status == 500, response.body
    assert response.fault[1][:5] in ("FK502", "FK504")
    return took


@ON_POSTGRESQL
def test_a_server_that_is_frozen(register: Register, served: Register) -> None:
    """By SIGSTOP: no time-out of its own runs, and its machine acknowledges every packet."""
    app = make_producer(served)
    get_listing(app)
    with frozen(register), ThreadPoolExecutor(4) as threads:
        calls = [threads.submit(faults, app, "GetListing", READ) for _ in range(2)]
        calls += [threads.submit(faults, app, "CreateListing", WISH) for _ in range(2)]
        assert max(one.result(60) for one in calls) < SECONDS
        began = time.monotonic()
        assert not is_answering(served)
        assert time.monotonic() - began < SECONDS
    get_listing(app)
    assert is_answering(served)


@ON_POSTGRESQL
def test_a_server_that_is_frozen_in_the_middle_of_a_call(register: Register, served: Register) -> None:
    def read() -> None:
        with served.reading() as connection:
            connection.execute(text("SELECT 1"))
            with frozen(register):
                connection.execute(text("SELECT 2"))

    with pytest.raises(OperationalError, match="has not answered in time"):
        read()
    with served.reading() as connection:
        assert connection.scalar(text("SELECT 3")) == 3


@ON_POSTGRESQL
@pytest.mark.parametrize("table", ["resident", "listing", "audit"])
def test_a_table_that_is_locked(register: Register, served: Register, table: str) -> None:
    app = make_producer(served)
    get_listing(app)
    with register.engine.connect() as connection:
        connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        assert faults(app, "GetListing", READ) < SECONDS
        assert faults(app, "CreateListing", WISH) < SECONDS
    get_listing(app)


def test_a_writer_that_does_not_end(register: Register, served: Register) -> None:
    """Calls that change something are told in time; those that read do not wait for it."""
    app = make_producer(served)
    with register.writing() as connection:
        connection.execute(text("SELECT 1"))
        assert faults(app, "CreateListing", WISH) < SECONDS
        get_listing(app)
        assert is_answering(served)
    assert post(app, path("CreateListing"), WISH).status == 200


@ON_SQLITE
def test_a_file_that_another_program_has_locked(register: Register, served: Register) -> None:
    app = make_producer(served)
    get_listing(app)
    with closing(sqlite3.connect(file_of(register), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert faults(app, "CreateListing", WISH) < SECONDS
    assert post(app, path("CreateListing"), WISH).status == 200


@ON_POSTGRESQL
def test_loads_and_commands_are_not_cut_off(register: Register, served: Register) -> None:
    slow = text("SELECT pg_sleep(0.4)")
    quick = open_register(
        RegisterSettings(url=served.engine.url.render_as_string(hide_password=False), call_timeout_seconds=1)
    )
    calls = quick.for_calls()
    with pytest.raises(OperationalError), calls.reading() as connection:
        connection.execute(text("SELECT pg_sleep(5)"))
    for patient in (quick, calls.patient):
        with patient.writing() as connection:
            shown = connection.scalar(text("SELECT current_setting('statement_timeout')"))
            assert (shown, seconds_left()) == ("0", None)
            connection.execute(slow)
    calls.dispose()
    quick.dispose()


def test_a_server_that_swallows_what_it_is_sent() -> None:
    """As behind a firewall that drops packets, once a connection is made: it is given up in time."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"postgresql://user@127.0.0.1:{server.getsockname()[1]}/register"
        register = open_register(RegisterSettings(url=url)).for_calls()
        began = time.monotonic()
        with pytest.raises(OperationalError), register.reading():
            pass
        assert time.monotonic() - began < SECONDS
        assert not is_answering(register)
        register.dispose()


def test_a_server_that_refuses_is_told_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    register = open_register(RegisterSettings(url=f"postgresql://user@127.0.0.1:{port}/register")).for_calls()
    began = time.monotonic()
    assert not is_answering(register)
    assert time.monotonic() - began < 1
    register.dispose()


def test_a_limit_within_a_limit_is_never_longer() -> None:
    assert seconds_left() is None
    with within(10):
        with within(60), within(None):
            assert (seconds_left() or 0) <= 10
        with within(1):
            assert (seconds_left() or 0) <= 1
        assert (seconds_left() or 0) > 1
    assert seconds_left() is None
