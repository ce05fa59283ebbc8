"""``fastkontakt outbox``, and the senders that run in it and in ``fastkontakt serve``."""

import http.client
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner, Result

from contracts.clock import swedish, utc_now
from contracts.codes import PV
from fastkontakt.cli import app
from listings import region_messages
from listings.changes import ListingChanges
from listings.listing_log import Cause
from listings.region_messages import ListingUpdate
from register import claims, outgoing
from register.database import Register
from register.model import Resident
from register.outgoing import Task, TaskKind, TaskState
from register.tables import listing_request
from register.tables import outgoing as outgoing_table
from tests.databases import copy_register, keep, opened
from tests.e2e.processes import Process, run, serving, start
from tests.messages import path
from tests.platform import Platform
from tests.records import ANNA, BO, CLARA, DAN, PROVIDER, unit
from tests.soap import response

NOW = datetime(2026, 7, 10, 11, 0)
LOCAL = "2026-07-10 13:00:00"
AWAY = ListingUpdate("14", "17")
DEADLINE = 60
"""Seconds that a test waits for a process to do what it does within a second or two."""

SOON = 20
"""Seconds within which a process must have stopped that does not wait for anything."""

ANSWER = response(
    '<UpdateListingResponse xmlns="urn:riv:supportprocess:logistics:carelisting:UpdateListingResponder:2">'
    "<resultCode>OK</resultCode></UpdateListingResponse>"
)


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """A platform where every region answers OK."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Platform() as platform:
        platform.answer("17", ANSWER)
        yield platform


@pytest.fixture
def register(folder: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Register]:
    """The register that the commands find in the working folder."""
    monkeypatch.chdir(folder)
    monkeypatch.delenv("FASTKONTAKT_CONFIG", raising=False)
    (folder / "fastkontakt.toml").write_text("[regions.14]\n")
    copy_register(sqlite_template, folder / "fastkontakt.sqlite3")
    with opened(f"sqlite:///{folder / 'fastkontakt.sqlite3'}") as register:
        yield register


def write_settings(folder: Path, platform: Platform, more: str = "") -> None:
    (folder / "fastkontakt.toml").write_text(
        f"[regions.14]\n[call]\nendpoint = '{platform.base}'\n[outbox]\npoll_seconds = 0.05\n{more}\n"
    )


def add(register: Register, person: str = ANNA, *, to: str = "17", sender: str | None = None) -> int:
    with register.writing() as connection:
        return region_messages.enqueue(connection, to, person, AWAY, NOW, sender=sender)


def park(register: Register, person: str = ANNA, *, to: str = "17") -> int:
    message = stored(register, add(register, person, to=to, sender="test"))
    with register.writing() as connection:
        region_messages.give_back(connection, message, TaskState.PARKED, NOW, "VP007")
    return message.id


def end(register: Register, person: str = ANNA) -> int:
    message = stored(register, add(register, person, sender="test"))
    with register.writing() as connection:
        region_messages.give_back(connection, message, TaskState.DONE, NOW, "OK")
    return message.id


def states(register: Register, *ids: int) -> list[TaskState]:
    return [stored(register, one).state for one in ids]


def stored(register: Register, message_id: int) -> Task:
    with register.reading() as connection:
        message = outgoing.find(connection, TaskKind.MESSAGE, message_id)
    assert message is not None
    return message


def command(*arguments: str, answer: str = "") -> Result:
    done = CliRunner().invoke(app, ["outbox", *arguments], input=answer)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    for number in (ANNA, BO, CLARA, DAN):
        assert number not in done.output
    return done


def rows(shown: Result) -> list[list[str]]:
    """Return the cells of the table's rows: there is one blank within a cell, and more between cells."""
    return [re.split(r"\s{2,}", line.strip()) for line in shown.stdout.splitlines()[1:]]


def test_list_shows_what_is_to_be_sent_and_when_but_not_about_whom(register: Register) -> None:
    waiting, ended, parked = add(register), end(register, BO), park(register, CLARA)
    assert waiting < ended < parked

    shown = command("list")
    assert shown.exit_code == 0
    assert rows(shown) == [
        [str(waiting), "17", "waiting", "0", LOCAL, LOCAL],
        [str(parked), "17", "parked", "1", LOCAL, "VP007"],
    ]
    assert [row[0] for row in rows(command("list", "--all"))] == [str(waiting), str(ended), str(parked)]
    assert [row[2] for row in rows(command("list", "--state", "done", "--state", "parked"))] == [
        *("done", "parked")
    ]
    assert command("list", "--state", "lost").exit_code == 2


def test_list_names_the_regions_that_give_no_answer(register: Register) -> None:
    now = utc_now()
    with register.writing() as connection:
        claims.pause(connection, "17", now, now + timedelta(hours=1))
        claims.pause(connection, "01", now - timedelta(hours=2), now - timedelta(hours=1))
    local = swedish(now + timedelta(hours=1))
    shown = command("list").stdout.splitlines()
    assert shown == [
        "No messages wait, are being sent or are parked.",
        f"17 gives no answer; nothing is sent to it before {local:%Y-%m-%d %H:%M:%S}. "
        "To send at once: fastkontakt outbox retry --address 17",
    ]


def test_retry_takes_the_messages_named_and_tells_which_it_could_not(register: Register) -> None:
    parked, ended, other = park(register), end(register, BO), park(register, CLARA)
    sending = add(register, DAN, sender="test")

    done = command("retry", *map(str, (parked, ended, sending, 999)))

    assert done.exit_code == 1
    assert done.stdout == "1 to be sent now.\n"
    assert [line.split()[:3] for line in done.stderr.splitlines()] == [
        ["outbox:", "message", str(ended)],
        ["outbox:", "message", str(sending)],
        ["outbox:", "there", "is"],
    ]
    expected = [TaskState.WAITING, TaskState.DONE, TaskState.SENDING, TaskState.PARKED]
    assert states(register, parked, ended, sending, other) == expected


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (["--parked"], ["parked 17", "parked 01"]),
        (["--address", "17"], ["parked 17", "waiting 17"]),
        (["--address", "17", "--parked"], ["parked 17"]),
        (["--address", "20"], []),
    ],
)
def test_retry_takes_all_of_a_kind(register: Register, options: list[str], sent: list[str]) -> None:
    ids = {
        "parked 17": park(register),
        "parked 01": park(register, BO, to="01"),
        "waiting 17": add(register, CLARA),
    }
    later = NOW + timedelta(days=1)
    with register.writing() as connection:
        connection.execute(update(outgoing_table).values(next_attempt_at=later, attempted_at=NOW))

    done = command("retry", *options)

    assert (done.exit_code, done.stdout) == (0, f"{len(sent)} to be sent now.\n")
    now_due = [name for name, one in ids.items() if stored(register, one).next_attempt_at != later]
    assert now_due == sent


@pytest.mark.parametrize("arguments", [[], ["1", "--parked"], ["1", "--address", "17"], ["one"]])
def test_retry_wants_either_ids_or_a_kind(register: Register, arguments: list[str]) -> None:
    assert command("retry", *arguments).exit_code == 2


def test_drop_asks_first(register: Register) -> None:
    parked = park(register)
    assert command("drop", str(parked), answer="n\n").exit_code == 1
    assert states(register, parked) == [TaskState.PARKED]
    assert command("drop", str(parked), answer="y\n").exit_code == 0
    assert states(register, parked) == [TaskState.DROPPED]


def test_drop_tells_which_it_could_not(register: Register) -> None:
    waiting, ended = add(register), end(register, BO)
    done = command("drop", "--yes", *map(str, (ended, 999, waiting)))
    assert (done.exit_code, done.stdout) == (1, "1 given up.\n")
    assert len(done.stderr.splitlines()) == 2
    assert states(register, ended, waiting) == [TaskState.DONE, TaskState.DROPPED]


def test_drop_undoes_the_listing_that_waited(register: Register) -> None:
    centre = unit("centre")
    person = Resident(ANNA, home_county="17")
    keep(register, PROVIDER, centre, person)
    with register.writing() as connection:
        changes = ListingChanges(connection, swedish(NOW), {"14": 3}, Cause(source="CreateListing"))
        request_id, _ = changes.request(person, centre, (PV.code, PV.system))
        changes.finish()
        (message,) = outgoing.listed(connection, TaskKind.MESSAGE)
    message_id = message.id

    assert command("drop", "--yes", str(message_id)).exit_code == 0

    with register.reading() as connection:
        row = connection.execute(select(listing_request)).one()
    assert (row.id, row.state, row.result_code) == (request_id, "refused", "ERROR")
    assert states(register, message_id) == [TaskState.DROPPED]


def test_run_once_sends_what_is_due(register: Register, platform: Platform) -> None:
    message_id, parked = add(register), park(register, BO)

    done = run(
        "outbox", "run", "--once", cwd=Path.cwd(), variables={"FASTKONTAKT_CALL__ENDPOINT": platform.base}
    )

    assert (done.returncode, done.stdout) == (0, "1 sent, 1 done.\n"), done.stderr
    assert "event=message_delivered" in done.stderr
    assert ANNA not in done.stderr
    assert states(register, message_id, parked) == [TaskState.DONE, TaskState.PARKED]


def test_run_once_says_that_nothing_moved_why_and_until_when(register: Register, platform: Platform) -> None:
    add(register)
    variables = {"FASTKONTAKT_CALL__ENDPOINT": "http://127.0.0.1:9/nobody"}
    for sent in ("1 sent, 1 waiting.", "0 sent."):
        done = run("outbox", "run", "--once", cwd=Path.cwd(), variables=variables)
        first, second = done.stdout.splitlines()
        assert (done.returncode, first) == (1, sent), done.stderr
        assert second.startswith("17 gives no answer; nothing is sent to it before ")
    assert command("retry", "--address", "17").stdout == "1 to be sent now.\n"
    variables = {"FASTKONTAKT_CALL__ENDPOINT": platform.base}
    done = run("outbox", "run", "--once", cwd=Path.cwd(), variables=variables)
    assert (done.returncode, done.stdout) == (0, "1 sent, 1 done.\n"), done.stderr


def test_run_without_a_region_is_told_so(folder: Path) -> None:
    done = run("outbox", "run", cwd=folder)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "[regions.NN]" in done.stderr


@contextmanager
def sending(platform: Platform) -> Iterator[Process]:
    """Run ``fastkontakt outbox run`` until the block ends; what it logs is in the file ``log``."""
    write_settings(Path.cwd(), platform)
    with Path("log").open("wb") as log:
        process = start("outbox", "run", cwd=Path.cwd(), output=log, errors=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def wait_until(what: Callable[[], bool]) -> None:
    give_up = time.monotonic() + DEADLINE
    while not what():
        assert time.monotonic() < give_up, "it did not come"
        time.sleep(0.02)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT], ids=lambda one: one.name)
def test_run_sends_until_it_is_stopped_and_finishes_its_calls(
    register: Register, platform: Platform, stop: signal.Signals
) -> None:
    with sending(platform) as process:
        delivered = add(register)
        wait_until(lambda: states(register, delivered) == [TaskState.DONE])
        platform.hang("17")
        hanging = add(register, BO)
        wait_until(lambda: len(platform.calls()) == 2)
        process.send_signal(stop)
        platform.let_go()
        assert process.wait(DEADLINE) == 0
    assert "Traceback" not in Path("log").read_text("utf-8")
    assert states(register, hanging) == [TaskState.WAITING]


def test_what_a_killed_sender_had_claimed_is_sent_when_the_claim_has_run_out(
    register: Register, platform: Platform
) -> None:
    platform.hang("17")
    message_id = add(register)
    with sending(platform) as process:
        wait_until(lambda: bool(platform.calls()))
        process.kill()
        process.wait(DEADLINE)
    assert states(register, message_id) == [TaskState.SENDING]
    platform.answer("17", ANSWER)
    with register.writing() as connection:
        connection.execute(update(outgoing_table).values(next_attempt_at=utc_now()))

    with sending(platform):
        wait_until(lambda: states(register, message_id) == [TaskState.DONE])
    assert len({call.correlation_id for call in platform.calls()}) == 1


def test_the_workers_of_serve_send_and_stop_without_waiting_for_a_region(
    register: Register, platform: Platform, folder: Path
) -> None:
    write_settings(folder, platform)
    with serving(cwd=folder) as server:
        delivered = add(register)
        wait_until(lambda: states(register, delivered) == [TaskState.DONE])
        platform.hang("17")
        hanging = add(register, BO)
        wait_until(lambda: len(platform.calls()) == 2)
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < SOON
    assert len({call.correlation_id for call in platform.calls()}) == 2, "a message was sent twice"
    assert states(register, hanging) == [TaskState.SENDING], "another sender takes it when the claim runs out"
    assert "Traceback" not in "".join(server.errors)


def test_serve_sends_nothing_where_it_is_told_not_to(
    register: Register, platform: Platform, folder: Path
) -> None:
    write_settings(folder, platform, "run_in_serve = false")
    message_id = add(register)
    with serving("--workers", "1", cwd=folder) as server:
        # A worker starts its sender before it takes its first request.
        connection = http.client.HTTPConnection(urlsplit(server.base).netloc, timeout=DEADLINE)
        connection.request("GET", f"{path('UpdateListing')}?wsdl")
        assert connection.getresponse().status == 200
        connection.close()
        assert server.stop() == 0
    assert states(register, message_id) == [TaskState.WAITING]


def test_the_regions_of_the_demo_call_each_other(folder: Path) -> None:
    with (
        serving(
            "--demo", "--workers", "1", cwd=folder, variables={"FASTKONTAKT_OUTBOX__POLL_SECONDS": "0.05"}
        ),
        opened(f"sqlite:///{folder / 'fastkontakt-demo.sqlite3'}") as register,
    ):
        message_id = add(register)
        wait_until(lambda: states(register, message_id) == [TaskState.DONE])
        # INFO: the message says that the resident lives elsewhere than the source of the demo does.
        assert stored(register, message_id).result == "INFO"
