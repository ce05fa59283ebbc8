"""The bench of served calls in rounds of a moment: all is measured, and its pieces do what they say."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from contracts import oids
from contracts.identifiers import PersonId
from fastkontakt.settings import load
from tests.bench import figures, profile
from tests.bench.serving import filled, report, standin, writing
from tests.bench.serving.demo import application_of, demo_register
from tests.bench.serving.demo import call as call_application
from tests.bench.serving.load import call
from tests.bench.serving.main import main
from tests.bench.serving.request import READ, of_demo
from tests.messages import person_root
from tests.soap import check_exchange
from tests.strength import QUICK, sized

RESIDENTS = 460
"""Two at each unit."""

CALLERS = ["--contract", "GetListing", "--connections", "2", "4"]
MOMENT = ["--rounds", "1", "--seconds", "0.5", "--warm", "0.5", *CALLERS]
SERVICE = f"SQLite, {RESIDENTS} residents"

RIGHT = (b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", b"right")


def test_a_moment_of_calls_is_measured_as_a_long_run_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.bench.serving.writing.RESIDENTS", RESIDENTS)
    written, recorded = tmp_path / "figures.json", tmp_path / "recorded.json"
    files = ["--folder", str(tmp_path), "--json", str(written), "--recorded", str(recorded), "--record"]

    code = main([*MOMENT, "--residents", str(RESIDENTS), *files], copies=QUICK)

    assert code == 0, capsys.readouterr()
    content = json.loads(written.read_text("utf-8"))
    cases = {f"GetListing, {SERVICE}, {callers} callers" for callers in (2, 4)}
    assert set(content["ratios"]) == cases
    for found in content["ratios"].values():
        assert set(found) == {f"{what}, of {one}" for what in ("CPU", "calls") for one in report.STAND_INS}
    assert json.loads(recorded.read_text("utf-8")) == content["ratios"]
    needs = {one["name"]: one for one in content["required"]}
    assert len([name for name, one in needs.items() if "wrong answers" in name and one["met"]]) == 2 + 4
    assert needs[f"{SERVICE}: {writing.WRITES}: CreateListing"]["value"] > 0
    assert sorted(tmp_path.iterdir()) == sorted([written, recorded])


@pytest.mark.parametrize("contract", READ)
def test_a_register_of_a_size_that_is_asked_for_answers_about_all_its_residents(
    empty_database: str, tmp_path: Path, contract: str
) -> None:
    filled.fill(empty_database, RESIDENTS)
    asked = filled.asked(contract, RESIDENTS)

    with application_of(load(filled.settings(tmp_path, empty_database))) as (application, _):
        for one in asked[::40]:
            answer = call_application(application, one)
            assert check_exchange(one.body, answer)
            assert one.contains in answer
    assert len({one.body for one in asked}) == RESIDENTS


@contextmanager
def peer(*answers: bytes) -> Iterator[tuple[str, int]]:
    """A server that gives each connection these answers, one a request, and closes it."""

    def serve(connection: socket.socket) -> None:
        with connection:
            for answer in answers:
                if not connection.recv(1 << 16):
                    return
                half = len(answer) // 2
                connection.sendall(answer[:half])
                connection.sendall(answer[half:])

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,)).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        accepting = threading.Thread(target=accept)
        accepting.start()
        yield listening.getsockname()
        listening.shutdown(socket.SHUT_RDWR)
    accepting.join()


def http_answer(status: str, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def test_answers_are_told_apart_by_status_and_content() -> None:
    closing = http_answer("200 OK", b"all right", "Connection: close")
    answers = (http_answer("200 OK", b"another"), http_answer("503 Service Unavailable", b"right"), closing)

    with peer(*answers) as address:
        found = call(address, [RIGHT], connections=2, seconds=0.2)

    assert set(found.wrong) == {"HTTP 200, and not the answer wanted"}
    assert found.right > 0
    assert abs(found.right - found.refused) <= 2
    assert abs(found.right - found.wrong["HTTP 200, and not the answer wanted"]) <= 2
    assert found.p50 <= found.p95 <= found.p99 <= found.slowest


def test_a_connection_that_is_closed_without_an_answer_counts_and_the_next_call_has_another() -> None:
    with peer(http_answer("200 OK", b"right"), b"") as address:
        found = call(address, [RIGHT], connections=1, seconds=0.2)

    assert found.right > 1
    assert set(found.wrong) <= {"no answer: closed", "no answer: ConnectionResetError"}
    assert found.wrong


def test_calls_at_a_pace_are_no_more_than_that() -> None:
    with peer(*[http_answer("200 OK", b"right")] * 100) as address:
        found = call(address, [RIGHT], connections=2, seconds=0.5, per_second=20)

    assert 5 <= found.right <= 11
    assert not found.wrong


def test_a_ratio_that_is_worse_than_recorded_is_named() -> None:
    recorded = {"a case": {"calls, of bare": 0.8, "CPU, of bare": 1.0}, "another": {"calls, of bare": 1.0}}

    assert report.worse(recorded, {"a case": {"calls, of bare": 0.61, "CPU, of bare": 1.24}}) == []
    assert report.worse(recorded, {"a case": {"calls, of bare": 0.59, "CPU, of bare": 1.26}}) == [
        "a case: calls, of bare: 0.59, recorded 0.8",
        "a case: CPU, of bare: 1.26, recorded 1",
    ]
    assert report.worse(recorded, {"a case": {"calls, of bare": 2.0, "CPU, of bare": 0.1}}) == []


def test_person_numbers_are_different_and_right_also_beyond_the_official_ones() -> None:
    beyond = list(islice(filled.beyond_official(), 2500))

    assert len(set(beyond)) == len(beyond)
    for number in beyond:
        assert PersonId.parse(person_root(number), number).extension == number
    assert {person_root(number) for number in beyond} == {oids.PERSONNUMMER, oids.SAMORDNINGSNUMMER}
    assert {number[:4] for number in beyond} == {"1800"}
    assert filled.MOST_RESIDENTS > 10_600_000


def environ(body: bytes) -> dict[str, Any]:
    return {"REQUEST_METHOD": "POST", "wsgi.input": BytesIO(body)}


def test_the_bare_stand_in_builds_the_answer_it_was_given(tmp_path: Path) -> None:
    request = of_demo("GetListing")
    with application_of(demo_register(tmp_path)) as (application, _):
        demo = call_application(application, request)
    (tmp_path / standin.ANSWER).write_bytes(demo)

    (built,) = standin.bare(tmp_path)(environ(request.body), lambda *_: None)

    assert check_exchange(request.body, built)
    assert etree.tostring(etree.fromstring(built), method="c14n") == etree.tostring(
        etree.fromstring(demo), method="c14n"
    )


def test_the_profile_says_where_a_call_spends_its_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert profile.main(["--calls", sized(quick="20", full="200"), "--folder", str(tmp_path)]) == 0

    printed = capsys.readouterr().out
    for name in (*profile.SEGMENTS, "a call"):
        assert f"\n| {name} | " in printed
    assert profile.segment(["sqlalchemy/engine/base.py", "register/audit.py"]) == "audit row, durable"
    assert profile.segment(["sqlalchemy/engine/base.py", "listings/current.py"]) == "statements"
    assert (
        profile.segment(["threading.py", "producer/handler.py", "spyne/application.py"])
        == "HTTP side and handler"
    )


def test_both_tables_have_a_place_of_their_own_on_the_page() -> None:
    page = figures.PAGE.read_text("utf-8")

    changed = figures.with_figures(page, "CALLS", figures.SERVING)

    assert "\nCALLS\n" in changed
    for marks in (figures.LOADS, figures.SERVING):
        assert [changed.count(mark) for mark in marks] == [1, 1]
