"""The feed of changes: who starts from an export and follows it always holds what the register has."""

import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import select

from contacts import appointing
from contacts.contact_log import NotAllowed, StaffEdit
from contracts.clock import swedish_now
from contracts.codes import PV
from contracts.identifiers import HsaId
from listings.changes import ListingChanges
from listings.listing_log import Cause
from mapping.loads.undo import UndoRefused
from mapping.sources.report import LoadState
from register import feed_reading
from register.change_kinds import ChangeKind
from register.database import Register
from register.directory import find_unit
from register.ids import new_id
from register.model import FixedContact
from register.residents import find_resident
from register.tables import change_feed
from tests.databases import empty, keep, opened_copy
from tests.feed_consumer import Consumer, agrees
from tests.integration.listing_machine import Listings
from tests.records import ANNA, BO, CLARA, COUNTY, DAN, PROVIDER, doctor, residents, unit, works_at
from tests.sources import Source, section, undo
from tests.strength import sized

PEOPLE = (ANNA, BO, CLARA, DAN)
UNITS = (unit("one"), unit("two", max_listings=2, offers_queue=True))
DOCTORS = (doctor("dora"), doctor("emil"))
DAY = timedelta(days=1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def one_register(request: pytest.FixtureRequest) -> Iterator[Register]:
    """A register that each example fills anew."""
    if request.param == "sqlite":
        with opened_copy(request.getfixturevalue("sqlite_template")) as register:
            yield register
    else:
        register = request.getfixturevalue("postgresql_register")
        yield register
        empty(register)


class Followed(Listings):
    """The machine of listings, with a system that follows its feed."""

    consumer: Consumer | None = None

    def _verify(self, *asked: str, unchanged: bool = False) -> None:
        super()._verify(*asked, unchanged=unchanged)
        if self.consumer is None:
            self.consumer = Consumer(self.register, self.model.now)
        lines = agrees(self.consumer, self.model.now)
        assert not (unchanged and lines)


def test_any_sequence_of_calls(one_register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    module = import_module("producer.operations.create_listing")  # the package has the function by this name
    monkeypatch.setattr(module, "_LONGEST_WAIT_SECONDS", 0.0)  # nobody else answers meanwhile
    on_sqlite = one_register.engine.dialect.name == "sqlite"
    machine = type("Followed", (Followed,), {"register": one_register})
    examples = sized(quick=3, full=10) if on_sqlite else sized(quick=1, full=3)
    run_state_machine_as_test(machine, settings=settings(max_examples=examples, stateful_step_count=30))


class Hands:
    """Loads, undos, calls and staff, drawn at random."""

    def __init__(self, register: Register, source: Source, seed: int) -> None:
        self.register, self.source, self.random = register, source, random.Random(seed)  # noqa: S311
        self.last = 0
        self.done: dict[str, int] = {}

    def step(self) -> None:
        """Do one thing; what the rules refuse is not done."""
        what = self.random.choice([self._load, self._load, self._undo, self._list, self._queue, self._staff])
        if what():
            self.done[what.__name__] = self.done.get(what.__name__, 0) + 1

    def _load(self) -> bool:
        draw, some = self.random, [one for one in PEOPLE if self.random.random() < 0.8]
        days = [str(swedish_now().date() + n * DAY) for n in (-400, -40, -40, -1, 0, 5)]
        at = [str(one.hsa_id) for one in UNITS]
        staff = [str(one.hsa_id) for one in DOCTORS]
        report = self.source.load(
            {
                "resident": [(one, draw.choice(["14", "14", "01"]), "") for one in PEOPLE],
                "listing": [(one, draw.choice(at), draw.choice(days), "") for one in some],
                "queue_place": [
                    (one, draw.choice(at), draw.choice(days), draw.choice(["", "7"]))
                    for one in some
                    if draw.random() < 0.5
                ],
                "fixed_contact": [
                    (one, draw.choice("12"), draw.choice(staff), draw.choice(at), draw.choice(days), "")
                    for one in some
                    if draw.random() < 0.7
                ],
            }
        )
        self.last = report.batch or self.last
        return report.state is LoadState.LOADED

    def _undo(self) -> bool:
        with suppress(UndoRefused):
            undo(self.register, self.last)
            return True
        return False

    def _list(self) -> bool:
        with self.register.writing() as connection:
            person = find_resident(connection, self.random.choice(PEOPLE))
            if person is None:
                return False
            cause = Cause(source="CreateListing")
            changes = ListingChanges(connection, swedish_now(), {COUNTY: 3}, cause)
            who = self.random.choice([None, *(one.hsa_id for one in DOCTORS)])
            at = self.random.choice(UNITS)
            changes.list_resident(person, at, PV.key, doctor=who)
            changes.finish()
        return True

    def _queue(self) -> bool:
        with self.register.writing() as connection:
            at = find_unit(connection, HsaId(str(UNITS[1].hsa_id)))
            changes = ListingChanges(
                connection, swedish_now(), {COUNTY: 3}, Cause(source="fastkontakt listings")
            )
            person = self.random.choice(PEOPLE)
            if not changes.leave_queue(person, PV.key, at):
                changes.join_queue(person, at, PV.key)
            changes.finish()
        return True

    def _staff(self) -> bool:
        draw, person = self.random, self.random.choice(PEOPLE)
        try:
            with self.register.writing() as connection:
                edit = StaffEdit(connection, swedish_now(), "tester")
                kind = draw.choice("12")
                kept = appointing.of_type(edit, person, kind, ending_from=edit.today)
                if not kept:
                    new = FixedContact(
                        new_id(),
                        person,
                        kind,
                        draw.choice(DOCTORS).hsa_id,
                        draw.choice(UNITS).hsa_id,
                        edit.today + draw.choice([0, 5]) * DAY,
                        edit.now,
                    )
                    appointing.appoint(edit, new)
                elif draw.random() < 0.5:
                    appointing.end(edit, kept[0], draw.choice([None, edit.today + DAY]))
                else:
                    appointing.change(edit, kept[0], valid_to=edit.today + draw.choice([0, 30]) * DAY)
        except NotAllowed:
            return False
        return True


def region(register: Register) -> None:
    """Keep units and staff, and residents of whom nothing is known."""
    employed = [works_at(one, at, selectable_as_care_contact=True) for one in DOCTORS for at in UNITS]
    keep(register, PROVIDER, *UNITS, *DOCTORS, *employed, *residents(*PEOPLE))


@pytest.mark.parametrize("seed", range(sized(quick=3, full=12)))
@pytest.mark.parametrize("policy", ["full", "delta"])
def test_any_sequence_of_loads_undos_calls_and_staff(
    register: Register, tmp_path: Path, policy: str, seed: int
) -> None:
    region(register)
    types = ["resident", "listing", "queue_place", "fixed_contact"]
    source = Source(register, tmp_path / "source", types, policy=policy, faulty="skip")
    hands = Hands(register, source, seed)
    for _ in range(5):
        hands.step()
    consumer = Consumer(register, swedish_now())
    for _ in range(sized(quick=25, full=60)):
        hands.step()
        now = swedish_now()
        agrees(consumer, *(now + n * DAY for n in (0, 1, 5, 31)))
    assert hands.done["_load"] > 2, hands.done
    assert len(hands.done) >= 4, hands.done
    with register.reading() as connection:
        kinds = set(connection.scalars(select(change_feed.c.kind)))
    assert {
        ChangeKind.LISTING_BEGUN,
        ChangeKind.LISTING_ENDED,
        ChangeKind.QUEUE_TAKEN,
    } <= kinds


def test_what_a_line_says(register: Register) -> None:
    region(register)
    now = datetime(2026, 3, 1, 12, 0)
    with register.writing() as connection:
        person = find_resident(connection, ANNA)
        assert person is not None
        changes = ListingChanges(connection, now, {COUNTY: 3}, Cause(source="CreateListing"))
        changes.list_resident(person, UNITS[0], PV.key, doctor=DOCTORS[0].hsa_id)
        changes.finish()
    with register.reading() as connection:
        begun, chosen = feed_reading.since(connection, 0, 10)
    assert (begun.kind, begun.person_id, begun.unit, begun.code) == (
        "listing_begun",
        ANNA,
        str(UNITS[0].hsa_id),
        PV.code,
    )
    assert (begun.valid_from, begun.valid_to) == ("2026-03-01T12:00:00.000000", None)
    assert (begun.cause, begun.who, begun.at) == ("CreateListing", "call", datetime(2026, 3, 1, 11, 0))
    assert (chosen.kind, chosen.staff, chosen.valid_from) == (
        "doctor_begun",
        str(DOCTORS[0].hsa_id),
        "2026-03-01",
    )


def test_a_resident_moves_and_dies_by_a_load_and_an_undo_takes_it_back(
    register: Register, tmp_path: Path
) -> None:
    fields = ("person_id", "home_county", "deceased_on")
    source = Source(register, tmp_path / "source", ["resident"])
    sections = ['[[file]]\nname = "resident.csv"\nrecord = "resident"\n[file.fields]']
    sections[0] += "".join(f'\n{name} = "{name}"' for name in fields)
    source = source.with_(sections=sections)
    source.load({"resident": [(ANNA, "14", ""), (BO, "14", "")]}, header=fields)
    source.load({"resident": [(ANNA, "01", ""), (BO, "14", "2026-02-01")]}, header=fields)
    undo(register, 2)
    with register.reading() as connection:
        found = [
            (one.kind, one.person_id, one.county, one.valid_to, one.cause, one.who)
            for one in feed_reading.since(connection, 0, 10)
        ]
    assert sorted(found[:2]) == [
        ("resident_deceased", BO, None, "2026-02-01", "load 2", "nightly"),
        ("resident_moved", ANNA, "01", None, "load 2", "nightly"),
    ]
    assert sorted(found[2:]) == [
        ("resident_deceased", BO, None, None, "undo 2", "nightly"),
        ("resident_moved", ANNA, "14", None, "undo 2", "nightly"),
    ]


def test_who_becomes_protected_is_hidden_and_shown_again(register: Register, tmp_path: Path) -> None:
    """There was no line: a reader without protected residents kept what it had of them."""
    region(register)
    fields = ("person_id", "protected")
    people = Source(
        register,
        tmp_path / "people",
        sections=[section("resident", fields)],
        fields={"resident": fields},
        name="people",
    )
    listings = Source(register, tmp_path / "source", ["listing"])
    at, now = str(UNITS[0].hsa_id), swedish_now()
    listings.loaded({"listing": [(ANNA, at, "2025-01-01", "")]})
    consumer = Consumer(register, now)
    people.loaded({"resident": [(ANNA, "ja"), (BO, "nej")]})
    assert [one.kind for one in agrees(consumer, now)] == ["resident_hidden"]
    assert consumer.holds(now) == set()
    people.loaded({"resident": [(ANNA, "nej"), (BO, "nej")]})
    assert [one.kind for one in agrees(consumer, now)] == ["resident_shown", "listing_changed"]
    assert len(consumer.holds(now)) == 1
    undo(register, 3)
    assert [one.kind for one in agrees(consumer, now)] == ["resident_hidden"]


def test_what_is_rolled_back_is_in_no_line(register: Register) -> None:
    region(register)

    def change(fail: bool) -> None:
        with register.writing() as connection:
            changes = ListingChanges(connection, swedish_now(), {COUNTY: 3}, Cause(source="CreateListing"))
            changes.join_queue(ANNA, UNITS[1], PV.key)
            if fail:
                raise LookupError

    with suppress(LookupError):
        change(fail=True)
    with register.reading() as connection:
        assert feed_reading.since(connection, 0, 10) == []
    change(fail=False)
    with register.reading() as connection:
        assert [one.kind for one in feed_reading.since(connection, 0, 10)] == ["queue_taken"]
