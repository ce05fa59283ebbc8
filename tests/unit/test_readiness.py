"""Looking at the parts of the service: what fails, what hangs, and what an operator is told."""

import http.client
import json
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from threading import Event
from typing import NoReturn

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from producer.monitoring import endpoint
from producer.monitoring.endpoint import Endpoint, MonitoringError, listen
from producer.monitoring.readiness import FINE, Finding, Fitness, Readiness
from register.vitals import UnfitError


def failing(error: Exception) -> Finding:
    def fail() -> NoReturn:
        raise error

    return Readiness({"part": fail}).look()["part"]


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (UnfitError("the tables are old; upgrade"), "the tables are old; upgrade"),
        (OperationalError("SELECT 191212121212", {}, Exception("191212121212")), "does not answer"),
        (RuntimeError("191212121212"), "RuntimeError"),
    ],
)
def test_what_fails_is_told_without_the_text_of_an_error_that_is_not_ours(error: Exception, why: str) -> None:
    found = failing(error)
    assert found.fitness is Fitness.FAILED
    assert why in found.why
    assert "1912" not in found.why


def test_what_hangs_has_failed_in_time_and_is_not_asked_twice() -> None:
    hang, asked = Event(), []

    def stuck() -> Finding:
        asked.append(1)
        hang.wait(30)
        return FINE

    ready = Readiness({"first": lambda: FINE, "stuck": stuck, "after": lambda: FINE}, seconds=0.2)
    for _ in range(3):
        began = time.monotonic()
        found = ready.look()
        assert time.monotonic() - began < 5
        assert [one.fitness for one in found.values()] == ["ok", "failed", "failed"]
    assert len(asked) == 1
    hang.set()
    time.sleep(1.1)
    assert ready.look()["after"].fitness is Fitness.OK


@pytest.fixture
def found() -> dict[str, Finding]:
    """What is found of the parts."""
    return {"tables": FINE, "outgoing": Finding(Fitness.LATE, "a message is late")}


@pytest.fixture
def stopping() -> Event:
    """Whether the process is told to stop."""
    return Event()


@pytest.fixture
def address(found: Mapping[str, Finding], stopping: Event) -> Iterator[tuple[str, int]]:
    """Where health and metrics are served."""
    with closing(listen("127.0.0.1", 0)) as listener:
        served = Endpoint(listener, lambda: found, lambda: b"fastkontakt_x 1\n", stopping.is_set)
        served.start()
        yield listener.getsockname()
        served.stop()


def ask(address: tuple[str, int], path: str, method: str = "GET") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(*address, timeout=20)
    with closing(connection):
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_what_is_late_is_told_and_ready_all_the_same(address: tuple[str, int]) -> None:
    status, body = ask(address, "/health/ready")
    assert (status, json.loads(body)["ready"]) == (200, True)
    assert json.loads(body)["parts"]["outgoing"] == {"state": "late", "why": "a message is late"}


def test_what_has_failed_is_not_ready(address: tuple[str, int], found: dict[str, Finding]) -> None:
    found["tables"] = Finding(Fitness.FAILED, "old")
    status, body = ask(address, "/health/ready")
    assert (status, json.loads(body)["ready"]) == (503, False)
    assert ask(address, "/health/live") == (200, b'{"live": true}\n')


def test_who_is_stopping_is_not_ready(address: tuple[str, int], stopping: Event) -> None:
    stopping.set()
    status, body = ask(address, "/health/ready")
    assert (status, json.loads(body)["stopping"]) == (503, True)


def test_other_paths_methods_and_what_is_no_http(address: tuple[str, int]) -> None:
    assert ask(address, "/metrics?x=1") == (200, b"fastkontakt_x 1\n")
    assert ask(address, "/metrics", "HEAD") == (200, b"")
    assert ask(address, "/191212121212")[0] == 404
    assert ask(address, "/metrics", "BREW")[0] == 501
    with socket.create_connection(address) as rude:
        rude.sendall(b"\x16\x03\x01\r\n191212121212\r\n\r\n")
        rude.settimeout(20)
        assert b"1912" not in rude.recv(10_000)


def test_silent_connections_are_cut_and_others_answered(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "_IDLE_SECONDS", 1)
    silent = [socket.create_connection(address) for _ in range(40)]
    give_up = time.monotonic() + 20
    while True:
        try:
            assert ask(address, "/health/live")[0] == 200
            break
        except (http.client.HTTPException, OSError):
            assert time.monotonic() < give_up
            time.sleep(0.1)
    for one in silent:
        one.settimeout(20)
        assert one.recv(100) == b""
        one.close()


def test_an_address_that_cannot_be_had_is_one_line(address: tuple[str, int]) -> None:
    with pytest.raises(MonitoringError, match=r"monitoring\.port.*cannot be had"):
        listen(*address)
    with pytest.raises(MonitoringError, match=r"monitoring\.host"):
        listen("no.such.host.invalid", 0)


def test_what_is_done_meanwhile_may_fail_and_is_told_once() -> None:
    done: list[int] = []

    def fail() -> None:
        done.append(1)
        raise RuntimeError("191212121212")

    with closing(listen("127.0.0.1", 0)) as listener, capture_logs() as events:
        served = Endpoint(listener, dict, bytes, lambda: False)
        served.often(fail)
        served.start()
        give_up = time.monotonic() + 20
        while len(done) < 3:
            assert time.monotonic() < give_up
            time.sleep(0.05)
        assert ask(listener.getsockname(), "/health/live")[0] == 200
        served.stop()
    assert [(one["event"], one["error"]) for one in events] == [("monitoring_failed", "RuntimeError")]
