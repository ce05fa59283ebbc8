"""The flows between regions, with three that run (carelisting IS, flows; TKB 2.0, UpdateListing).

Region A is the home region, B the one that is chosen, C the one before. Each test ends with `check_settled`:
one listing over the regions, the home region's note of it right, places and queues right, no message left.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.texts import sentence
from fastkontakt.commands.outbox import app as outbox_command
from register import schema
from register.database import Register
from register.model import Resident, Unit
from register.outgoing import TaskState
from tests.asking import care_managers, result, values
from tests.conftest import DATABASES
from tests.databases import empty, keep, opened, opened_copy, own_schema
from tests.platform import WAIT_SECONDS, Platform
from tests.records import ANNA, BO, DAN, EVA, FINN, OTHER_ID, REGION_TYPE, contact, listing
from tests.regions import (
    A_CENTRE,
    A_DOCTOR,
    A_NORTH,
    AGREED_TYPE,
    B_CENTRE,
    B_DOCTOR,
    B_SMALL,
    C_CENTRE,
    A,
    B,
    C,
    Regions,
    Result,
    three_regions,
)
from tests.settled import check_settled
from tests.soap import check_exchange, check_request
from tests.strength import sized

COUNTIES = (A, B, C)


@pytest.fixture(scope="module")
def postgresql_registers(postgresql: str) -> Iterator[dict[str, Register]]:
    """A register of its own schema for each region."""
    with ExitStack() as stack:
        registers = {}
        for county in COUNTIES:
            url = stack.enter_context(own_schema(postgresql))
            registers[county] = stack.enter_context(opened(url))
            schema.upgrade(registers[county])
        yield registers


@pytest.fixture(params=sized(quick=("sqlite",), full=DATABASES))
def registers(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Register]]:
    """The three registers, empty: all on SQLite, or all on PostgreSQL."""
    if request.param == "postgresql":
        found = request.getfixturevalue("postgresql_registers")
        yield found
        for register in found.values():
            empty(register)
        return
    with ExitStack() as stack:
        found = {}
        for county in COUNTIES:
            found[county] = stack.enter_context(opened_copy(request.getfixturevalue("sqlite_template")))
        yield found


@pytest.fixture(params=["first", "later"])
def variant(request: pytest.FixtureRequest) -> str:
    """Whether the home region is asked first or later."""
    return str(request.param)


@pytest.fixture
def regions(registers: Mapping[str, Register], variant: str) -> Iterator[Regions]:
    with three_regions(registers, variant) as running:
        yield running
        check_settled(running)


OK = ("OK", None)
FULL = "ERROR_MAXIMUM_CITIZEN_REACHED_ON_CAREUNIT"
USED_UP = "ERROR_MAXIMUM_ANNUAL_UPDATES_EXCEEDED"

whatever_the_variant = pytest.mark.parametrize("variant", ["later"], indirect=True)
asked_first = pytest.mark.parametrize("variant", ["first"], indirect=True)


def not_yet(variant: str, facility: Unit) -> Result:
    """Return the answer to a resident whose home region has not answered."""
    if variant == "first":
        return "INFO", sentence("home_region_slow", unit=facility.name)
    return "OK", sentence("home_region_asked", unit=facility.name)


def agreed(variant: str, facility: Unit) -> Result:
    """Return the answer to a resident whose home region agrees."""
    return OK if variant == "first" else not_yet(variant, facility)


def at(*facilities: Unit) -> list[str]:
    return [str(one.hsa_id) for one in facilities]


def first_at(facility: Unit) -> list[str]:
    return [f"{facility.hsa_id} 1"]


# The flows, when all goes well


def test_a_resident_chooses_another_county(regions: Regions, variant: str) -> None:
    a, b, c = regions.a, regions.b, regions.c
    regions.list_at_start(ANNA, A_CENTRE)
    keep(a.register, contact("F1", ANNA, A_DOCTOR, A_CENTRE))

    with regions.unanswered(ANNA, B_SMALL) as answer:
        assert regions.listed(ANNA) == at(A_CENTRE)
        assert (a.counties(ANNA), b.counties(ANNA)) == ([A], [])
        assert a.remaining(ANNA) == ["3"]
        assert len(care_managers(a.producer, ANNA)) == 1
        assert b.has_queue(B_SMALL)
        assert regions.choose(DAN, B_SMALL)[0] == FULL

    assert answer.result() == agreed(variant, B_SMALL)
    assert regions.listed(ANNA) == at(B_SMALL)
    assert (a.counties(ANNA), b.counties(ANNA), c.counties(ANNA)) == ([B], [], [])
    assert (a.changes(ANNA), b.remaining(ANNA)) == (1, [])
    assert care_managers(a.producer, ANNA) == []
    assert b.has_queue(B_SMALL)
    regions.deliver_all()
    assert regions.updates() == [(A, B, A)]


@whatever_the_variant
def test_a_resident_chooses_a_doctor_in_another_county(regions: Regions) -> None:
    regions.list_at_start(ANNA, A_CENTRE)

    with regions.unanswered(ANNA, B_CENTRE, doctor=B_DOCTOR.hsa_id):
        assert care_managers(regions.b.producer, ANNA) == []

    assert regions.listed(ANNA) == at(B_CENTRE)
    assert len(care_managers(regions.b.producer, ANNA)) == 1


def test_a_resident_listed_in_a_third_county(regions: Regions, variant: str) -> None:
    regions.list_at_start(ANNA, C_CENTRE)
    assert regions.a.counties(ANNA) == [C]

    with regions.unanswered(ANNA, B_CENTRE) as answer:
        assert regions.listed(ANNA) == at(C_CENTRE)

    assert answer.result() == agreed(variant, B_CENTRE)
    assert regions.a.counties(ANNA) == [B]
    regions.deliver_all()
    assert regions.updates() == [(A, B, A), (C, B, A)]
    assert regions.listed(ANNA) == at(B_CENTRE)
    assert regions.a.changes(ANNA) == 1


@whatever_the_variant
def test_a_resident_comes_home(regions: Regions) -> None:
    a, b = regions.a, regions.b
    regions.list_at_start(ANNA, B_CENTRE)
    keep(b.register, contact("F1", ANNA, B_DOCTOR, B_CENTRE))
    assert len(care_managers(b.producer, ANNA)) == 1

    assert regions.choose(ANNA, A_CENTRE) == OK

    assert (a.counties(ANNA), a.remaining(ANNA)) == ([A], ["2"])
    regions.deliver_all()
    assert regions.updates() == [(B, A, A)]
    assert regions.listed(ANNA) == at(A_CENTRE)
    assert care_managers(b.producer, ANNA) == []


@whatever_the_variant
def test_a_facility_closes(regions: Regions) -> None:
    a, b = regions.a, regions.b
    regions.list_at_start(ANNA, B_CENTRE)
    regions.list_at_start(DAN, B_CENTRE)
    keep(b.register, replace(B_CENTRE, valid_to=regions.clock.swedish().date()))
    b.sender.upkeep()
    assert regions.listed(ANNA) == regions.listed(DAN) == at(B_CENTRE)

    regions.clock.advance(days=1)
    b.sender.upkeep()

    regions.deliver_all()
    b.sender.upkeep()
    regions.deliver_all()
    assert regions.updates() == [(A, A, A)]
    assert regions.listed(ANNA) == regions.listed(DAN) == []
    assert (a.counties(ANNA), a.changes(ANNA)) == ([], 0)


@whatever_the_variant
def test_a_place_in_a_queue_becomes_a_listing(regions: Regions) -> None:
    b = regions.b
    regions.list_at_start(DAN, B_SMALL)
    regions.list_at_start(ANNA, C_CENTRE)
    assert regions.choose(ANNA, B_SMALL, add_to_queue=True) == OK
    regions.deliver_all()
    assert regions.updates() == []
    assert b.queuing(ANNA) == first_at(B_SMALL)

    assert regions.choose(DAN, B_CENTRE) == OK

    assert regions.listed(ANNA) == at(C_CENTRE)
    assert b.queuing(ANNA) == first_at(B_SMALL)
    assert regions.choose(EVA, B_SMALL)[0] == FULL
    regions.deliver_all()
    assert regions.updates() == [(A, B, A), (C, B, A)]
    assert regions.listed(ANNA) == at(B_SMALL)
    assert (b.queuing(ANNA), regions.a.counties(ANNA)) == ([], [B])


@whatever_the_variant
def test_only_the_agreed_type_moves(regions: Regions) -> None:
    for kind in (AGREED_TYPE, REGION_TYPE):
        regions.list_at_start(ANNA, A_CENTRE, kind)
    regions.list_at_start(ANNA, A_CENTRE)

    assert regions.choose(ANNA, B_CENTRE, kind=REGION_TYPE)[0] == "ERROR"
    regions.choose(ANNA, B_CENTRE, kind=AGREED_TYPE)

    regions.deliver_all()
    assert regions.listed(ANNA) == at(A_CENTRE, A_CENTRE, B_CENTRE)
    assert regions.a.counties(ANNA) == [A, B]
    regions.choose(ANNA, B_CENTRE)
    regions.deliver_all()
    assert regions.listed(ANNA) == at(A_CENTRE, B_CENTRE, B_CENTRE)
    assert regions.a.counties(ANNA) == [A, B]
    sent = [check_request(one.request) for one in regions.platform.calls(contract="UpdateListing")]
    assert [values(one, "listingType/code") for one in sent] == [[AGREED_TYPE[0]], []]
    assert regions.a.changes(ANNA) == 1


# The home region refuses


def test_the_home_region_refuses(regions: Regions, variant: str) -> None:
    """What it refuses is not done, or undone; the place goes to the next, and 1177 hears why."""
    a, b = regions.a, regions.b
    a.start(variant, limit=0)
    regions.list_at_start(ANNA, A_CENTRE)
    keep(a.register, contact("F1", ANNA, A_DOCTOR, A_CENTRE))

    with regions.unanswered(ANNA, B_SMALL) as answer:
        assert regions.choose(EVA, B_SMALL, add_to_queue=True) == OK
        assert b.queuing(EVA) == first_at(B_SMALL)
        assert b.listed(ANNA) == []

    (sent,) = regions.platform.calls(contract="UpdateListing")
    refusal = result(check_exchange(sent.request, sent.response)[1])
    assert refusal[0] == USED_UP
    assert answer.result() == (refusal if variant == "first" else not_yet(variant, B_SMALL))
    assert regions.listed(ANNA) == at(A_CENTRE)
    assert (a.counties(ANNA), a.changes(ANNA)) == ([A], 0)
    assert len(care_managers(a.producer, ANNA)) == 1
    assert (regions.listed(EVA), b.queuing(EVA)) == (at(B_SMALL), [])
    assert regions.choose(ANNA, B_SMALL) == refusal
    regions.clock.advance(days=2)
    regions.deliver_all()
    assert len(regions.updates()) == 1


@whatever_the_variant
def test_the_home_region_refuses_who_is_first_in_the_queue(regions: Regions, variant: str) -> None:
    b = regions.b
    regions.a.start(variant, limit=0)
    regions.list_at_start(DAN, B_SMALL)
    regions.list_at_start(ANNA, A_CENTRE)
    for person_id in (ANNA, EVA):
        assert regions.choose(person_id, B_SMALL, add_to_queue=True) == OK

    assert regions.choose(DAN, B_CENTRE) == OK
    regions.deliver_all()

    assert (regions.listed(ANNA), regions.listed(EVA)) == (at(A_CENTRE), at(B_SMALL))
    assert (b.queuing(ANNA), b.queuing(EVA)) == (first_at(B_SMALL), [])
    assert regions.choose(EVA, B_CENTRE) == OK
    b.sender.upkeep()
    regions.deliver_all()
    assert regions.updates() == [(A, B, A)]
    assert b.queuing(ANNA) == first_at(B_SMALL)


# The home region, or the way to it, fails


def test_the_home_region_is_down_for_an_hour(regions: Regions, variant: str) -> None:
    b, platform = regions.b, regions.platform
    regions.list_at_start(ANNA, A_CENTRE)
    platform.down(A)

    attempts = []
    for minute in range(76):
        before = len(platform.calls(A))
        if minute in (0, 2, 7, 50):
            assert regions.choose(ANNA, B_SMALL) == not_yet(variant, B_SMALL)
        if minute == 1:
            assert regions.choose(FINN, B_CENTRE) == agreed(variant, B_CENTRE)
        if minute == 60:
            platform.up(A)
        b.sender.run_once()
        attempts += [minute] * (len(platform.calls(A)) - before)
        if minute in (1, 74):
            assert (b.listed(FINN), b.listed(ANNA)) == (at(B_CENTRE), [])
            assert b.has_queue(B_SMALL)
        regions.clock.advance(minutes=1)

    assert attempts == [0, 5, 15, 35, 75]
    assert len({one.correlation_id for one in platform.calls(A)}) == 1
    assert (regions.listed(ANNA), regions.a.counties(ANNA)) == (at(B_SMALL), [B])
    assert regions.a.changes(ANNA) == 1
    assert regions.c.counties(FINN) == [B]


@asked_first
def test_the_home_region_hangs(regions: Regions, variant: str) -> None:
    regions.b.start(variant, wait_seconds=0.2)
    regions.list_at_start(ANNA, A_CENTRE)
    regions.platform.hang(A)

    assert regions.choose(ANNA, B_CENTRE) == not_yet(variant, B_CENTRE)

    regions.platform.up(A)
    regions.deliver_all()
    assert regions.listed(ANNA) == at(A_CENTRE)
    regions.clock.advance(minutes=5)
    regions.deliver_all()
    assert regions.listed(ANNA) == at(B_CENTRE)


def test_the_answer_of_the_home_region_is_lost(regions: Regions, variant: str) -> None:
    a = regions.a
    regions.list_at_start(ANNA, C_CENTRE)
    regions.platform.lose_answers(A)

    assert regions.choose(ANNA, B_CENTRE) == not_yet(variant, B_CENTRE)
    regions.deliver_all()

    assert (a.counties(ANNA), regions.listed(ANNA)) == ([B], [])
    regions.platform.up(A)
    regions.clock.advance(minutes=5)
    regions.deliver_all()
    assert regions.listed(ANNA) == at(B_CENTRE)
    assert regions.updates() == [(A, B, A), (C, B, A), (A, B, A)]
    assert a.changes(ANNA) == 1


@asked_first
@pytest.mark.parametrize(
    "refuse",
    [
        lambda platform: platform.fault(A, "VP007"),
        lambda platform: platform.fault(A, "VP016"),
        lambda platform: platform.denied(A),
    ],
    ids=["VP007", "VP016", "403"],
)
def test_a_message_that_needs_a_repair_first(
    regions: Regions, variant: str, refuse: Callable[[Platform], None], operator: Callable[..., None]
) -> None:
    """It is parked, with an alert, until an operator has it sent."""
    regions.list_at_start(ANNA, A_CENTRE)
    refuse(regions.platform)

    assert regions.choose(ANNA, B_SMALL) == not_yet(variant, B_SMALL)
    regions.deliver_all()

    assert [one.state for one in regions.b.open_messages()] == [TaskState.PARKED]
    assert [one["log_level"] for one in regions.events if one["event"] == "message_parked"] == ["error"]
    regions.platform.up(A)
    regions.clock.advance(days=2)
    regions.deliver_all()
    assert len(regions.updates()) == 1
    assert regions.b.has_queue(B_SMALL)
    operator("retry", "--parked")
    regions.deliver_all()
    assert regions.listed(ANNA) == at(B_SMALL)


@whatever_the_variant
def test_a_message_that_an_operator_gives_up(regions: Regions, operator: Callable[..., None]) -> None:
    """The listing that waited is undone, and the next in the queue has its place."""
    regions.list_at_start(ANNA, A_CENTRE)
    regions.platform.fault(A, "VP007")
    regions.choose(ANNA, B_SMALL)
    regions.deliver_all()
    assert regions.choose(EVA, B_SMALL, add_to_queue=True) == OK
    (message,) = regions.b.open_messages()

    operator("drop", str(message.id), "--yes")

    assert (regions.listed(ANNA), regions.listed(EVA)) == (at(A_CENTRE), at(B_SMALL))
    regions.platform.up(A)
    regions.clock.advance(days=2)
    assert regions.choose(ANNA, B_CENTRE)[0] == "OK"
    regions.deliver_all()
    assert regions.listed(ANNA) == at(B_CENTRE)


@whatever_the_variant
def test_a_message_that_arrived_is_given_up(regions: Regions, operator: Callable[..., None]) -> None:
    """The operator cannot know that it did; the home region hears that the resident is not listed in B."""
    regions.list_at_start(ANNA, A_CENTRE)
    regions.platform.lose_answers(A)
    regions.choose(ANNA, B_CENTRE)
    regions.deliver_all()
    assert regions.a.counties(ANNA) == [B]
    (message,) = regions.b.open_messages()

    operator("drop", str(message.id), "--yes")

    regions.platform.up(A)
    regions.clock.advance(minutes=5)
    regions.deliver_all()
    assert regions.updates() == [(A, B, A), (A, A, A)]
    assert (regions.listed(ANNA), regions.a.counties(ANNA)) == ([], [])


@pytest.fixture
def operator(regions: Regions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs ``fastkontakt outbox`` in region B, at the regions' time."""
    url = regions.b.register.engine.url.render_as_string(hide_password=False)
    settings = tmp_path / "b.toml"
    settings.write_text(f"[database]\nurl = {json.dumps(url)}\n[regions.{B}]\n")
    monkeypatch.setattr("fastkontakt.commands.outbox.utc_now", regions.clock.utc)

    def run(*arguments: str) -> None:
        done = CliRunner().invoke(
            outbox_command, [*arguments, "--config", str(settings)], catch_exceptions=False
        )
        assert done.exit_code == 0, done.output

    return run


def test_processes_are_replaced_between_any_two_steps(regions: Regions, variant: str) -> None:
    a, b = regions.a, regions.b
    regions.list_at_start(ANNA, C_CENTRE)
    b.start(variant, delivers=False)  # ends before it has sent what it has claimed
    assert regions.choose(ANNA, B_CENTRE) == not_yet(variant, B_CENTRE)
    b.start(variant)
    if variant == "first":
        regions.deliver_all()
        assert regions.updates() == []  # the claim of the process that is gone holds still
        regions.clock.advance(minutes=5)
    regions.platform.lose_answers(A)
    b.sender.run_once()
    assert a.counties(ANNA) == [B]
    a.start(variant)
    b.start(variant)
    regions.platform.up(A)
    regions.platform.down(C)
    regions.clock.advance(minutes=10)
    b.sender.run_once()
    assert b.listed(ANNA) == at(B_CENTRE)
    b.start(variant)
    a.sender.run_once()
    a.start(variant)
    regions.platform.up(C)
    regions.c.start(variant)
    regions.clock.advance(minutes=5)
    regions.deliver_all()

    assert regions.listed(ANNA) == at(B_CENTRE)
    assert (a.counties(ANNA), a.changes(ANNA)) == ([B], 1)
    assert regions.updates() == [(A, B, A), (A, B, A), (C, B, A), (C, B, A)]


# What comes twice, or about somebody who is not listed


@whatever_the_variant
@pytest.mark.parametrize("correlation_ids", [("same", "same"), ("one", "another")], ids=["same", "new"])
def test_an_update_listing_that_comes_twice(regions: Regions, correlation_ids: tuple[str, str]) -> None:
    """A form on paper at a facility in B, whose message is delivered twice."""
    regions.list_at_start(ANNA, C_CENTRE)
    keep(regions.b.register, Resident(ANNA, A), listing("paper", ANNA, B_CENTRE))

    for correlation_id in correlation_ids:
        assert regions.tell(A, ANNA, B, correlation_id=correlation_id) == OK

    regions.deliver_all()
    assert regions.updates() == [(A, B, A), (A, B, A), (C, B, A)]
    assert (regions.a.counties(ANNA), regions.a.changes(ANNA)) == ([B], 1)
    assert regions.listed(ANNA) == at(B_CENTRE)


@asked_first
def test_a_create_listing_that_comes_twice_at_once(regions: Regions) -> None:
    regions.list_at_start(ANNA, A_CENTRE)

    with ThreadPoolExecutor(2) as pool, regions.a.slow() as reached:
        answers = [pool.submit(regions.choose, ANNA, B_SMALL) for _ in range(2)]
        assert reached.wait(WAIT_SECONDS)

    assert [one.result() for one in answers] == [OK, OK]
    assert regions.updates() == [(A, B, A)]
    assert regions.listed(ANNA) == at(B_SMALL)
    assert regions.a.changes(ANNA) == 1


@whatever_the_variant
@pytest.mark.parametrize("person_id", [BO, OTHER_ID], ids=["not listed", "unknown"])
def test_the_home_region_is_told_of_somebody_who_is_not_listed(regions: Regions, person_id: str) -> None:
    keep(regions.b.register, Resident(person_id, A), listing("paper", person_id, B_CENTRE))

    assert regions.tell(A, person_id, B) == OK

    regions.deliver_all()
    assert regions.updates() == [(A, B, A)]
    assert (regions.a.counties(person_id), regions.a.changes(person_id)) == ([B], 0)


@whatever_the_variant
@pytest.mark.parametrize("county", [B, C])
def test_another_region_is_told_of_somebody_who_is_not_listed(regions: Regions, county: str) -> None:
    regions.list_at_start(ANNA, A_CENTRE)
    for new in (A, B, C):
        assert regions.tell(county, ANNA, new) == OK

    regions.deliver_all()
    assert len(regions.updates()) == 3
    assert regions.listed(ANNA) == at(A_CENTRE)


# The resident thinks again


def test_another_facility_is_chosen_before_the_home_region_could_be_asked(
    regions: Regions, variant: str
) -> None:
    regions.list_at_start(ANNA, A_CENTRE)
    regions.platform.down(A)
    for facility in (B_SMALL, B_CENTRE):
        assert regions.choose(ANNA, facility) == not_yet(variant, facility)
    assert not regions.b.has_queue(B_SMALL)
    assert len(regions.b.open_messages()) == 1

    regions.platform.up(A)
    regions.clock.advance(minutes=5)
    regions.deliver_all()

    assert regions.listed(ANNA) == at(B_CENTRE)
    assert regions.a.changes(ANNA) == 1


def test_another_facility_is_chosen_while_the_home_region_is_asked(regions: Regions, variant: str) -> None:
    regions.list_at_start(ANNA, A_CENTRE)

    with regions.unanswered(ANNA, B_SMALL) as answer:
        assert regions.choose(ANNA, B_CENTRE) == not_yet(variant, B_CENTRE)

    if variant == "first":
        code, text = answer.result()
        assert code == "ERROR"
        assert text is not None
        assert text.startswith(sentence("request_replaced", log_id="")[:60])
    regions.deliver_all()
    assert regions.listed(ANNA) == at(B_CENTRE)
    assert (regions.a.counties(ANNA), regions.a.changes(ANNA)) == ([B], 1)


@whatever_the_variant
def test_the_queue_is_left_while_the_home_region_is_asked_about_the_place(regions: Regions) -> None:
    regions.list_at_start(DAN, B_SMALL)
    regions.list_at_start(ANNA, A_CENTRE)
    regions.choose(ANNA, B_SMALL, add_to_queue=True)
    regions.choose(DAN, B_CENTRE)

    with ThreadPoolExecutor(1) as pool, regions.a.slow() as reached:
        pool.submit(regions.b.sender.run_once)
        assert reached.wait(WAIT_SECONDS)
        assert regions.choose(ANNA, B_SMALL) == OK
        assert regions.b.queuing(ANNA) == []

    regions.deliver_all()
    assert regions.updates() == [(A, B, A), (A, A, A)]
    assert (regions.listed(ANNA), regions.a.counties(ANNA)) == ([], [])  # A lists her by its own rules


@whatever_the_variant
def test_home_is_chosen_while_the_home_region_is_asked(regions: Regions) -> None:
    """The home region hears last of B, so B it is."""
    regions.list_at_start(ANNA, A_CENTRE)

    with regions.unanswered(ANNA, B_CENTRE):
        assert regions.choose(ANNA, A_NORTH) == OK
        assert regions.listed(ANNA) == at(A_NORTH)

    regions.deliver_all()
    assert (regions.listed(ANNA), regions.a.counties(ANNA)) == (at(B_CENTRE), [B])


@whatever_the_variant
@pytest.mark.parametrize("order", ["told first", "asked first", "told while asked"])
def test_home_is_chosen_when_the_home_region_has_agreed(regions: Regions, order: str) -> None:
    """Its answer was lost: B asks again, and A tells B of the listing at home, in either order."""
    a, b = regions.a, regions.b
    regions.list_at_start(ANNA, A_CENTRE)
    regions.platform.lose_answers(A)
    regions.choose(ANNA, B_CENTRE)
    b.sender.run_once()
    regions.platform.up(A)
    assert regions.choose(ANNA, A_NORTH) == OK
    regions.clock.advance(minutes=5)

    if order == "told first":
        a.sender.run_once()
    elif order == "told while asked":
        with ThreadPoolExecutor(1) as pool, a.slow() as reached:
            pool.submit(b.sender.run_once)
            assert reached.wait(WAIT_SECONDS)
            a.sender.run_once()
    else:
        b.sender.run_once()

    regions.deliver_all()
    assert (regions.listed(ANNA), a.counties(ANNA)) == (at(A_NORTH), [A])


@whatever_the_variant
def test_back_to_the_other_county_before_it_has_been_told(regions: Regions) -> None:
    """What A had to tell B is no longer so when B asks A anew."""
    regions.list_at_start(ANNA, B_CENTRE)
    assert regions.choose(ANNA, A_CENTRE) == OK

    with regions.unanswered(ANNA, B_SMALL):
        pass

    regions.deliver_all()
    assert (regions.listed(ANNA), regions.a.counties(ANNA)) == (at(B_SMALL), [B])


@whatever_the_variant
def test_a_third_county_is_chosen_while_the_home_region_is_asked(regions: Regions) -> None:
    regions.list_at_start(ANNA, A_CENTRE)

    with regions.unanswered(ANNA, B_CENTRE):
        assert regions.choose(ANNA, C_CENTRE)[0] == "OK"

    regions.deliver_all()
    assert (regions.listed(ANNA), regions.a.counties(ANNA)) == (at(C_CENTRE), [C])
