"""The machine that takes any steps with a producer and its model, and compares the two after each."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sqlalchemy import Connection, update

from contracts.clock import SWEDEN, swedish
from contracts.codes import ResultCode
from listings import places, region_messages
from listings.changes import ListingChanges
from listings.listing_log import Cause
from listings.upkeep import settle
from producer.service import Service
from producer.settings import ProducerSettings
from producer.wsgi import Producer
from register import claims, outgoing
from register.database import Register
from register.directory import find_unit
from register.outgoing import Task, TaskKind, TaskState
from register.tables import resident as resident_table
from register.tables import unit as unit_table
from tests.asking import result
from tests.databases import empty, keep
from tests.integration import listing_state
from tests.integration.listing_holdings import NATIONAL, Kind, Request, Wish
from tests.integration.listing_model import INFO, OK, YEARLY, Model
from tests.integration.listing_world import (
    DOCTORS,
    EVERYBODY,
    OFFERING,
    OURS,
    PROTECTED,
    THEIRS,
    UNITS,
    ask_about,
    ask_about_facilities,
    in_model,
    in_register,
    persons,
    records,
)
from tests.messages import create_listing, envelope, path, update_listing
from tests.records import COUNTY, OTHER_COUNTY, REGION_TYPE, hsa
from tests.soap import check_exchange
from tests.wsgi import post

START = datetime(2026, 9, 1, 10, 0)
THIRD_COUNTY = "17"

_QUEUES = [
    *((who, at) for who, at in zip(OURS, ("auto", "brisk", "staff", "tight"), strict=False)),
    *((who, at) for who in THEIRS[:2] for at in ("auto", "brisk")),
    *((who, at) for who in (OURS[3], THEIRS[1], OURS[0]) for at in ("staff", "brisk")),
]
"""Who asks for a place where, for a start with full facilities and queues."""

_MINUTES = (1, 1, 4, 6, 31, 61, 24 * 60, 24 * 60, 31 * 24 * 60, 366 * 24 * 60)
_RESIDENTS = st.sampled_from([*[one for one in EVERYBODY if one != PROTECTED] * 2, PROTECTED])
_NTH = st.integers(0, 9)
_DOCTORS = st.sampled_from([None, None, *DOCTORS])
_ANSWERS = st.sampled_from([ResultCode.OK, ResultCode.OK, ResultCode(YEARLY), None])


class Listings(RuleBasedStateMachine):
    """The region's producer and its model, which take the same steps."""

    register: Register
    sound = False
    """Whether the last step has been found right."""

    @initialize(waits=st.booleans(), busy=st.booleans(), limit=st.sampled_from([0, 1, 1, 3]))
    def begin(self, waits: bool, busy: bool, limit: int) -> None:
        empty(self.register)
        keep(self.register, *records())
        self.utc = START
        self.answer: ResultCode | None = None
        self.delivered: int | None = None
        self.held: tuple[int, Task] | None = None
        self.last: tuple[Wish, bool | None] | None = None
        region = {"home_region": "first" if waits else "later", "max_changes_per_year": limit}
        service = Service(
            ProducerSettings.model_validate({"regions": {COUNTY: region}}),
            self.register,
            now=lambda: swedish(self.utc),
            deliver=self._deliver,
        )
        self.limits = {COUNTY: limit}
        self.app = Producer(service)
        units = {name: replace(one) for name, one in UNITS.items()}
        self.model = Model(swedish(self.utc), persons(), units, waits=waits, limit=limit)
        for who, at in _QUEUES if busy else []:
            wish = create_listing(who, hsa(at), add_to_queue=True, home=persons()[who].home, new=COUNTY)
            self._post("CreateListing", wish)
            self.model.create(Wish(who, at, NATIONAL, None, True, persons()[who].home))
        self.rows = listing_state.dump(self.register)
        self.told: dict[str, Any] = {}  # what the answers were when they were last asked for
        self._verify()

    # What comes over the wire.

    @rule(
        who=_RESIDENTS,
        at=st.sampled_from(sorted(UNITS)),
        kind=st.sampled_from([NATIONAL, NATIONAL, NATIONAL, REGION_TYPE]),
        with_doctor=_DOCTORS,
        queue=st.sampled_from([True, True, False, None]),
        given_home=st.sampled_from(["right"] * 8 + ["none", "wrong"]),
        answer=_ANSWERS,
    )
    def choose(
        self,
        who: str,
        at: str,
        kind: Kind,
        with_doctor: str | None,
        queue: bool | None,
        given_home: str,
        answer: ResultCode | None,
    ) -> None:
        home: str | None = self.model.persons[who].home
        if given_home == "none":
            home = None
        elif given_home == "wrong":
            home = OTHER_COUNTY if home == COUNTY else COUNTY
        self._create(Wish(who, at, kind, with_doctor, bool(queue), home), queue, answer)

    @rule(who=_RESIDENTS, at=st.sampled_from(["auto", "brisk", "staff"]), answer=_ANSWERS)
    def choose_or_queue(self, who: str, at: str, answer: ResultCode | None) -> None:
        self._create(Wish(who, at, NATIONAL, None, True, self.model.persons[who].home), True, answer)

    @rule(
        who=st.sampled_from(THEIRS), at=st.sampled_from(["auto", "brisk", "staff", "tight"]), answer=_ANSWERS
    )
    def choose_from_afar(self, who: str, at: str, answer: ResultCode | None) -> None:
        self._create(Wish(who, at, NATIONAL, None, True, OTHER_COUNTY), True, answer)

    @rule(who=st.sampled_from(OURS), at=st.sampled_from(["auto", "centre", "tight"]), who_there=_DOCTORS)
    def choose_at_home(self, who: str, at: str, who_there: str | None) -> None:
        self._create(Wish(who, at, NATIONAL, who_there, False, None), None, None)

    @precondition(lambda self: self._crowded())
    @rule(nth=_NTH, at=st.sampled_from(["brisk", "centre", "tight"]), answer=_ANSWERS)
    def make_room(self, nth: int, at: str, answer: ResultCode | None) -> None:
        """Have somebody leave a facility where others queue."""
        crowded = self._crowded()
        who = crowded[nth % len(crowded)]
        self._create(Wish(who, at, NATIONAL, None, True, self.model.persons[who].home), True, answer)

    @precondition(lambda self: any(self.model.queues.values()))
    @rule(nth=_NTH, queue=st.sampled_from([False, None]))
    def leave_queue(self, nth: int, queue: bool | None) -> None:
        standing = [one for places in self.model.queues.values() for one in places]
        place = standing[nth % len(standing)]
        home = self.model.persons[place.person].home
        self._create(Wish(place.person, place.unit, place.kind, None, False, home), queue, None)

    @precondition(lambda self: self.last is not None)
    @rule(answer=_ANSWERS)
    def choose_again(self, answer: ResultCode | None) -> None:
        assert self.last is not None
        self._create(*self.last, answer)

    @rule(
        who=_RESIDENTS,
        new=st.sampled_from([COUNTY, OTHER_COUNTY, THIRD_COUNTY, THIRD_COUNTY]),
        given_home=st.sampled_from(["right"] * 5 + ["wrong"]),
        kind=st.sampled_from([NATIONAL, NATIONAL, REGION_TYPE]),
    )
    def tell(self, who: str, new: str, given_home: str, kind: Kind) -> None:
        home = self.model.persons[who].home
        if given_home == "wrong":
            home = OTHER_COUNTY if home == COUNTY else COUNTY
        message = update_listing(who, new, home, kind=None if kind == NATIONAL else kind)
        found, _ = self._post("UpdateListing", message)
        assert found == self.model.update(who, new, home, kind)
        self._verify(who, unchanged=found != OK)

    # Other regions.

    @precondition(lambda self: any(one.state in ("waiting", "sending") for one in self.model.messages))
    @rule(address=st.sampled_from([OTHER_COUNTY, OTHER_COUNTY, OTHER_COUNTY, THIRD_COUNTY]))
    def send(self, address: str) -> None:
        found = claims.claim(self.register, TaskKind.MESSAGE, "sender", self.utc, address=address)
        message = found[0] if found else None
        number = self.model.claim(address, self.utc)
        assert (message is None) == (number is None)
        if message is not None and number is not None:
            assert self._number(message.id) == number
            self.held = number, message
        self._verify()

    @precondition(lambda self: self._asked_about() is not None)
    @rule(step=st.sampled_from(["told", "taken", "changed"]), other=st.sampled_from(OURS))
    def meanwhile(self, step: str, other: str) -> None:
        """Have something happen to a listing that the home region is just being asked about."""
        request = self._asked_about()
        assert request is not None
        if step == "told":
            self.tell(request.person, THIRD_COUNTY, "right", request.kind)
        elif step == "taken":
            self._create(Wish(other, request.unit, NATIONAL, None, False, COUNTY), False, None)
        else:
            home = self.model.persons[request.person].home
            wish = Wish(request.person, request.unit, request.kind, None, False, home)
            self._create(wish, None, None)

    @precondition(lambda self: self.held is not None)
    @rule(answer=_ANSWERS)
    def get_answer(self, answer: ResultCode | None) -> None:
        """Have the other region answer what was sent, or the sender give up waiting for it."""
        assert self.held is not None
        number, message = self.held
        self.held = None
        if answer is None:
            later = self.utc + timedelta(minutes=5)
            with self.register.writing() as connection:
                own = region_messages.give_back(connection, message, TaskState.WAITING, later, "no answer")
                if own and message.request_id is not None:
                    self._changes(connection).no_answer(message.request_id)
            self.model.unanswered(number, later)
        else:
            self._settle(message, answer)
            self.model.answered(number, answer)
        self._verify(message.person_id)

    # What happens at home.

    @rule(minutes=st.sampled_from(_MINUTES))
    def wait(self, minutes: int) -> None:
        self._set_clock(self.utc + timedelta(minutes=minutes))

    @rule()
    def wait_for_the_hour_that_comes_twice(self) -> None:
        """Set the clock to a moment before it, or within it if it is about to begin."""
        hour = next(one for year in range(self.utc.year, 9999) if (one := _summer_ends(year)) > self.utc)
        before = hour - timedelta(minutes=20)
        self._set_clock(before if self.utc < before else hour + timedelta(minutes=20))

    @rule(at=st.sampled_from(sorted(UNITS)), cap=st.sampled_from([0, 1, 2, 3, None]))
    def change_cap(self, at: str, cap: int | None) -> None:
        self._change(unit_table, unit_table.c.hsa_key == hsa(at), max_listings=cap)
        self.model.units[at].cap = cap
        self._verify()

    @precondition(lambda self: all(one.closes is None for one in self.model.units.values()))
    @rule(at=st.sampled_from(sorted(UNITS)), after=st.sampled_from([-1, 0, 1]))
    def close(self, at: str, after: int) -> None:
        self._close(at, self.model.now.date() + timedelta(days=after))

    @precondition(lambda self: any(one.closes is not None for one in self.model.units.values()))
    @rule()
    def open_again(self) -> None:
        (at,) = (name for name, one in self.model.units.items() if one.closes is not None)
        self._close(at, None)

    def _close(self, at: str, last: date | None) -> None:
        self._change(unit_table, unit_table.c.hsa_key == hsa(at), valid_to=last)
        self.model.units[at].closes = last
        self._verify()

    @precondition(lambda self: sum(one.dead for one in self.model.persons.values()) < 2)
    @rule(who=_RESIDENTS)
    def die(self, who: str) -> None:
        if self.model.persons[who].known:
            self._change(resident_table, resident_table.c.person_id == who, deceased_on=self.model.now.date())
            self.model.persons[who].dead = True
            self._verify(who)

    @rule()
    def settle(self) -> None:
        settle(self.register, self.model.now, self.limits)
        self.model.settle()
        self._verify()

    @rule()
    def allot_by_staff(self) -> None:
        key = hsa("staff")
        with self.register.writing() as connection:
            changes = self._changes(connection)
            facility = find_unit(connection, key)
            standing = places.queue(connection, key, self.model.now)
            free = places.vacant(connection, facility, NATIONAL, self.model.now)
            given = free != 0 and any(changes.allot(one, facility) for one in standing)
            changes.finish()
        assert given == self.model.allot("staff")
        self._verify()

    def teardown(self) -> None:
        """Ask about everybody in the end, unless a step has failed."""
        if self.sound:
            self._verify(*EVERYBODY)

    # How.

    def _asked_about(self) -> Request | None:
        """Return the request that a message is about that is being sent."""
        return None if self.held is None else self.model.messages[self.held[0]].request

    def _crowded(self) -> list[str]:
        """Return who is listed where others queue."""
        return [who for (who, _), (at, *_) in sorted(self.model.listings.items()) if self.model.queues[at]]

    def _create(self, wish: Wish, queue: bool | None, answer: ResultCode | None) -> None:
        self.last, self.answer, self.delivered = (wish, queue), answer, None
        message = create_listing(
            wish.person,
            hsa(wish.unit),
            kind=wish.kind,
            doctor=wish.doctor and DOCTORS[wish.doctor],
            add_to_queue=queue,
            home=wish.home,
            new=None if wish.home is None else COUNTY,
        )
        found, text = self._post("CreateListing", message)
        before = in_model(self.model)
        expected, asked = self.model.create(wish)
        if asked is not None and asked.state == "sending":
            assert self.delivered is not None
            assert self.model.messages[self._number(self.delivered)] is asked
            if answer is not None:
                self.model.answered(self.model.messages.index(asked), answer)
                expected = self.model.answers[wish.person][2]
        assert found == expected
        assert text or found == OK
        assert asked is not None or found in (OK, INFO) or in_model(self.model) == before
        self._verify(wish.person, unchanged=in_model(self.model) == before)

    def _post(self, contract: str, message: str) -> tuple[str | None, str | None]:
        body = envelope(message)
        response = post(self.app, path(contract), body)
        return result(check_exchange(body, response.body)[1])

    def _deliver(self, message_id: int) -> None:
        """Be the sender of the process: get an answer from the home region, or none."""
        with self.register.reading() as connection:
            message = outgoing.find(connection, TaskKind.MESSAGE, message_id)
        if message is not None and message.state is TaskState.SENDING:
            self.delivered = message_id
            if self.answer is not None:
                self._settle(message, self.answer)

    def _settle(self, message: Task, answer: ResultCode) -> None:
        agreed = answer is ResultCode.OK
        with self.register.writing() as connection:
            state = TaskState.DONE if agreed else TaskState.REFUSED
            own = region_messages.give_back(connection, message, state, self.utc, answer)
            if own and message.request_id is not None:
                changes = self._changes(connection)
                changes.settle_request(message.request_id, answer, None)
                changes.finish()

    def _changes(self, connection: Connection) -> ListingChanges:
        return ListingChanges(connection, self.model.now, self.limits, Cause(source="test"))

    def _number(self, message_id: int) -> int:
        """Return which message it is, the first being 0."""
        with self.register.reading() as connection:
            found = outgoing.listed(connection, TaskKind.MESSAGE, list(TaskState))
            return [one.id for one in found].index(message_id)

    def _change(self, table: Any, which: Any, **values: date | int | None) -> None:
        with self.register.writing() as connection:
            connection.execute(update(table).where(which).values(**values))

    def _set_clock(self, to: datetime) -> None:
        self.utc = to
        self.model.now = swedish(to)
        self._verify()

    def _verify(self, *asked: str, unchanged: bool = False) -> None:
        """Compare the register and the answers with the model, after a step."""
        self.sound = False
        before, self.rows = self.rows, listing_state.dump(self.register)
        if unchanged:
            assert self.rows == before
        listing_state.check(self.rows, self.model.now)
        self._check_caps(before)
        assert in_register(self.rows, self.model.now) == in_model(self.model)
        for who in EVERYBODY:
            shown = self.model.shown(who), self.model.counties(who)
            if who in asked or self.told.get(who, ([], [])) != shown:
                ask_about(self.app, self.model, who)
                self.told[who] = shown
        offered = self.model.facilities(), [self.model.selectable(name) for name in OFFERING]
        if self.told.get("facilities") != offered:
            ask_about_facilities(self.app, self.model)
            self.told["facilities"] = offered
        self.sound = True

    def _check_caps(self, before: listing_state.Dump) -> None:
        """Nobody gets a place where there is none. A cap may be set below what is used."""
        for name, one in self.model.units.items():
            key = hsa(name)
            used = listing_state.used(self.rows, key, self.model.now)
            assert used == self.model.used(name)
            earlier = listing_state.used(before, key, self.model.now)
            assert one.cap is None or used <= max(one.cap, earlier)
            for who, cap in one.doctors.items():
                assert cap is None or self.model.patients(name, who) <= cap


def _summer_ends(year: int) -> datetime:
    """Return when the hour between two and three begins for the second time, UTC."""
    day = max(
        datetime(year, 10, number, 1, tzinfo=UTC)
        for number in range(25, 32)
        if date(year, 10, number).weekday() == 6
    )
    assert day.astimezone(SWEDEN).fold == 1
    return day.replace(tzinfo=None)
