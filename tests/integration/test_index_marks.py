"""Marks for the engagement index on both databases: who is marked, who takes a mark, what becomes of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from contacts import index_marks, index_posts
from contacts.index_marks import State
from contacts.index_posts import Claim, Post
from register.database import Register
from register.model import Record, Resident
from register.outbox import LONGEST_CLAIM
from register.tables import index_task
from tests.databases import keep
from tests.records import ANNA, BO, CLARA, COUNTY, PROVIDER, contact, doctor, listing, residents, unit

NOW = datetime(2026, 3, 10, 11, 0)
MINUTE = timedelta(minutes=1)
CENTRE = unit("centre")
WARD = unit("ward", care_unit=CENTRE.hsa_id)
DORA = doctor("dora")
POST = Post(ANNA, "SE2321000131", ANNA, False, "20260310120000", "digest", NOW)


def mark(register: Register, *people: str, at: datetime = NOW) -> None:
    with register.writing() as connection:
        index_marks.mark(connection, people, at)


def marked(register: Register) -> dict[str, tuple[int, str]]:
    with register.reading() as connection:
        return {row.person_id: (row.version, row.state) for row in connection.execute(select(index_task))}


def claimed(register: Register, at: datetime = NOW, limit: int = 10) -> Claim:
    claim = index_posts.claim(register, limit, at)
    assert claim is not None
    return claim


def finish(register: Register, claim: Claim, at: datetime = NOW) -> None:
    with register.writing() as connection:
        index_posts.finish(connection, claim, claim.tasks, at)


def people(claim: Claim | None) -> Iterable[str]:
    return [] if claim is None else [task.resident_id for task in claim.tasks]


def test_a_mark_counts_and_goes_when_it_is_done(register: Register) -> None:
    mark(register, ANNA, BO, ANNA)
    mark(register, ANNA)
    assert marked(register) == {ANNA: (2, State.WAITING), BO: (1, State.WAITING)}
    finish(register, claimed(register))
    assert marked(register) == {}


def test_a_claim_is_one_sender_s_until_it_runs_out(register: Register) -> None:
    mark(register, ANNA, BO, CLARA)
    first = claimed(register, limit=2)
    second = claimed(register)
    assert len(first.tasks) == 2
    assert sorted([*people(first), *people(second)]) == sorted([ANNA, BO, CLARA])
    assert index_posts.claim(register, 10, NOW + LONGEST_CLAIM - MINUTE) is None
    third = claimed(register, NOW + LONGEST_CLAIM)
    assert [task.attempts for task in third.tasks] == [2, 2, 2]
    finish(register, first)  # too late: another has it
    assert len(marked(register)) == 3
    with register.reading() as connection:
        assert index_posts.still_claimed(connection, first) == set()
        assert len(index_posts.still_claimed(connection, third)) == 3


def test_a_mark_made_meanwhile_is_not_lost(register: Register) -> None:
    mark(register, ANNA, BO)
    claim = claimed(register)
    mark(register, ANNA, at=NOW + MINUTE)
    assert index_posts.claim(register, 10, NOW + MINUTE) is None  # it stays with the one who has it
    finish(register, claim, NOW + MINUTE)
    assert marked(register) == {ANNA: (2, State.WAITING)}
    (task,) = claimed(register, NOW + MINUTE).tasks
    assert (task.marked_at, task.attempts) == (NOW + MINUTE, 1)


def test_what_is_refused_rests_until_it_is_marked_anew(register: Register) -> None:
    mark(register, ANNA, BO)
    claim = claimed(register)
    mark(register, BO)
    with register.writing() as connection:
        for task in claim.tasks:
            index_posts.put_back(connection, claim, task, State.REFUSED, NOW, "EI004")
        assert index_posts.given_up(connection) == [ANNA]
    assert marked(register) == {ANNA: (1, State.REFUSED), BO: (2, State.WAITING)}
    assert people(claimed(register)) == [BO]
    mark(register, ANNA)
    assert people(claimed(register)) == [ANNA]


def test_what_failed_waits_though_it_is_marked_again(register: Register) -> None:
    mark(register, ANNA)
    claim = claimed(register)
    with register.writing() as connection:
        index_posts.put_back(connection, claim, claim.tasks[0], State.WAITING, NOW + 5 * MINUTE, "EI000")
    mark(register, ANNA, at=NOW + MINUTE)
    assert index_posts.claim(register, 10, NOW + 4 * MINUTE) is None
    assert claimed(register, NOW + 5 * MINUTE).tasks[0].attempts == 2


def test_a_clock_that_was_set_back_stops_nothing(register: Register) -> None:
    mark(register, ANNA)
    assert people(index_posts.claim(register, 10, NOW - timedelta(days=30))) == [ANNA]
    assert people(index_posts.claim(register, 10, NOW - timedelta(days=60))) == [ANNA]


def test_only_those_with_contacts_are_marked_by_what_else_is_loaded(register: Register) -> None:
    keep(register, PROVIDER, CENTRE, WARD, DORA, *residents(ANNA, BO), listing("b", BO, CENTRE), now=NOW)
    assert marked(register) == {}
    keep(register, contact("a", ANNA, DORA, WARD), now=NOW)
    assert marked(register) == {ANNA: (1, State.WAITING)}
    keep(register, replace(CENTRE, name="Annat namn"), *residents(BO), now=NOW)
    assert marked(register) == {ANNA: (1, State.WAITING)}
    deciding: tuple[Record, ...] = (
        replace(CENTRE, valid_to=NOW.date()),
        replace(DORA, protected=True),
        replace(PROVIDER, organisation_number="2321000131"),
        Resident(ANNA, COUNTY, protected=True),
        Resident(ANNA, COUNTY, protected=True, other_ids=(CLARA,)),
        listing("a", ANNA, CENTRE),
    )
    for version, record in enumerate(deciding, 2):
        keep(register, record, now=NOW)
        assert marked(register) == {ANNA: (version, State.WAITING)}


def test_a_contact_that_turns_out_another_s_marks_both(register: Register) -> None:
    keep(register, PROVIDER, CENTRE, DORA, *residents(ANNA, BO), contact("a", ANNA, DORA, CENTRE), now=NOW)
    finish(register, claimed(register))
    keep(register, contact("a", BO, DORA, CENTRE), now=NOW)
    assert marked(register).keys() == {ANNA, BO}


def test_the_mark_goes_with_the_change(register: Register) -> None:
    class Undone(Exception):
        pass

    def write_and_fail() -> None:
        with register.writing() as connection:
            index_marks.mark(connection, [ANNA], NOW)
            raise Undone

    with pytest.raises(Undone):
        write_and_fail()
    assert marked(register) == {}


def test_posts_are_kept_by_their_key(register: Register) -> None:
    with register.writing() as connection:
        index_posts.write(connection, [POST, replace(POST, data_controller="SE2120001355")])
        index_posts.write(connection, [index_posts.maybe(POST)])
    with register.reading() as connection:
        found = index_posts.posts(connection, ANNA, None)
        assert [(post.data_controller, post.content) for post in found] == [
            ("SE2120001355", "digest"),
            ("SE2321000131", None),
        ]
        assert index_posts.posts(connection, BO, ANNA) == found
        assert index_posts.status(connection).posted == 1
        assert index_posts.everybody(connection) == [ANNA]
    assert ANNA not in repr(POST)
    with register.writing() as connection:
        index_posts.forget(connection, POST)
        assert index_marks.mark_all(connection, NOW) == 1
        assert len(index_posts.posts(connection, ANNA, None)) == 1
    assert marked(register) == {ANNA: (1, State.WAITING)}
