"""Work that one of several processes does (register.leases)."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread

import pytest
from sqlalchemy import event, select

from consumer.outgoing.messages import MessageSender
from consumer.settings import CallSettings, OutboxSettings
from register.database import Register
from register.leases import Lease
from register.tables import lease
from tests.databases import opened

SECONDS = 20.0


class Clock:
    """The wall clocks of two machines, and how much time has passed."""

    def __init__(self) -> None:
        self.now, self.passed = datetime(2026, 3, 10, 12), 0.0

    def utc_now(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now, self.passed = self.now + timedelta(seconds=seconds), self.passed + seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("register.leases.time.monotonic", lambda: made.passed)
    return made


@pytest.fixture
def make(register: Register, clock: Clock) -> Callable[[str], Lease]:
    return lambda holder: Lease(register, "work", holder, SECONDS, clock.utc_now)


def test_one_has_it_for_as_long_as_it_renews_it(make: Callable[[str], Lease], clock: Clock) -> None:
    one, other = make("one"), make("other")
    for _ in range(10):
        assert one.held()
        assert not other.held()
        clock.wait(SECONDS / 3)
    clock.wait(SECONDS + 1)
    assert other.held(), "nothing was heard of the first"
    assert not one.held(), "which learns that it has lost it"


def test_given_back_it_is_anothers_at_once(make: Callable[[str], Lease]) -> None:
    one, other = make("one"), make("other")
    assert one.held()
    other.give_back()
    assert not other.held(), "it was not the other's to give"
    one.give_back()
    assert other.held()


def test_works_are_apart(register: Register, clock: Clock) -> None:
    assert Lease(register, "work", "one", SECONDS, clock.utc_now).held()
    assert Lease(register, "other work", "other", SECONDS, clock.utc_now).held()


def test_a_clock_that_was_set_back(make: Callable[[str], Lease], clock: Clock) -> None:
    assert make("one").held()
    clock.now -= timedelta(minutes=4)
    assert not make("other").held(), "clocks may differ by so much"
    clock.now -= timedelta(minutes=2)
    assert make("other").held()


def test_who_has_it_writes_seldom_and_who_has_not_never(
    register: Register, make: Callable[[str], Lease], clock: Clock
) -> None:
    one, other = make("one"), make("other")
    assert one.held()
    seen: list[str] = []
    for engine in {register.engine, register.reading_engine}:
        event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    for _ in range(9):
        clock.wait(1)
        assert one.held()
    assert seen == []
    assert not other.held()
    assert [one for one in seen if not one.startswith(("SELECT", "SET"))] == []
    clock.wait(1)
    assert one.held()
    assert sum("INTO lease" in one for one in seen) == 1


def sender(register: Register, upkept: list[str], name: str) -> MessageSender:
    made = MessageSender(register, CallSettings(), OutboxSettings(poll_seconds=0.05), {})
    made.upkeep = lambda: upkept.append(name)  # type: ignore[method-assign]
    return made


def test_upkeep_is_one_processs_and_another_goes_on(register: Register) -> None:
    upkept: list[str] = []
    with opened(register.engine.url.render_as_string(hide_password=False)) as elsewhere:
        stops = [Event(), Event()]
        threads = [
            Thread(target=sender(one, upkept, name).run, args=(stop,))
            for one, name, stop in zip((register, elsewhere), ("first", "second"), stops, strict=True)
        ]
        threads[0].start()
        _until(lambda: upkept == ["first"])
        threads[1].start()
        time.sleep(0.3)
        assert upkept == ["first"]
        stops[0].set()
        _until(lambda: upkept == ["first", "second"])
        stops[1].set()
        for thread in threads:
            thread.join(20)
    with register.reading() as connection:
        assert connection.execute(select(lease)).all() == [], "given back"


def _until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.02)
