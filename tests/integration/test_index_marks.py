"""Marks for the engagement index on both databases: who is marked, who takes a mark, what becomes of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from contacts import index_marks, index_posts
from contacts.index_posts import Post
from register import claims
from register.claims import LONGEST_CLAIM
from register.database import Register
from register.model import Record, Resident
from register.outgoing import Task, TaskKind, TaskState
from register.tables import outgoing
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
        return {row.person_id: (row.version, row.state) for row in connection.execute(select(outgoing))}


def claim(register: Register, limit: int, at: datetime) -> list[Task]:
    return claims.claim(register, TaskKind.POST, str(uuid4()), at, limit=limit)


def claimed(register: Register, at: datetime = NOW, limit: int = 10) -> list[Task]:
    tasks = claim(register, limit, at)
    assert tasks
    return tasks


def finish(register: Register, tasks: list[Task], at: datetime = NOW) -> None:
    with register.writing() as connection:
        claims.give_back(connection, tasks, TaskState.DONE, at)


def people(tasks: list[Task]) -> list[str]:
    return [task.person_id for task in tasks]


def test_a_mark_counts_and_goes_when_it_is_done(register: Register) -> None:
    mark(register, ANNA, BO, ANNA)
    mark(register, ANNA)
    assert marked(register) == {ANNA: (2, TaskState.WAITING), BO: (1, TaskState.WAITING)}
    finish(register, claimed(register))
    assert marked(register) == {}


def test_a_claim_is_one_sender_s_until_it_runs_out(register: Register) -> None:
    mark(register, ANNA, BO, CLARA)
    first = claimed(register, limit=2)
    second = claimed(register)
    assert len(first) == 2
    assert sorted([*people(first), *people(second)]) == sorted([ANNA, BO, CLARA])
    assert claim(register, 10, NOW + LONGEST_CLAIM - MINUTE) == []
    third = claimed(register, NOW + LONGEST_CLAIM)
    assert [task.attempts for task in third] == [2, 2, 2]
    finish(register, first)  # too late: another has it
    assert len(marked(register)) == 3
    with register.reading() as connection:
        assert claims.still_claimed(connection, first) == []
        assert len(claims.still_claimed(connection, third)) == 3


def test_a_mark_made_meanwhile_is_not_lost(register: Register) -> None:
    mark(register, ANNA, BO)
    tasks = claimed(register)
    mark(register, ANNA, at=NOW + MINUTE)
    assert claim(register, 10, NOW + MINUTE) == []  # it stays with the one who has it
    finish(register, tasks, NOW + MINUTE)
    assert marked(register) == {ANNA: (2, TaskState.WAITING)}
    (task,) = claimed(register, NOW + MINUTE)
    assert (task.created_at, task.attempts) == (NOW + MINUTE, 1)


def test_what_is_refused_rests_until_it_is_marked_anew(register: Register) -> None:
    mark(register, ANNA, BO)
    tasks = claimed(register)
    mark(register, BO)
    with register.writing() as connection:
        claims.give_back(connection, tasks, TaskState.REFUSED, NOW, "EI004")
        assert index_marks.given_up(connection) == [ANNA]
    assert marked(register) == {ANNA: (1, TaskState.REFUSED), BO: (2, TaskState.WAITING)}
    assert people(claimed(register)) == [BO]
    mark(register, ANNA)
    assert people(claimed(register)) == [ANNA]


def test_what_failed_waits_though_it_is_marked_again(register: Register) -> None:
    mark(register, ANNA)
    tasks = claimed(register)
    with register.writing() as connection:
        claims.give_back(connection, tasks, TaskState.WAITING, NOW + 5 * MINUTE, "EI000")
    mark(register, ANNA, at=NOW + MINUTE)
    assert claim(register, 10, NOW + 4 * MINUTE) == []
    assert claimed(register, NOW + 5 * MINUTE)[0].attempts == 2


def test_a_clock_that_was_set_back_stops_nothing(register: Register) -> None:
    mark(register, ANNA)
    assert people(claim(register, 10, NOW - timedelta(days=30))) == [ANNA]
    assert people(claim(register, 10, NOW - timedelta(days=60))) == [ANNA]


def test_only_those_with_contacts_are_marked_by_what_else_is_loaded(register: Register) -> None:
    keep(register, PROVIDER, CENTRE, WARD, DORA, *residents(ANNA, BO), listing("b", BO, CENTRE), now=NOW)
    assert marked(register) == {}
    keep(register, contact("a", ANNA, DORA, WARD), now=NOW)
    assert marked(register) == {ANNA: (1, TaskState.WAITING)}
    keep(register, replace(CENTRE, name="Annat namn"), *residents(BO), now=NOW)
    assert marked(register) == {ANNA: (1, TaskState.WAITING)}
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
        assert marked(register) == {ANNA: (version, TaskState.WAITING)}


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
        assert index_marks.status(connection).posted == 1
        assert index_posts.everybody(connection) == [ANNA]
    assert ANNA not in repr(POST)
    with register.writing() as connection:
        index_posts.forget(connection, POST)
        assert index_marks.mark_all(connection, NOW) == 1
        assert len(index_posts.posts(connection, ANNA, None)) == 1
    assert marked(register) == {ANNA: (1, TaskState.WAITING)}
