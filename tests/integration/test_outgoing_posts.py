"""Posts in the engagement index: what each change leads to, and what becomes of posts that are not taken."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from consumer.outgoing.posts import PostSender
from consumer.settings import CallSettings, IndexSettings, OutboxSettings
from contacts import index_marks, index_posts
from contacts.care_managers import care_managers_of
from contracts.clock import swedish
from contracts.codes import CARE_CONTACT, HOME_CARE_CONTACT
from contracts.identifiers import HsaId
from listings.changes import ListingChanges
from listings.listing_log import Cause
from register.claims import LONGEST_CLAIM
from register.database import Register
from register.model import CareProvider, Record, Resident
from register.outgoing import TaskState
from register.residents import find_resident
from register.tables import index_post, outgoing
from tests.databases import keep
from tests.index import ADDRESS, Index
from tests.platform import vp_fault
from tests.records import (
    ANNA,
    BO,
    CLARA,
    COUNTY,
    DAN,
    LONG_AGO,
    OTHER_ID,
    PROVIDER,
    contact,
    doctor,
    hsa,
    listing,
    residents,
    unit,
    works_at,
)
from tests.soap import fault
from tests.strength import QUICK

SQLITE_ALONE = QUICK

NOW = datetime(2026, 3, 10, 11, 0)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)

REGION, MUNICIPALITY = "SE2321000131", "SE2120001355"
"""Data controllers."""
TOWN = CareProvider(hsa("town"), "Kommunen", MUNICIPALITY[2:])
CENTRE, OTHER = unit("centre"), unit("other")
HOME_CARE = unit("homecare", provider=TOWN.hsa_id, listable=False)
DORA, NILS, OLGA = doctor("dora"), doctor("nils"), doctor("olga")
STAFF = (DORA, NILS, OLGA)
PLACES: tuple[Record, ...] = (PROVIDER, TOWN, CENTRE, OTHER, HOME_CARE, *STAFF, works_at(DORA, CENTRE))
LISTED = listing("l1", ANNA, CENTRE)
NURSE = contact("nurse", ANNA, NILS, CENTRE, type_code=CARE_CONTACT)
HOME = contact("home", ANNA, OLGA, HOME_CARE, type_code=HOME_CARE_CONTACT)
ANNAS: tuple[Record, ...] = (
    *residents(ANNA),
    LISTED,
    contact("doctor", ANNA, DORA, CENTRE),
    NURSE,
    HOME,
)
DOCUMENTED = f"{LONG_AGO:%Y%m%d%H%M%S}"


class Clock:
    """The present, naive UTC, which a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    @property
    def written(self) -> str:
        """The present as the index has it."""
        return f"{swedish(self.now):%Y%m%d%H%M%S}"


class World:
    """A register, an index, and the sender between them."""

    def __init__(self, register: Register, clock: Clock, target: Index) -> None:
        self.register = register
        self.clock = clock
        self.index = target
        self.sender = self.make_sender()

    def make_sender(self, **settings: Any) -> PostSender:
        return PostSender(
            self.register,
            CallSettings(),
            IndexSettings.model_validate({"posts_per_second": 10000} | settings),
            OutboxSettings(),
            ADDRESS,
            str(hsa("system")),
            partial(care_managers_of),
            utc_now=self.clock,
            jitter=lambda: 0,
        )

    def load(self, *records: Record) -> None:
        keep(self.register, *records, now=self.clock.now)

    def post(self) -> list[tuple[bool, str, str, str]]:
        """Post what is due and return the posts that were sent."""
        before = len(self.index.calls)
        self.sender.run_once()
        return [one for call in self.index.calls[before:] for one in call]

    def later(self, by: timedelta = 2 * MINUTE) -> None:
        self.clock.now += by

    def sweep(self) -> None:
        index_marks.sweep(self.register, self.clock.now)

    def tasks(self) -> dict[str, tuple[str, str | None]]:
        """Residents that are marked, with state and result."""
        with self.register.reading() as connection:
            rows = connection.execute(select(outgoing))
            return {row.person_id: (row.state, row.result) for row in rows}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(register: Register, clock: Clock) -> Iterator[World]:
    with Index(clock).serving() as target:
        yield World(register, clock, target)


@pytest.fixture
def posted(world: World) -> World:
    """One in which Anna's two posts are in the index since a while."""
    world.sweep()
    world.load(*PLACES, *ANNAS)
    world.post()
    world.later()
    return world


sqlite = pytest.mark.parametrize("register", ["sqlite"], indirect=True)


def test_a_post_for_each_accountable_organisation(world: World) -> None:
    world.load(*PLACES, *ANNAS)
    # S000-013: the engagement index is told of the contacts
    # S002-007: once for each organisation that answers for some
    assert sorted(world.post()) == [
        (False, ANNA, MUNICIPALITY, DOCUMENTED),
        (False, ANNA, REGION, DOCUMENTED),
    ]
    assert len(world.index.calls) == 1
    assert world.index.stored == {(ANNA, REGION): DOCUMENTED, (ANNA, MUNICIPALITY): DOCUMENTED}
    assert world.tasks() == {}


def test_what_is_loaded_again_is_not_posted_again(posted: World) -> None:
    posted.load(*PLACES, *ANNAS)
    assert posted.post() == []
    with posted.register.writing() as connection:
        index_marks.mark(connection, [ANNA], posted.clock.now)
    assert posted.post() == []
    assert posted.tasks() == {}


def changed_contact(world: World) -> None:
    world.load(replace(NURSE, external_notes="Ring före tio"))


def newly_documented(world: World) -> None:
    world.load(replace(NURSE, documented_at=datetime(2026, 3, 1, 9, 0)))


def ended_contact(world: World) -> None:
    world.load(replace(NURSE, valid_to=date(2026, 3, 9)))


def protected_staff(world: World) -> None:
    world.load(replace(NILS, protected=True))


def listed_elsewhere(world: World) -> None:
    relist(world)


@sqlite
@pytest.mark.parametrize(
    "change",
    [changed_contact, ended_contact, protected_staff, listed_elsewhere],
    ids=lambda one: one.__name__,
)
def test_a_change_posts_the_one_organisation_with_its_time(posted: World, change: Any) -> None:
    """The time is that of the change."""
    change(posted)
    # S000-013, S000-031, S000-046: told of a change or an end, with the time of it
    # S000-030, S001-013: also when the doctor has ended with the listing
    assert posted.post() == [(False, ANNA, REGION, posted.clock.written)]
    assert posted.index.stored == {(ANNA, REGION): posted.clock.written, (ANNA, MUNICIPALITY): DOCUMENTED}


@sqlite
def test_what_is_documented_later_has_that_time(posted: World) -> None:
    newly_documented(posted)
    assert posted.post() == [(False, ANNA, REGION, "20260301090000")]


def relist(world: World) -> None:
    with world.register.writing() as connection:
        person = find_resident(connection, ANNA)
        assert person is not None
        changes = ListingChanges(connection, swedish(world.clock.now), {COUNTY: 9}, Cause(source="test"))
        changes.list_resident(person, OTHER, (LISTED.code, LISTED.code_system))
        changes.finish()


def protected(world: World) -> None:
    world.load(Resident(ANNA, COUNTY, protected=True))


def dead(world: World) -> None:
    world.load(Resident(ANNA, COUNTY, deceased_on=date(2026, 3, 9)))


@sqlite
@pytest.mark.parametrize("change", [protected, dead], ids=lambda one: one.__name__)
def test_a_resident_who_is_hidden_leaves_no_post_and_comes_back(posted: World, change: Any) -> None:
    change(posted)
    time = posted.clock.written
    assert sorted(posted.post()) == [(True, ANNA, MUNICIPALITY, time), (True, ANNA, REGION, time)]
    assert posted.index.stored == {}
    assert posted.post() == []
    posted.later()
    posted.load(*residents(ANNA))
    time = posted.clock.written
    assert sorted(posted.post()) == [(False, ANNA, MUNICIPALITY, time), (False, ANNA, REGION, time)]
    assert posted.index.stored == {(ANNA, REGION): time, (ANNA, MUNICIPALITY): time}


@sqlite
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (HOME_CARE, replace(HOME_CARE, valid_to=date(2026, 3, 9))),
        (OLGA, replace(OLGA, protected=True)),
        (HOME, replace(HOME, valid_to=date(2026, 3, 9))),
    ],
    ids=["unit closes", "staff protected", "contact ends"],
)
def test_the_last_of_an_organisation_removes_its_post(posted: World, before: Record, after: Record) -> None:
    posted.load(after)
    # S000-013, S003-117: the index is told that the last contact of an organisation has
    # ended
    assert posted.post() == [(True, ANNA, MUNICIPALITY, posted.clock.written)]
    assert posted.index.stored == {(ANNA, REGION): DOCUMENTED}
    posted.later()
    posted.load(before)
    assert posted.post() == [(False, ANNA, MUNICIPALITY, posted.clock.written)]


@sqlite
def test_an_organisation_that_gets_another_number_moves_its_post(posted: World) -> None:
    posted.load(replace(TOWN, organisation_number="2120000142"))
    time = posted.clock.written
    assert sorted(posted.post()) == [
        (False, ANNA, "SE2120000142", DOCUMENTED),
        (True, ANNA, MUNICIPALITY, time),
    ]


@sqlite
def test_a_unit_that_gets_another_provider_moves_its_post(posted: World) -> None:
    posted.load(replace(HOME_CARE, provider=PROVIDER.hsa_id))
    time = posted.clock.written
    assert sorted(posted.post()) == [(False, ANNA, REGION, time), (True, ANNA, MUNICIPALITY, time)]


def test_time_brings_changes_too(posted: World) -> None:
    """A contact that ends, one that begins, a unit that closes: each on its day, or when it was missed."""
    posted.load(
        *residents(BO, CLARA),
        contact("b", BO, NILS, OTHER, type_code=CARE_CONTACT, valid_from=date(2026, 3, 12)),
        contact("c", CLARA, NILS, OTHER, type_code=CARE_CONTACT, valid_to=date(2026, 3, 13)),
        replace(HOME_CARE, valid_to=date(2026, 3, 12)),
    )
    assert posted.post() == [(False, CLARA, REGION, DOCUMENTED)]
    posted.clock.now += DAY
    posted.sweep()
    assert posted.post() == []
    posted.clock.now += DAY
    posted.sweep()
    assert posted.post() == [(False, BO, REGION, DOCUMENTED)]
    posted.clock.now += 3 * DAY
    posted.sweep()
    time = posted.clock.written
    assert sorted(posted.post()) == [(True, CLARA, REGION, time), (True, ANNA, MUNICIPALITY, time)]
    posted.sweep()
    assert posted.tasks() == {}


@sqlite
def test_a_listing_that_ends_by_its_date_takes_the_doctor_along(posted: World) -> None:
    posted.load(replace(LISTED, valid_to=datetime(2026, 3, 11, 0, 0)))
    assert posted.post() == []
    posted.clock.now += DAY
    posted.sweep()
    assert posted.post() == [(False, ANNA, REGION, posted.clock.written)]


@sqlite
def test_it_is_posted_for_the_identity_that_is_answered(world: World) -> None:
    reserve = "98240301AA06"
    world.load(*PLACES, Resident(reserve, COUNTY, other_ids=(OTHER_ID,)))
    world.load(contact("r", reserve, NILS, OTHER, type_code=CARE_CONTACT))
    assert world.post() == [(False, OTHER_ID, REGION, DOCUMENTED)]
    world.later()
    world.load(Resident(reserve, COUNTY, other_ids=(DAN,)))
    time = world.clock.written
    assert sorted(world.post()) == [(True, OTHER_ID, REGION, time), (False, DAN, REGION, DOCUMENTED)][::-1]
    world.later()
    world.load(*residents(DAN))  # whoever asks with it is somebody else
    with world.register.writing() as connection:
        index_marks.mark(connection, [reserve], world.clock.now)
    assert world.post() == [(True, DAN, REGION, world.clock.written)]


@sqlite
def test_removed_and_back_is_no_news_unless_it_was_posted(posted: World) -> None:
    posted.load(Resident(ANNA, COUNTY, protected=True))
    posted.load(*residents(ANNA))
    assert posted.post() == []


@sqlite
def test_an_addition_keeps_its_distance_from_a_removal(posted: World) -> None:
    """The index drops an addition that comes while it still collects the removal."""
    protected(posted)
    posted.post()
    posted.clock.now += timedelta(seconds=5)
    posted.load(*residents(ANNA))
    time = posted.clock.written
    assert posted.post() == []
    posted.clock.now += timedelta(seconds=54)
    assert posted.post() == []
    posted.clock.now += timedelta(seconds=1)
    assert len(posted.post()) == 2
    assert posted.index.stored == {(ANNA, REGION): time, (ANNA, MUNICIPALITY): time}


def test_a_post_whose_answer_is_lost_is_sent_again(world: World) -> None:
    """The sender dies between the index's answer and writing it down."""
    world.load(*PLACES, *ANNAS)
    world.index.lost = lambda: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        world.sender.run_once()
    world.index.lost = lambda: None
    world.later()
    assert world.post() == []  # the claim holds
    world.clock.now += LONGEST_CLAIM
    assert sorted(world.post()) == sorted(world.index.calls[0])
    assert world.tasks() == {}


@sqlite
def test_what_may_have_been_posted_is_removed(world: World) -> None:
    """As above, and by then it is no longer to be posted."""
    world.load(*PLACES, *ANNAS)
    world.index.lost = lambda: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        world.sender.run_once()
    world.index.lost = lambda: None
    protected(world)
    world.clock.now += LONGEST_CLAIM
    assert [one[0] for one in world.post()] == [True, True]
    assert world.index.stored == {}


def test_who_is_marked_while_being_posted_is_looked_over_again(world: World) -> None:
    world.load(*PLACES, *ANNAS)
    world.index.lost = lambda: protected(world)
    assert len(world.post()) == 2
    world.index.lost = lambda: None
    assert world.tasks() == {ANNA: (TaskState.WAITING, None)}
    world.later()
    assert [one[0] for one in world.post()] == [True, True]
    assert world.index.stored == {}


def many(count: int) -> tuple[list[Record], list[str]]:
    """Residents with one contact each; numbers that none has, for the check digit is not asked for."""
    people = [f"19000101{number:04}" for number in range(count)]
    nurses = [contact(f"n{one}", one, NILS, OTHER, type_code=CARE_CONTACT) for one in people]
    return [*residents(*people), *nurses], people


@sqlite
def test_as_few_calls_as_can_be(world: World) -> None:
    records, people = many(1003)
    world.load(*PLACES, *records)
    world.post()
    assert [len(call) for call in world.index.calls] == [1000, 3]
    assert world.index.stored.keys() == {(person, REGION) for person in people}
    assert len(set(world.index.headers)) == 2


@sqlite
@pytest.mark.parametrize("by_result_code", [False, True], ids=["Fault", "ResultCode"])
def test_one_bad_post_among_many_is_found(register: Register, clock: Clock, by_result_code: bool) -> None:
    with Index(clock, by_result_code).serving() as target:
        world = World(register, clock, target)
        world.sender = world.make_sender(batch_size=128)
        records, people = many(128)
        world.load(*PLACES, *records)
        target.refused = {people[77]}
        with capture_logs() as logs:
            world.post()
        assert len(target.calls) == 1 + 2 * 7
        assert target.stored.keys() == {(one, REGION) for one in people if one != people[77]}
        assert world.tasks() == {people[77]: (TaskState.REFUSED, "EI004")}
        (refused,) = (entry for entry in logs if entry["event"] == "index_refused")
        assert (refused["result"], refused["log_level"]) == ("EI004", "error")
        assert people[77] not in str(logs)
        target.refused = set()
        world.later()
        assert world.post() == []  # not by itself
        with register.writing() as connection:
            index_posts.resend(connection, index_marks.given_up(connection), clock.now)
        assert world.post() == [(False, people[77], REGION, DOCUMENTED)]
        assert world.tasks() == {}


@sqlite
def test_what_the_index_would_refuse_is_not_sent(world: World) -> None:
    long = CareProvider(HsaId(f"{'X' * 65}-A"), "Lång")
    far = unit("far", provider=long.hsa_id)
    world.load(*PLACES, long, far, *ANNAS)
    world.load(*residents(BO), contact("far", BO, NILS, far, type_code=CARE_CONTACT))
    assert {one[1] for one in world.post()} == {ANNA}
    state, result = world.tasks()[BO]
    assert (state, result) == (TaskState.REFUSED, "not sent: dataController is longer than 64 characters")


EI000 = fault("soap:Server", "EI000: a technical error")


@pytest.mark.parametrize(
    ("status", "body", "state", "result"),
    [
        (500, EI000, TaskState.WAITING, "EI000"),
        (500, vp_fault("VP009"), TaskState.WAITING, "VP009"),
        (503, b"", TaskState.WAITING, "http: HTTP 503 without a Fault: the body is empty"),
        (500, vp_fault("VP007"), TaskState.PARKED, "VP007"),
        (500, fault("soap:Server", "EI003: not this index"), TaskState.PARKED, "EI003"),
        (500, fault("soap:Server", "EI006: forbidden"), TaskState.PARKED, "EI006"),
    ],
    ids=["EI000", "VP009", "503", "VP007", "EI003", "EI006"],
)
@sqlite
def test_what_is_no_fault_of_the_posts(
    world: World, status: int, body: bytes, state: TaskState, result: str
) -> None:
    world.load(*PLACES, *ANNAS)
    world.index.instead = status, body
    with capture_logs() as logs:
        assert len(world.post()) == 2
    assert world.tasks() == {ANNA: (state, result)}
    level = "error" if state is TaskState.PARKED else "warning"
    assert [entry["log_level"] for entry in logs] == [level]
    world.index.instead = None
    world.load(*residents(BO), contact("bo", BO, NILS, OTHER, type_code=CARE_CONTACT))
    assert world.post() == []  # the index is left alone for a while
    world.clock.now += timedelta(minutes=5)
    expected = {ANNA, BO} if state is TaskState.WAITING else {BO}
    assert {one[1] for one in world.post()} == expected
    if state is TaskState.PARKED:
        changed_contact(world)
        assert {one[1] for one in world.post()} == {ANNA}
    assert world.tasks() == {}


@sqlite
def test_waits_double(world: World) -> None:
    world.load(*PLACES, *ANNAS)
    world.index.instead = 500, EI000
    for minutes in (5, 10, 20):
        assert len(world.post()) == 2
        world.clock.now += timedelta(minutes=minutes) - timedelta(seconds=1)
        assert world.post() == []
        world.clock.now += timedelta(seconds=1)
    assert len(world.post()) == 2


@sqlite
def test_all_is_sent_again_when_asked_for(posted: World) -> None:
    with posted.register.writing() as connection:
        index_posts.resend(connection, index_posts.everybody(connection), posted.clock.now)
    assert sorted(posted.post()) == [
        (False, ANNA, MUNICIPALITY, DOCUMENTED),
        (False, ANNA, REGION, DOCUMENTED),
    ]


@sqlite
def test_a_clock_that_was_set_back_delays_nothing_for_long(posted: World) -> None:
    posted.clock.now -= 30 * DAY
    protected(posted)
    assert len(posted.post()) == 2


@sqlite
def test_no_time_falls(posted: World) -> None:
    """Also where the clock does: of two additions that meet in the index the newer wins."""
    changed_contact(posted)
    ((_, _, _, first),) = posted.post()
    posted.clock.now -= 10 * DAY
    ended_contact(posted)
    posted.clock.now += MINUTE
    with posted.register.writing() as connection:
        connection.execute(update(index_post).values(posted_at=posted.clock.now - DAY))
    ((_, _, _, second),) = posted.post()
    assert second > first
