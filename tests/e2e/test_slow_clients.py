"""Clients that send slowly, or nothing: they hold nobody up, and are cut after a time."""

import re
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.bench import slow
from tests.e2e.processes import Server, serving
from tests.e2e.slow_clients import (
    HALF_BODY,
    HEAD,
    KINDS,
    REQUEST,
    REQUEST_LINE,
    WHOLE,
    begun,
    calls,
    percentile,
    rest,
)
from tests.strength import QUICK, sized

EACH = sized(quick=100, full=300)
SHORT = {
    "FASTKONTAKT_SERVER__HEAD_SECONDS": "1",
    "FASTKONTAKT_SERVER__BODY_SECONDS": "2",
    "FASTKONTAKT_SERVER__KEEP_ALIVE_SECONDS": "2",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def cut(server: Server) -> dict[str, int]:
    """Return how many connections the log says were cut, by reason."""
    found: dict[str, int] = {}
    for line in server.errors:
        event = re.search(r"event=connection_cut .*", line)
        if event:
            reason = re.search(r"reason=(\w+)", event[0])
            number = re.search(r"connections=(\d+)", event[0])
            assert reason is not None
            assert number is not None
            found[reason[1]] = found.get(reason[1], 0) + int(number[1])
    return found


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_slow_and_silent_clients_hold_up_no_call(folder: Path) -> None:
    """With as many of each kind as there are, calls take as long as without them (bench: figures)."""
    with serving("--demo", cwd=folder) as server, ExitStack() as stack:
        idle = calls(server, 60)
        for sent in KINDS.values():
            stack.enter_context(begun(server, sent, EACH))
        beset = calls(server, 60)
        # Three times is what is wanted; this machine does other things beside, so a floor.
        assert percentile(beset, 90) < max(3 * percentile(idle, 90), 0.25)


def test_they_are_cut_after_a_time_and_counted(folder: Path) -> None:
    with serving("--demo", cwd=folder, variables=SHORT) as server, ExitStack() as stack:
        opened = {kind: stack.enter_context(begun(server, sent, 5)) for kind, sent in KINDS.items()}
        began = time.monotonic()
        for kind, connections in opened.items():
            for one in connections:
                said = rest(one)
                assert said == b"" if kind == "silent" else said.startswith(b"HTTP/1.1 408 "), (kind, said)
        assert time.monotonic() - began < 20
        wait_until(lambda: sum(cut(server).values()) == 20)
        assert cut(server) == {"head": 15, "body": 5}


def test_one_that_goes_on_sending_is_cut_all_the_same(folder: Path) -> None:
    """A byte now and then keeps no connection: the time is that of the whole head."""
    with serving("--demo", "--workers", "1", cwd=folder, variables=SHORT) as server:
        with begun(server, REQUEST_LINE) as (one,):
            one.settimeout(0.2)
            began, got = time.monotonic(), b""
            while not got:
                try:
                    one.sendall(b"a")
                    got = one.recv(100)
                except TimeoutError:
                    continue
                except ConnectionError:
                    break
                assert time.monotonic() - began < 20
        wait_until(lambda: cut(server) == {"head": 1})


def test_an_idle_connection_is_kept_for_its_own_time(folder: Path) -> None:
    """That of keep-alive, not that of a head; and what is cut then is no event."""
    variables = SHORT | {"FASTKONTAKT_SERVER__KEEP_ALIVE_SECONDS": "4"}
    with serving("--demo", "--workers", "1", cwd=folder, variables=variables) as server:
        with begun(server, WHOLE) as (one,):
            assert one.recv(65536).startswith(b"HTTP/1.1 200 ")
            time.sleep(2)
            one.sendall(WHOLE)
            assert one.recv(65536).startswith(b"HTTP/1.1 200 ")
            assert rest(one) == b""
        assert cut(server) == {}


def test_a_client_that_does_not_read_its_answer_is_cut(folder: Path) -> None:
    """However much it asks for: requests that follow wait until the answers before them are gone."""
    with serving("--demo", "--workers", "1", cwd=folder, variables=SHORT) as server:
        with begun(server, b"") as (one,):
            one.settimeout(0.5)
            give_up = time.monotonic() + 30
            while cut(server) != {"answer": 1}:
                assert time.monotonic() < give_up
                with suppress(OSError):  # it takes no more, or has ended the connection
                    one.send(WHOLE * 20)
                    continue
                time.sleep(0.1)
        assert len(calls(server, 3)) == 3


def test_a_peer_has_so_many_connections_and_its_slowest_goes_first(folder: Path) -> None:
    variables = {"FASTKONTAKT_SERVER__CONNECTIONS_PER_PEER": "10"}
    with (
        serving("--demo", "--workers", "1", cwd=folder, variables=variables) as server,
        begun(server, HALF_BODY, 30) as opened,
    ):
        assert len(calls(server, 3)) == 3
        wait_until(lambda: cut(server) == {"peer": 21})
        for one in opened[:20]:
            assert rest(one) == b""
        one = opened[-1]
        one.sendall(REQUEST[100:])
        assert one.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_bodies_that_do_not_end_hold_no_memory(folder: Path) -> None:
    """Each is within its limit; what they are together is limited too."""
    large = HEAD.replace(f"Content-Length: {len(REQUEST)}".encode(), b"Content-Length: 1048576")
    with (
        serving("--demo", "--workers", "1", cwd=folder) as server,
        begun(server, large + b"\r\n" + b" " * 1_000_000, 80),
    ):
        wait_until(lambda: cut(server).get("memory", 0) >= 10)
        assert len(calls(server, 3)) == 3


def test_requests_sent_at_once_are_answered_in_their_order(demo: Server) -> None:
    other = b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = other.replace(b"Host: localhost", b"Host: localhost\r\nConnection: close")
    with begun(demo, WHOLE + other + WHOLE + last) as (one,):
        said = rest(one)
    assert re.findall(rb"HTTP/1.1 (\d+)", said) == [b"200", b"404", b"200", b"404"]


def test_a_body_is_sent_when_the_server_says_so(demo: Server) -> None:
    with begun(demo, HEAD + b"Expect: 100-continue\r\n\r\n") as (one,):
        assert one.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        one.sendall(REQUEST)
        assert one.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_a_body_that_ends_early_is_not_carried_out(demo: Server) -> None:
    def answered() -> int:
        return sum("event=request_answered" in line for line in demo.errors)

    before = answered()
    with begun(demo, HEAD + b"\r\n" + REQUEST[:-1]) as (one,):
        one.shutdown(socket.SHUT_WR)
        assert rest(one) == b""
    assert answered() == before


def test_the_bench_measures_them_for_a_moment_too(capsys: pytest.CaptureFixture[str]) -> None:
    slow.main(["--each", "3", "--rounds", "1", "--seconds", "0.3"], copies=QUICK)
    shown = capsys.readouterr().out
    assert re.findall(r"^\| 3 of each \|.* \| 0 \|$", shown, re.MULTILINE)
    assert re.findall(r"^\| 400 \|", shown, re.MULTILINE)
