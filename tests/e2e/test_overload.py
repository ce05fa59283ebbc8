"""More calls than can be answered in time, and calls that wait long by design."""

import http.client
import re
import sqlite3
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path

from tests.e2e.processes import Server, serving
from tests.e2e.slow_clients import REQUEST, calls, place_of
from tests.e2e.small_server import small_server
from tests.messages import path
from tests.soap import check_envelope


def post(server: Server, target: str, body: str) -> tuple[str, float, http.client.HTTPResponse]:
    """Return the reason phrase of the answer, how long it took, and the answer."""
    began = time.monotonic()
    with closing(http.client.HTTPConnection(*place_of(server), timeout=60)) as connection:
        connection.request("POST", target, body)
        answer = connection.getresponse()
        answer.read()
        return answer.reason, time.monotonic() - began, answer


def use(server: Server, threads: int) -> None:
    """Have each thread of a server answer once: before that nothing is refused."""
    with ThreadPoolExecutor(threads) as pool:
        assert [one[0] for one in pool.map(lambda _: post(server, "/", "0.3"), range(threads))] == [
            "OK"
        ] * threads


def test_what_cannot_be_answered_in_time_is_refused_in_time_and_counted(tmp_path: Path) -> None:
    """All threads are busy for longer than anybody may wait: the others hear so within a second or so."""
    with (
        serving(cwd=tmp_path, script=small_server(threads=2)) as server,
        ThreadPoolExecutor(30) as pool,
    ):
        use(server, 2)
        asked = [pool.submit(post, server, "/", "4") for _ in range(30)]
        answers = [one.result() for one in asked]
        refused = [seconds for reason, seconds, _ in answers if reason == "Refused"]
        assert len(refused) == 28
        assert max(refused) < 3  # one second on an idle machine
        assert [reason for reason, seconds, _ in answers if seconds > 3.5] == ["OK", "OK"]
        assert post(server, "/", "0")[0] == "OK"
        server.stop()
    assert sum(line == "counted call_refused overload\n" for line in server.output) == 28


def test_a_get_that_is_refused_is_plain_and_short(tmp_path: Path) -> None:
    with (
        serving(cwd=tmp_path, script=small_server(threads=1)) as server,
        ThreadPoolExecutor(1) as pool,
    ):
        use(server, 1)
        busy = pool.submit(post, server, "/", "3")
        time.sleep(0.5)
        with closing(http.client.HTTPConnection(*place_of(server), timeout=60)) as connection:
            connection.request("GET", "/")
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (503, b"Service Unavailable\n")
        assert busy.result()[0] == "OK"


def test_a_call_that_is_refused_gets_a_fault_with_a_log_id(tmp_path: Path) -> None:
    """The one thread that answers is held up by an audit log that another has locked, until it gives up."""
    variables = {"FASTKONTAKT_SERVER__THREADS": "1", "FASTKONTAKT_SERVER__QUEUE_SECONDS": "0.3"}
    with serving("--demo", "--workers", "1", cwd=tmp_path, variables=variables) as server:
        (audit,) = tmp_path.glob("*-audit.sqlite3")
        with closing(sqlite3.connect(audit, isolation_level=None)) as other, ThreadPoolExecutor(6) as pool:
            calls(server, 1)
            other.execute("BEGIN IMMEDIATE")

            def call() -> tuple[int, bytes, float]:
                began = time.monotonic()
                with closing(http.client.HTTPConnection(*place_of(server), timeout=60)) as connection:
                    connection.request(
                        "POST", path("GetListing"), REQUEST, {"Content-Type": "text/xml; charset=UTF-8"}
                    )
                    answer = connection.getresponse()
                    return answer.status, answer.read(), time.monotonic() - began

            asked = [pool.submit(call) for _ in range(6)]
            done = [one for one in asked if soon(one)]
            other.execute("ROLLBACK")
            assert len(done) == 6
            codes = []
            for status, body, seconds in (one.result() for one in done):
                text = check_envelope(body).findtext("faultstring")
                assert status == 500
                assert re.search(r"Log id: [0-9a-f-]{36}$", text)
                assert seconds < 3
                codes.append(text[:5])
            assert sorted(codes) == ["FK504", *["FK506"] * 5]
        server.stop()
    assert sum("outcome=FK506" in line for line in server.errors) == 5


def soon(one: Future[tuple[int, bytes, float]]) -> bool:
    return bool(wait([one], timeout=3).done)


def test_who_waits_by_design_holds_up_no_call(tmp_path: Path) -> None:
    """So many more than there are threads; one beyond what may wait is told so, and does without."""
    with (
        serving(cwd=tmp_path, script=small_server(threads=1, waiting=6)) as server,
        ThreadPoolExecutor(8) as pool,
    ):
        for _ in range(2):  # threads that have been away come back, and go again
            waiting = [pool.submit(post, server, "/wait", "3") for _ in range(6)]
            time.sleep(1)
            began = time.monotonic()
            assert [post(server, "/", "0")[0] for _ in range(5)] == ["OK"] * 5
            assert post(server, "/wait", "0")[0] == "Full"
            assert time.monotonic() - began < 2
            assert [one.result()[0] for one in waiting] == ["Room"] * 6
