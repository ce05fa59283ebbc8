"""Stopping: nothing accepted is lost, nothing new is taken, and nobody is waited for without need."""

import http.client
import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import requests

from tests.e2e.processes import serving
from tests.e2e.slow_clients import (
    HALF_BODY,
    HALF_HEAD,
    REQUEST,
    REQUEST_LINE,
    SILENT,
    WHOLE,
    begun,
    place_of,
    rest,
)
from tests.e2e.small_server import small_server
from tests.strength import sized

SECONDS = 8
"""Five on an idle machine."""


def until(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 30
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_nobody_who_has_sent_half_a_request_is_waited_for(tmp_path: Path) -> None:
    with serving("--demo", cwd=tmp_path) as server, ExitStack() as stack:
        for sent in (SILENT, REQUEST_LINE, HALF_HEAD, HALF_BODY, WHOLE):
            stack.enter_context(begun(server, sent, 3))
        time.sleep(0.3)
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < SECONDS


def test_what_has_come_whole_is_answered(tmp_path: Path) -> None:
    """What is being answered, and what waits for a thread; each is told that the connection ends."""
    with (
        serving(cwd=tmp_path, script=small_server(threads=2, queue_seconds=30.0)) as server,
        ExitStack() as stack,
    ):
        sent = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n1.0"
        opened = stack.enter_context(begun(server, sent, 6))
        time.sleep(0.5)
        assert server.stop() == 0
        answers = [rest(one) for one in opened]
        assert all(one.startswith(b"HTTP/1.1 200 OK\r\n") for one in answers), answers
        assert sum(b"Connection: close" in one for one in answers) >= 4


def test_a_body_on_its_way_is_taken_in(tmp_path: Path) -> None:
    with serving("--demo", "--workers", "1", cwd=tmp_path) as server, begun(server, HALF_BODY) as (one,):
        time.sleep(0.3)
        with ThreadPoolExecutor(1) as pool:
            stopped = pool.submit(server.stop)
            time.sleep(1)
            one.sendall(REQUEST[100:])
            answer = rest(one)
            assert stopped.result() == 0
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"Connection: close" in answer


def test_a_request_on_a_kept_connection_is_answered_while_it_stops(tmp_path: Path) -> None:
    """The client has been told that the connection is kept, and its request crosses the stop."""
    with serving("--demo", "--workers", "1", cwd=tmp_path) as server, begun(server, WHOLE) as (one,):
        assert one.recv(65536).startswith(b"HTTP/1.1 200 ")
        with ThreadPoolExecutor(1) as pool:
            stopped = pool.submit(server.stop)
            time.sleep(0.4)
            one.sendall(WHOLE)
            answer = rest(one)
            assert stopped.result() == 0
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"Connection: close" in answer


def client(place: tuple[str, int], answered: threading.Semaphore, stopping: threading.Event) -> list[str]:
    """Open a connection for each call until nobody listens any more; return what came of each call."""
    outcomes: list[str] = []
    while True:
        with closing(http.client.HTTPConnection(*place, timeout=30)) as connection:
            try:
                connection.connect()
            except (ConnectionRefusedError, ConnectionResetError):
                return outcomes
            try:
                connection.request("GET", "/", headers={"Connection": "close"})
                outcomes.append(str(connection.getresponse().status))
                answered.release()
            except OSError as error:
                outcomes.append(type(error).__name__)
                if stopping.is_set():
                    return outcomes


def test_clients_with_new_connections_get_answers_or_are_not_let_in(tmp_path: Path) -> None:
    """None gets a reset for an answer."""
    for _ in range(sized(quick=2, full=10)):
        with serving(cwd=tmp_path, script=small_server(workers=2)) as server, ThreadPoolExecutor(4) as pool:
            answered, stopping = threading.Semaphore(0), threading.Event()
            clients = [pool.submit(client, place_of(server), answered, stopping) for _ in range(4)]
            for _ in range(200):
                assert answered.acquire(timeout=30)
            stopping.set()
            assert server.stop() == 0
            outcomes = {one for client in clients for one in client.result()}
            assert outcomes == {"200"}


def test_nothing_new_is_taken(tmp_path: Path) -> None:
    with (
        serving(cwd=tmp_path, script=small_server(threads=1)) as server,
        ThreadPoolExecutor(1) as pool,
        begun(server, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n4") as (busy,),
    ):
        time.sleep(0.3)
        stopped = pool.submit(server.stop)

        def is_refused() -> bool:
            try:
                socket.create_connection(place_of(server)).close()
            except OSError:
                return True
            return False

        until(is_refused)
        assert not stopped.done()
        assert rest(busy).startswith(b"HTTP/1.1 200 OK\r\n")
        assert stopped.result() == 0


def test_who_takes_too_long_is_not_waited_for(tmp_path: Path) -> None:
    with (
        serving(cwd=tmp_path, script=small_server(stop_seconds=2)) as server,
        begun(server, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n60"),
    ):
        time.sleep(0.3)
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < SECONDS


def test_a_hangup_is_gone_on_from_and_nobody_can_steer_the_service_by_a_socket(tmp_path: Path) -> None:
    """What turns logs over sends SIGHUP; gunicorn has a socket by which workers can be stopped."""
    with serving(
        "--demo",
        "--workers",
        "1",
        cwd=tmp_path,
        variables={"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
    ) as server:
        for sent in (signal.SIGHUP, signal.SIGUSR2):
            server.process.send_signal(sent)
            time.sleep(0.5)
            assert requests.get(f"{server.base}/", timeout=30).status_code == 200
        assert server.process.poll() is None
        assert list(tmp_path.rglob("*.ctl")) == []
    assert sum("event=hangup_ignored" in line for line in server.errors) == 2
