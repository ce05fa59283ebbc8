"""The sender against a platform on loopback: what each answer leads to, when it tries again, who waits."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from consumer.outgoing.messages import MessageSender
from consumer.settings import CallSettings, OutboxSettings
from contracts import oids
from contracts.catalogue import by_name
from contracts.clock import swedish
from contracts.codes import PV
from contracts.messages import CV, II, Request, UpdateListing, read
from listings import region_messages
from listings.changes import ListingChanges
from listings.listing_log import Cause
from listings.region_messages import ListingUpdate
from register import claims, outgoing
from register.claims import LONGEST_CLAIM
from register.database import Register
from register.model import Resident, UnitListingType
from register.outgoing import Task, TaskKind, TaskState
from register.tables import listing, listing_change, listing_request, out_of_county_listing
from tests.databases import keep, opened_copy
from tests.peers import response_element
from tests.platform import Passed, Platform
from tests.producers import make_producer
from tests.records import ANNA, BO, COUNTY, OTHER_COUNTY, OTHER_ID, PROVIDER, REGION_TYPE, unit
from tests.soap import check_request, fault, response
from tests.strength import QUICK

SQLITE_ALONE = QUICK

NOW = datetime(2026, 3, 10, 11, 0)
MINUTE = timedelta(minutes=1)
MOMENT = timedelta(milliseconds=1)
PATIENCE = 0.3
"""Seconds that a sender waits for an answer that never comes."""
DEADLINE = 20
"""Seconds that a test waits for what comes at once, however busy the machine is."""

AWAY = ListingUpdate(COUNTY, OTHER_COUNTY)
LOG_ID = "7b9f5e6a-6c1c-4c1e-9a53-0d2f8f3f1c11"
LIMITS = {COUNTY: 3}
MESSAGE = UpdateListing(II(oids.PERSONNUMMER, ANNA), II(oids.COUNTY, COUNTY), II(oids.COUNTY, OTHER_COUNTY))


class Clock:
    """The present, which a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def platform() -> Iterator[Platform]:
    """A platform where both regions answer OK."""
    with Platform() as platform:
        for address in (COUNTY, OTHER_COUNTY):
            platform.answer(address, answer("OK"))
        yield platform


def make_sender(register: Register, platform: Platform, clock: Clock, **settings: Any) -> MessageSender:
    call = {"endpoint": platform.base, "connect_timeout_seconds": DEADLINE}
    call |= {"read_timeout_seconds": DEADLINE} | settings.pop("call", {})
    settings = {"calls_per_second": 1000, "poll_seconds": 0.01} | settings
    return MessageSender(
        register,
        CallSettings.model_validate(call),
        OutboxSettings.model_validate(settings),
        LIMITS,
        utc_now=clock,
        jitter=lambda: 0,
    )


@pytest.fixture
def sender(register: Register, platform: Platform, clock: Clock) -> MessageSender:
    return make_sender(register, platform, clock)


def answer(code: str, text: str = "") -> bytes:
    text = f"<resultText>{text}</resultText>" if text else ""
    return response(response_element(MESSAGE, f"<resultCode>{code}</resultCode>{text}"))


def add(register: Register, person: str = ANNA, content: ListingUpdate = AWAY, **options: Any) -> int:
    address = options.pop("to", OTHER_COUNTY)
    with register.writing() as connection:
        return region_messages.enqueue(connection, address, person, content, NOW, **options)


def stored(register: Register, message_id: int) -> Task:
    with register.reading() as connection:
        message = outgoing.find(connection, TaskKind.MESSAGE, message_id)
    assert message is not None
    return message


def sent(call: Passed) -> Request:
    return read(by_name("UpdateListing"), check_request(call.request))


def is_paused(register: Register, clock: Clock, address: str = OTHER_COUNTY) -> bool:
    with register.reading() as connection:
        return address in claims.paused(connection, clock.now)


def wait_until(what: Callable[[], bool]) -> None:
    give_up = time.monotonic() + DEADLINE
    while not what():
        assert time.monotonic() < give_up, "it did not come"
        time.sleep(0.005)


@contextmanager
def running(sender: MessageSender) -> Iterator[threading.Event]:
    """Have a sender run until the block ends; gives the event that stops it."""
    stop = threading.Event()
    thread = threading.Thread(target=sender.run, args=(stop,))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(DEADLINE)
        assert not thread.is_alive()


# The answer of the region or the platform -> what becomes of the message, and whether the address is paused.
ANSWERS: dict[str, tuple[Callable[[Platform], None], TaskState, str, bool]] = {
    "OK": (lambda p: p.answer("01", answer("OK")), TaskState.DONE, "OK", False),
    "INFO": (lambda p: p.answer("01", answer("INFO", "Hej")), TaskState.DONE, "INFO", False),
    "ERROR": (
        lambda p: p.answer("01", answer("ERROR", f"Anna Annasson {ANNA}. Logg-id: {LOG_ID}")),
        TaskState.REFUSED,
        f"ERROR, log id {LOG_ID}",
        False,
    ),
    "yearly limit": (
        lambda p: p.answer("01", answer("ERROR_MAXIMUM_ANNUAL_UPDATES_EXCEEDED")),
        TaskState.REFUSED,
        "ERROR_MAXIMUM_ANNUAL_UPDATES_EXCEEDED",
        False,
    ),
    "VP007": (lambda p: p.fault("01", "VP007"), TaskState.PARKED, "VP007", False),
    "VP004": (lambda p: p.fault("01", "VP004"), TaskState.PARKED, "VP004", False),
    "VP016": (lambda p: p.fault("01", "VP016"), TaskState.PARKED, "VP016", False),
    "403": (lambda p: p.denied("01"), TaskState.PARKED, "VP009, HTTP 403", False),
    "403 without the platform": (
        lambda p: p.answer("01", b"<html/>", status=403, checked=False),
        TaskState.PARKED,
        "http: HTTP 403 without a Fault: the body is not a SOAP 1.1 envelope",
        False,
    ),
    "Client": (
        lambda p: p.answer("01", fault("soap:Client", f"{ANNA} {LOG_ID}"), status=500),
        TaskState.PARKED,
        f"Fault Client, log id {LOG_ID}",
        False,
    ),
    "Server": (
        lambda p: p.answer("01", fault("soap:Server", f"Anna {ANNA}"), status=500),
        TaskState.WAITING,
        "Fault Server",
        False,
    ),
    "VP009": (lambda p: p.down("01"), TaskState.WAITING, "VP009", True),
    "VP008": (lambda p: p.fault("01", "VP008"), TaskState.WAITING, "VP008", True),
    "silence": (
        lambda p: p.hang("01"),
        TaskState.WAITING,
        f"timeout: no answer within {PATIENCE} s",
        True,
    ),
    "503": (
        lambda p: p.answer("01", b"", status=503, checked=False),
        TaskState.WAITING,
        "http: HTTP 503 without a Fault: the body is empty",
        True,
    ),
    "no SOAP": (
        lambda p: p.answer("01", ANNA.encode(), checked=False),
        TaskState.WAITING,
        "not_soap: HTTP 200 without a Fault: the body is not well-formed XML (line 1, column 1)",
        True,
    ),
    "no resultCode": (
        lambda p: p.answer("01", response(response_element(MESSAGE, "")), checked=False),
        TaskState.WAITING,
        "an answer that breaks its schema: The content of element",
        False,
    ),
    "unknown resultCode": (
        lambda p: p.answer("01", answer("KANSKE"), checked=False),
        TaskState.WAITING,
        "an answer that breaks its schema: ",
        False,
    ),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_what_each_answer_leads_to(register: Register, platform: Platform, clock: Clock, case: str) -> None:
    prepare, state, result, paused = ANSWERS[case]
    prepare(platform)
    patience = {"read_timeout_seconds": PATIENCE if case == "silence" else DEADLINE}
    message_id = add(register)

    with capture_logs() as logged:
        assert make_sender(register, platform, clock, call=patience).run_once() == 1

    message = stored(register, message_id)
    assert (message.state, message.attempts) == (state, 1)
    assert message.result is not None
    assert message.result.startswith(result)
    if state is TaskState.WAITING:
        assert message.next_attempt_at == NOW + 5 * MINUTE
    assert is_paused(register, clock) == paused
    levels = {
        TaskState.DONE: "info",
        TaskState.WAITING: "warning",
        TaskState.PARKED: "error",
        TaskState.REFUSED: "error",
    }
    assert [event["log_level"] for event in logged] == [levels[state]]
    for told in (message.result, str(logged)):
        assert "Anna" not in told
        assert ANNA not in told


@pytest.mark.parametrize("case", [case for case, row in ANSWERS.items() if row[1] is not TaskState.WAITING])
@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_what_was_answered_or_parked_is_never_sent_again(
    register: Register, platform: Platform, sender: MessageSender, clock: Clock, case: str
) -> None:
    ANSWERS[case][0](platform)
    add(register)
    sender.run_once()
    clock.now += timedelta(days=400)
    assert sender.run_once() == 0
    assert len(platform.calls()) == 1


def test_the_request_says_what_the_message_says(
    register: Register, platform: Platform, sender: MessageSender
) -> None:
    add(register)
    add(register, OTHER_ID, ListingUpdate(OTHER_COUNTY, COUNTY, *REGION_TYPE), to=COUNTY)

    assert sender.run_once() == 2

    (plain,), (other,) = platform.calls(OTHER_COUNTY), platform.calls(COUNTY)
    assert sent(plain) == MESSAGE
    assert sent(other) == UpdateListing(
        II(oids.SAMORDNINGSNUMMER, OTHER_ID),
        II(oids.COUNTY, OTHER_COUNTY),
        II(oids.COUNTY, COUNTY),
        CV(*REGION_TYPE),
    )


def test_waits_double_to_the_longest_and_it_is_the_same_message_each_time(
    register: Register, platform: Platform, clock: Clock
) -> None:
    sender = make_sender(register, platform, clock, longest_retry_minutes=120)
    platform.down(OTHER_COUNTY)
    message_id = add(register)

    for minutes in (5, 10, 20, 40, 80, 120, 120):
        assert sender.run_once() == 1
        assert stored(register, message_id).next_attempt_at == clock.now + minutes * MINUTE
        clock.now += minutes * MINUTE - MOMENT
        assert sender.run_once() == 0
        clock.now += MOMENT
    platform.up(OTHER_COUNTY)
    platform.answer(OTHER_COUNTY, answer("OK"))
    assert sender.run_once() == 1

    message = stored(register, message_id)
    assert (message.state, message.attempts) == (TaskState.DONE, 8)
    assert {call.correlation_id for call in platform.calls()} == {message.correlation_id}


def test_an_address_that_does_not_answer_is_left_alone_and_then_gets_all_that_waits(
    register: Register, platform: Platform, sender: MessageSender, clock: Clock
) -> None:
    ids = [add(register, person) for person in (ANNA, BO)]
    platform.down(OTHER_COUNTY)
    assert sender.run_once() == 1
    assert sender.run_once() == 0

    platform.answer(OTHER_COUNTY, answer("OK"))
    clock.now += 5 * MINUTE
    assert sender.run_once() == 2
    assert [stored(register, one).state for one in ids] == [TaskState.DONE] * 2
    assert not is_paused(register, clock)


def test_a_fault_about_one_message_holds_up_no_other(
    register: Register, platform: Platform, sender: MessageSender
) -> None:
    add(register)
    add(register, BO)
    platform.answer(OTHER_COUNTY, fault("soap:Server", "fel"), status=500)
    assert sender.run_once() == 2


def test_a_region_that_hangs_delays_no_other(register: Register, platform: Platform, clock: Clock) -> None:
    hanging = add(register)
    platform.hang(OTHER_COUNTY)
    sender = make_sender(register, platform, clock)
    with running(sender) as stop:
        wait_until(lambda: bool(platform.calls(OTHER_COUNTY)))
        for person in (ANNA, BO):
            other = add(register, person, to=COUNTY)
            wait_until(lambda one=other: stored(register, one).state is TaskState.DONE)  # type: ignore[misc]
        assert stored(register, hanging).state is TaskState.SENDING
        stop.set()
        platform.let_go()
    assert stored(register, hanging).state is TaskState.WAITING, "the call that was made was finished"


def test_messages_to_a_region_keep_to_its_rate(
    register: Register, platform: Platform, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    time_stands_still = SimpleNamespace(sleep=waits.append, monotonic=lambda: 0.0)
    monkeypatch.setattr("consumer.outgoing.messages.time", time_stands_still)
    for person in (ANNA, BO):
        add(register, person)
    make_sender(register, platform, clock, calls_per_second=0.5).run_once()
    assert waits == [0, 2]


def test_senders_at_once_send_each_message_once(register: Register, platform: Platform, clock: Clock) -> None:
    ids = [add(register, person, to=to) for person in (ANNA, BO, OTHER_ID) for to in (COUNTY, OTHER_COUNTY)]
    senders = [make_sender(register, platform, clock) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(MessageSender.run_once, senders)) == len(ids)
    assert len({call.correlation_id for call in platform.calls()}) == len(platform.calls()) == len(ids)
    assert {stored(register, one).state for one in ids} == {TaskState.DONE}


class Killed(BaseException):
    """The process ends here, without a word."""


def test_a_sender_killed_after_sending_leaves_a_message_that_is_sent_again_and_changes_nothing(
    register: Register,
    platform: Platform,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    sqlite_template: Path,
) -> None:
    def killed(*_: object) -> NoReturn:
        raise Killed

    with opened_copy(sqlite_template) as region:
        keep(region, Resident(ANNA, home_county=OTHER_COUNTY))
        platform.up(OTHER_COUNTY)
        platform.routes[OTHER_COUNTY] = make_producer(region, now=swedish(NOW))
        message_id = add(register, sender="waiting")
        with monkeypatch.context() as patch:
            patch.setattr(MessageSender, "_settle", killed)
            with pytest.raises(Killed):
                make_sender(register, platform, clock).deliver(message_id)
        tables = (listing, listing_request, out_of_county_listing, listing_change)
        with region.reading() as connection:
            before = [connection.execute(select(table)).all() for table in tables]
        assert before[2], "the region took it in"

        restarted = make_sender(register, platform, clock)
        assert restarted.run_once() == 0, "the claim still holds"
        clock.now += LONGEST_CLAIM
        assert restarted.run_once() == 1

        with region.reading() as connection:
            assert [connection.execute(select(table)).all() for table in tables] == before
    message = stored(register, message_id)
    assert (message.state, message.attempts) == (TaskState.DONE, 2)
    assert [call.correlation_id for call in platform.calls()] == [message.correlation_id] * 2


@pytest.fixture
def request_id(register: Register) -> str:
    """A listing of a resident of another county that waits for the home region."""
    centre = unit("centre")
    person = Resident(ANNA, home_county=OTHER_COUNTY)
    keep(register, PROVIDER, centre, UnitListingType(centre.hsa_id, PV.code, PV.system), person)
    with register.writing() as connection:
        changes = ListingChanges(connection, swedish(NOW), LIMITS, Cause(source="CreateListing"))
        request_id, _ = changes.request(person, centre, (PV.code, PV.system))
        changes.finish()
    return request_id


def came_of_it(register: Register, request_id: str) -> tuple[str, str | None, str | None, int]:
    """Return state, code and text of a request, and how many listings there are."""
    with register.reading() as connection:
        row = connection.execute(select(listing_request).where(listing_request.c.id == request_id)).one()
        listings = connection.execute(select(listing)).all()
    return row.state, row.result_code, row.result_text, len(listings)


@pytest.mark.parametrize("code", ["OK", "INFO"])
def test_a_listing_that_waited_is_done_when_the_home_region_agrees(
    register: Register, platform: Platform, sender: MessageSender, request_id: str, code: str
) -> None:
    platform.answer(OTHER_COUNTY, answer(code))
    assert sender.run_once() == 1
    assert came_of_it(register, request_id)[::3] == ("confirmed", 1)


def test_a_listing_that_the_home_region_refuses_is_undone_with_its_code_and_words(
    register: Register, platform: Platform, sender: MessageSender, request_id: str
) -> None:
    platform.answer(OTHER_COUNTY, answer("ERROR_MAXIMUM_ANNUAL_UPDATES_EXCEEDED", "Tre byten"))
    sender.run_once()
    refused = ("refused", "ERROR_MAXIMUM_ANNUAL_UPDATES_EXCEEDED", "Tre byten", 0)
    assert came_of_it(register, request_id) == refused


@pytest.mark.parametrize("case", [case for case, row in ANSWERS.items() if not row[2][:2].isupper()])
@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_a_listing_waits_on_as_long_as_the_home_region_has_not_answered(
    register: Register, platform: Platform, clock: Clock, request_id: str, case: str
) -> None:
    ANSWERS[case][0](platform)
    patience = {"read_timeout_seconds": PATIENCE if case == "silence" else DEADLINE}
    make_sender(register, platform, clock, call=patience).run_once()
    assert came_of_it(register, request_id)[::3] == ("waiting", 0)


def test_message_and_listing_are_settled_together_or_not_at_all(
    register: Register,
    platform: Platform,
    sender: MessageSender,
    clock: Clock,
    request_id: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> NoReturn:
        raise OperationalError("statement", {}, Exception(ANNA))

    with monkeypatch.context() as patch, capture_logs() as logged:
        patch.setattr(ListingChanges, "finish", fail)
        assert sender.run_once() == 1
    assert [(event["event"], event["error"]) for event in logged] == [("sender_failed", "OperationalError")]
    assert ANNA not in str(logged)
    assert came_of_it(register, request_id)[::3] == ("waiting", 0)
    with register.reading() as connection:
        assert [one.state for one in outgoing.listed(connection, TaskKind.MESSAGE)] == [TaskState.SENDING]

    clock.now += LONGEST_CLAIM
    assert sender.run_once() == 1
    assert came_of_it(register, request_id)[::3] == ("confirmed", 1)


def test_an_answer_that_comes_when_the_claim_has_run_out_counts_for_nothing(
    register: Register, platform: Platform, sender: MessageSender, clock: Clock, request_id: str
) -> None:
    claim = partial(claims.claim, register, TaskKind.MESSAGE, address=OTHER_COUNTY)
    (message,) = claim("slow", clock.now)
    (other,) = claim("quick", clock.now + LONGEST_CLAIM)

    with capture_logs() as logged:
        sender._send(message, sender._call)

    assert [event["event"] for event in logged] == ["message_claim_lost"]
    assert stored(register, message.id) == other
    assert came_of_it(register, request_id)[::3] == ("waiting", 0)


def test_deliver_waits_as_long_as_it_is_told_and_the_message_is_sent_later(
    register: Register, platform: Platform, clock: Clock
) -> None:
    platform.hang(OTHER_COUNTY)
    message_id = add(register, sender="waiting")
    make_sender(register, platform, clock, wait_seconds=PATIENCE).deliver(message_id)
    message = stored(register, message_id)
    assert (message.state, message.next_attempt_at) == (TaskState.WAITING, NOW + 5 * MINUTE)
    assert message.result == f"timeout: no answer within {PATIENCE} s"


def test_deliver_sends_what_was_claimed_and_nothing_else(
    register: Register, platform: Platform, sender: MessageSender
) -> None:
    claimed, waiting = add(register, sender="waiting"), add(register, BO)
    for message_id in (claimed, claimed, waiting, waiting + 1):
        sender.deliver(message_id)
    assert len(platform.calls()) == 1
    assert [stored(register, one).state for one in (claimed, waiting)] == [TaskState.DONE, TaskState.WAITING]


def test_deliver_survives_a_register_that_fails(
    register: Register, sender: MessageSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = add(register, sender="waiting")

    def fail(**_: object) -> NoReturn:
        raise OperationalError("statement", {}, Exception("gone"))

    with monkeypatch.context() as patch, capture_logs() as logged:
        patch.setattr(register, "writing", fail)
        sender.deliver(message_id)
    assert [event["event"] for event in logged] == ["sender_failed"]
    assert stored(register, message_id).state is TaskState.SENDING


@pytest.mark.parametrize(
    ("person", "call", "result"),
    [
        (ANNA, {"client_certificate": "missing.pem"}, "not sent: call.client_certificate: there is no file"),
        ("nobody", {}, "not sent: a person's identity must be"),
    ],
    ids=["certificate", "person"],
)
def test_a_message_that_cannot_be_sent_is_parked(
    register: Register, platform: Platform, clock: Clock, person: str, call: dict[str, str], result: str
) -> None:
    message_id = add(register, person)
    assert make_sender(register, platform, clock, call=call).run_once() == 1
    message = stored(register, message_id)
    assert message.state is TaskState.PARKED
    assert message.result is not None
    assert result in message.result
    assert not platform.calls()


def test_it_runs_on_when_the_register_fails(
    register: Register, platform: Platform, sender: MessageSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = add(register)
    due, failed = claims.due_addresses, threading.Event()

    def fail_once(register: Register, now: datetime) -> list[str]:
        if failed.is_set():
            return due(register, now)
        failed.set()
        raise OperationalError("statement", {}, Exception("gone"))

    monkeypatch.setattr("register.claims.due_addresses", fail_once)
    with running(sender):
        wait_until(lambda: stored(register, message_id).state is TaskState.DONE)
    assert failed.is_set()


def test_it_stops_at_once_when_there_is_nothing_to_finish(
    register: Register, platform: Platform, clock: Clock
) -> None:
    began = time.monotonic()
    with running(make_sender(register, platform, clock, poll_seconds=300)):
        pass
    assert time.monotonic() - began < DEADLINE


def test_a_running_sender_keeps_up_the_listings_of_the_counties_it_is_told(
    register: Register, platform: Platform, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_up: list[tuple[object, ...]] = []
    monkeypatch.setattr("consumer.outgoing.messages.settle", lambda *arguments: kept_up.append(arguments))
    settings = OutboxSettings(poll_seconds=0.01)
    limits = {COUNTY: 3, OTHER_COUNTY: 2}
    sender = MessageSender(register, CallSettings(), settings, limits, upkeep=[OTHER_COUNTY], utc_now=clock)
    with running(sender):
        wait_until(lambda: bool(kept_up))
    assert kept_up == [(register, swedish(NOW), {OTHER_COUNTY: 2})]
