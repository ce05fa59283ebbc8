"""What goes out: what is sent when, in which order and by whom, whatever clocks and senders do."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Connection, insert, update

from contacts import index_marks
from listings import region_messages
from listings.region_messages import ListingUpdate
from register import claims, outgoing
from register.claims import CLOCKS_DIFFER, LONGEST_CLAIM, LONGEST_WAIT
from register.database import Register
from register.outgoing import Task, TaskKind, TaskState
from register.tables import listing_request
from tests.databases import keep
from tests.records import ANNA, BO, CLARA, COUNTY, OTHER_COUNTY, PROVIDER, REGION_TYPE, residents, unit

NOW = datetime(2026, 3, 10, 11, 0)
MINUTE = timedelta(minutes=1)
MOMENT = timedelta(milliseconds=1)
AWAY = ListingUpdate(COUNTY, OTHER_COUNTY)
HOME = ListingUpdate(OTHER_COUNTY, OTHER_COUNTY)
CHILD_HEALTH = ListingUpdate(COUNTY, OTHER_COUNTY, *REGION_TYPE)


def add(
    register: Register,
    person: str = ANNA,
    content: ListingUpdate = AWAY,
    *,
    to: str = OTHER_COUNTY,
    at: datetime = NOW,
) -> int:
    with register.writing() as connection:
        return region_messages.enqueue(connection, to, person, content, at)


def claim(register: Register, to: str, by: str, at: datetime) -> Task | None:
    found = claims.claim(register, TaskKind.MESSAGE, by, at, address=to)
    assert len(found) <= 1
    return found[0] if found else None


def claimed(register: Register, at: datetime = NOW, *, to: str = OTHER_COUNTY, by: str = "one") -> Task:
    message = claim(register, to, by, at)
    assert message is not None
    return message


def state(register: Register, message_id: int) -> TaskState:
    return stored(register, message_id).state


def stored(register: Register, message_id: int) -> Task:
    with register.reading() as connection:
        message = outgoing.find(connection, TaskKind.MESSAGE, message_id)
    assert message is not None
    return message


def finish(register: Register, message: Task, state: TaskState, result: str) -> bool:
    with register.writing() as connection:
        return region_messages.give_back(connection, message, state, NOW, result)


def send_later(register: Register, message: Task, at: datetime, result: str) -> bool:
    with register.writing() as connection:
        return region_messages.give_back(connection, message, TaskState.WAITING, at, result)


def park(register: Register, message: Task, result: str) -> bool:
    with register.writing() as connection:
        return region_messages.give_back(connection, message, TaskState.PARKED, NOW, result)


def test_a_message_is_claimed_once_with_all_it_says(register: Register) -> None:
    message_id = add(register, content=CHILD_HEALTH)

    assert claims.due_addresses(register, NOW) == [OTHER_COUNTY]
    message = claimed(register, NOW + MINUTE)

    assert claim(register, OTHER_COUNTY, "two", NOW + MINUTE) is None
    assert claims.due_addresses(register, NOW + MINUTE) == []
    assert (message.id, message.person_id, ListingUpdate.of(message)) == (message_id, ANNA, CHILD_HEALTH)
    assert (message.state, message.attempts, message.created_at) == (TaskState.SENDING, 1, NOW)
    assert message.attempted_at == NOW + MINUTE
    assert ANNA not in repr(message)


def test_it_goes_with_the_transaction_that_wrote_it(register: Register) -> None:
    class Undone(Exception):
        pass

    def write_and_fail() -> None:
        with register.writing() as connection:
            region_messages.enqueue(connection, OTHER_COUNTY, ANNA, AWAY, NOW)
            raise Undone

    with pytest.raises(Undone):
        write_and_fail()
    assert claims.due_addresses(register, NOW) == []


def test_messages_about_a_person_go_in_order_and_others_do_not_wait_for_them(register: Register) -> None:
    first = add(register)
    second = add(register, content=CHILD_HEALTH)
    other = add(register, BO)
    elsewhere = add(register, to=COUNTY)

    one = claimed(register)
    two = claimed(register)
    assert (one.id, two.id) == (first, other), "the second about the same person waits for the first"
    assert claimed(register, to=COUNTY).id == elsewhere
    assert claim(register, OTHER_COUNTY, "two", NOW) is None

    send_later(register, one, NOW + 5 * MINUTE, "failed")
    assert claim(register, OTHER_COUNTY, "two", NOW) is None, "the first is still to be sent"
    finish(register, claimed(register, NOW + 5 * MINUTE), TaskState.DONE, "OK")
    assert claimed(register, NOW + 5 * MINUTE).id == second


def test_a_parked_message_holds_up_no_other(register: Register) -> None:
    first, second = add(register), add(register, content=CHILD_HEALTH)
    park(register, claimed(register), "VP007")
    assert claimed(register).id == second
    assert state(register, first) is TaskState.PARKED


def test_a_later_message_takes_the_place_of_what_was_not_sent(register: Register) -> None:
    parked = add(register)
    park(register, claimed(register), "VP007")
    other_type = add(register, content=CHILD_HEALTH)
    other_person = add(register, BO)
    waiting = add(register, CLARA)

    last = add(register, content=HOME), add(register, CLARA, HOME)

    assert [state(register, one) for one in (parked, waiting)] == [TaskState.DROPPED] * 2
    assert {state(register, one) for one in (other_type, other_person, *last)} == {TaskState.WAITING}


@pytest.mark.parametrize(("how", "rest"), [(send_later, (NOW, "x")), (park, ("x",))])
def test_one_that_fails_after_a_later_was_written_is_not_sent_after_it(
    register: Register, how: Callable[..., bool], rest: tuple[object, ...]
) -> None:
    first = add(register)
    message = claimed(register)
    second = add(register, content=HOME)

    assert how(register, message, *rest)

    assert [state(register, one) for one in (first, second)] == [TaskState.DROPPED, TaskState.WAITING]


def test_a_later_message_that_was_dropped_takes_no_place(register: Register) -> None:
    first = add(register)
    message = claimed(register)
    second = add(register, content=HOME)
    with register.writing() as connection:
        outgoing.drop(connection, second, "given up")

    park(register, message, "VP007")

    assert state(register, first) is TaskState.PARKED


def waiting_request(connection: Connection, request_id: str = "R1") -> None:
    values = {
        "id": request_id,
        "person_id": ANNA,
        "unit_key": unit("centre").hsa_id,
        "code": "PV",
        "code_system": "1.2.752.129.5.1.27",
        "requested_at": NOW,
        "state": "waiting",
    }
    connection.execute(insert(listing_request), values)


@pytest.fixture
def with_request(register: Register) -> Register:
    """A register with a listing that waits for its home region, and the message about it."""
    keep(register, PROVIDER, unit("centre"), *residents(ANNA))
    with register.writing() as connection:
        waiting_request(connection)
        region_messages.enqueue(connection, OTHER_COUNTY, ANNA, AWAY, NOW, request_id="R1")
    return register


def withdraw(register: Register) -> None:
    with register.writing() as connection:
        connection.execute(update(listing_request).values(state="withdrawn", settled_at=NOW))
        region_messages.drop_for_request(connection, "R1")


def test_what_a_request_waits_for_is_sent_before_what_comes_later(with_request: Register) -> None:
    add(with_request, content=HOME)
    message = claimed(with_request)
    assert (message.request_id, ListingUpdate.of(message)) == ("R1", AWAY)
    send_later(with_request, message, NOW, "failed")
    assert claimed(with_request).id == message.id


def test_a_withdrawn_request_takes_its_message_with_it(with_request: Register) -> None:
    withdraw(with_request)
    assert claims.due_addresses(with_request, NOW) == []


def test_a_request_withdrawn_while_its_message_is_sent_is_not_sent_again(with_request: Register) -> None:
    message = claimed(with_request)
    withdraw(with_request)
    assert state(with_request, message.id) is TaskState.SENDING
    assert send_later(with_request, message, NOW, "failed")
    assert state(with_request, message.id) is TaskState.DROPPED


def test_a_claim_that_has_run_out_is_taken_over_and_the_first_sender_no_longer_counts(
    register: Register,
) -> None:
    message_id = add(register)
    first = claimed(register)
    almost = NOW + LONGEST_CLAIM - MOMENT
    assert claim(register, OTHER_COUNTY, "one", almost) is None

    second = claimed(register, NOW + LONGEST_CLAIM, by="one")

    assert (second.id, second.attempts, second.correlation_id) == (message_id, 2, first.correlation_id)
    for how, rest in (
        (finish, (TaskState.REFUSED, "ERROR")),
        (send_later, (NOW, "failed")),
        (park, ("VP007",)),
    ):
        assert not how(register, first, *rest)
    assert finish(register, second, TaskState.DONE, "OK")
    assert not finish(register, second, TaskState.DONE, "OK"), "it ends once"
    assert (stored(register, message_id).state, stored(register, message_id).result) == (TaskState.DONE, "OK")


def test_a_message_is_claimed_as_it_is_written_by_who_waits_for_the_answer(register: Register) -> None:
    with register.writing() as connection:
        message_id = region_messages.enqueue(connection, OTHER_COUNTY, ANNA, AWAY, NOW, sender="waiting")
    message = stored(register, message_id)
    assert (message.state, message.attempts, message.claimed_by) == (TaskState.SENDING, 1, "waiting")
    assert claim(register, OTHER_COUNTY, "other", NOW + LONGEST_CLAIM - MOMENT) is None
    assert claimed(register, NOW + LONGEST_CLAIM).id == message_id


@pytest.mark.parametrize("what", ["an earlier message", "a pause"])
def test_it_is_not_claimed_out_of_order_nor_during_a_pause(register: Register, what: str) -> None:
    if what == "a pause":
        with register.writing() as connection:
            claims.pause(connection, OTHER_COUNTY, NOW, NOW + MINUTE)
    else:
        add(register, content=CHILD_HEALTH)
    with register.writing() as connection:
        message_id = region_messages.enqueue(connection, OTHER_COUNTY, ANNA, AWAY, NOW, sender="waiting")
    message = stored(register, message_id)
    assert (message.state, message.attempts, message.claimed_by) == (TaskState.WAITING, 0, None)


def test_a_pause_stops_one_address_until_it_ends(register: Register) -> None:
    add(register)
    add(register, to=COUNTY)
    with register.writing() as connection:
        claims.pause(connection, OTHER_COUNTY, NOW, NOW + 5 * MINUTE)
        assert claims.paused(connection, NOW) == {OTHER_COUNTY: NOW + 5 * MINUTE}

    assert claims.due_addresses(register, NOW + 5 * MINUTE - MOMENT) == [COUNTY]
    assert claim(register, OTHER_COUNTY, "one", NOW) is None
    assert claims.due_addresses(register, NOW + 5 * MINUTE) == [OTHER_COUNTY, COUNTY]

    with register.writing() as connection:
        claims.pause(connection, OTHER_COUNTY, NOW, NOW + 9 * MINUTE)
        assert claims.paused(connection, NOW + 5 * MINUTE) == {OTHER_COUNTY: NOW + 9 * MINUTE}
        claims.resume(connection, OTHER_COUNTY)
    assert claimed(register).address == OTHER_COUNTY


def failed_once(register: Register) -> Task:
    """Have a message fail at NOW, to be sent again a day later."""
    add(register)
    message = claimed(register)
    send_later(register, message, NOW + timedelta(days=1), "failed")
    return message


@pytest.mark.parametrize("days", [-400, -1, 1, 400])
def test_a_message_that_was_never_sent_is_due_whatever_the_clock_said_when_it_was_written(
    register: Register, days: int
) -> None:
    add(register, at=NOW + timedelta(days=days))
    assert claims.due_addresses(register, NOW) == [OTHER_COUNTY]


@pytest.mark.parametrize("back", [timedelta(minutes=6), timedelta(hours=1), timedelta(days=900)])
def test_a_clock_set_back_leaves_nothing_waiting_for_a_time_that_was(
    register: Register, back: timedelta
) -> None:
    message = failed_once(register)
    assert claimed(register, NOW - back).id == message.id
    assert claim(register, OTHER_COUNTY, "one", NOW - back) is None, "but it is sent once, not always"


@pytest.mark.parametrize("differ", [MOMENT, CLOCKS_DIFFER])
def test_a_sender_whose_clock_is_behind_leaves_the_others_claims_and_waits_alone(
    register: Register, differ: timedelta
) -> None:
    add(register, BO)
    claimed(register)
    failed_once(register)
    add(register, CLARA)
    with register.writing() as connection:
        claims.pause(connection, OTHER_COUNTY, NOW, NOW + MINUTE)
    assert claims.due_addresses(register, NOW - differ) == [], "the pause holds"
    with register.writing() as connection:
        claims.resume(connection, OTHER_COUNTY)
    assert claimed(register, NOW - differ).person_id == CLARA
    assert claim(register, OTHER_COUNTY, "one", NOW - differ) is None


def test_a_clock_set_forward_sends_early_and_set_right_again_loses_nothing(register: Register) -> None:
    wrong = NOW + timedelta(days=400)
    failed = failed_once(register)
    with register.writing() as connection:
        claims.pause(connection, OTHER_COUNTY, wrong, wrong + timedelta(days=1))
    assert claims.due_addresses(register, NOW + timedelta(days=1)) == [OTHER_COUNTY], "no pause from then"

    with register.writing() as connection:
        claims.resume(connection, OTHER_COUNTY)
    early = claimed(register, wrong)
    assert early.id == failed.id
    assert claimed(register, NOW).attempts == early.attempts + 1, "a claim from then has run out"


@pytest.mark.parametrize("how", ["waiting", "parked"])
def test_retry_sends_at_once_and_ends_a_pause(register: Register, how: str) -> None:
    message = failed_once(register)
    if how == "parked":
        message = claimed(register, NOW + timedelta(days=1))
        park(register, message, "VP007")
    with register.writing() as connection:
        claims.pause(connection, OTHER_COUNTY, NOW, NOW + timedelta(days=1))
        assert claims.retry(connection, message, NOW)
    again = claimed(register)
    assert again.id == message.id
    with register.writing() as connection:
        assert not claims.retry(connection, again, NOW), "it is being sent"
        assert not outgoing.drop(connection, again.id, "given up")


def test_what_has_come_to_its_end_is_left_there(register: Register) -> None:
    message_id = add(register)
    finish(register, claimed(register), TaskState.REFUSED, "ERROR")
    with register.writing() as connection:
        assert not claims.retry(connection, stored(register, message_id), NOW)
        assert not outgoing.drop(connection, message_id, "given up")
    assert state(register, message_id) is TaskState.REFUSED
    assert claims.due_addresses(register, NOW + timedelta(days=900)) == []


def test_lists(register: Register) -> None:
    ids = [add(register, person) for person in (ANNA, BO, CLARA)]
    finish(register, claimed(register), TaskState.DONE, "OK")
    park(register, claimed(register), "VP007")

    with register.reading() as connection:
        assert [one.id for one in outgoing.listed(connection, TaskKind.MESSAGE)] == ids[1:]
        assert [one.id for one in outgoing.listed(connection, TaskKind.MESSAGE, list(TaskState), 2)] == ids[
            1:
        ], "the latest"
        assert [one.id for one in outgoing.listed(connection, TaskKind.MESSAGE, [TaskState.DONE])] == ids[:1]
        assert outgoing.find(connection, TaskKind.MESSAGE, max(ids) + 1) is None


def test_old_messages_that_have_ended_are_forgotten(register: Register) -> None:
    ids = [add(register, person) for person in (ANNA, BO, CLARA)]
    finish(register, claimed(register), TaskState.DONE, "OK")
    park(register, claimed(register), "VP007")
    with register.writing() as connection:
        assert outgoing.forget(connection, NOW) == 0
        assert outgoing.forget(connection, NOW + MOMENT) == 1
        assert [one.id for one in outgoing.listed(connection, TaskKind.MESSAGE, list(TaskState))] == ids[1:]


def test_no_two_of_many_senders_claim_the_same(register: Register) -> None:
    ids = [add(register, f"person {number}") for number in range(20)]

    def take(name: str) -> list[int]:
        taken = []
        while message := claim(register, OTHER_COUNTY, name, NOW):
            taken.append(message.id)
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, ["a", "b", "c", "d"]))

    assert sorted(sum(taken, [])) == ids
    assert all(first < second for each in taken for first, second in pairwise(each)), "oldest first"


def mark(register: Register, *people: str) -> None:
    with register.writing() as connection:
        index_marks.mark(connection, people, NOW)


def test_messages_and_posts_about_a_person_do_not_stand_in_each_other_s_way(register: Register) -> None:
    mark(register, ANNA, BO)
    message_id = add(register)
    posts = claims.claim(register, TaskKind.POST, "one", NOW, limit=10)

    assert claimed(register).id == message_id
    assert [task.person_id for task in posts] == sorted([ANNA, BO])
    with register.writing() as connection:
        claims.give_back(connection, posts, TaskState.REFUSED, NOW, "EI004")
        assert outgoing.forget(connection, NOW + MINUTE) == 0
        assert outgoing.find(connection, TaskKind.MESSAGE, posts[0].id) is None
        assert outgoing.find(connection, TaskKind.POST, message_id) is None
        shown = outgoing.listed(connection, TaskKind.MESSAGE, list(TaskState))
        assert [one.id for one in shown] == [message_id]
    assert all(person not in repr(task) for task in posts for person in (ANNA, BO))


@pytest.mark.parametrize(
    ("back", "tried"), [(CLOCKS_DIFFER, []), (timedelta(minutes=6), [ANNA]), (timedelta(days=900), [ANNA])]
)
def test_a_clock_set_back_counts_alike_for_posts(
    register: Register, back: timedelta, tried: list[str]
) -> None:
    mark(register, ANNA)
    tasks = claims.claim(register, TaskKind.POST, "one", NOW)
    with register.writing() as connection:
        claims.give_back(connection, tasks, TaskState.WAITING, NOW + timedelta(days=1), "EI000")
    again = claims.claim(register, TaskKind.POST, "two", NOW - back)
    assert [task.person_id for task in again] == tried


def test_a_wait_that_is_longer_than_any_can_be_is_over(register: Register) -> None:
    """The clock was wrong when the message was given back, and right when it was claimed."""
    add(register)
    send_later(register, claimed(register), NOW + LONGEST_WAIT + CLOCKS_DIFFER, "failed")
    assert claims.due_addresses(register, NOW) == []
    send_later(register, claimed(register, NOW + timedelta(days=3)), NOW + timedelta(days=400), "failed")
    assert claims.due_addresses(register, NOW + timedelta(days=3)) == [OTHER_COUNTY]
