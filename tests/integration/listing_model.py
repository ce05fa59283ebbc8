"""What requests and time do to listings, told from the rules alone.

The rules are those of carelisting TKB 2.1 and IS flows 5, 11a, 11b and 13.
"""

from copy import deepcopy
from datetime import datetime, timedelta

from contracts.clock import utc
from tests.integration.listing_holdings import NATIONAL, Holdings, Kind, Message, Place, Request, Wish
from tests.records import COUNTY

OK, INFO, ERROR = "OK", "INFO", "ERROR"
FULL = "ERROR_MAXIMUM_CITIZEN_REACHED_ON_CAREUNIT"
YEARLY = "ERROR_MAXIMUM_ANNUAL_UPDATES_EXCEEDED"

REPEAT = timedelta(minutes=60)
"""How long a request that comes again is the same one."""
CLAIM = timedelta(minutes=5)
"""How long a sender has a message to itself."""


class Refused(Exception):
    """A wish that leads to nothing; its text is the resultCode."""


class Model(Holdings):
    """The listings of region 14, and what changes them."""

    def create(self, wish: Wish) -> tuple[str, Message | None]:
        """Carry out a CreateListing; return the answer, and the message that it waits for."""
        trial = deepcopy(self)
        try:
            answer = trial._create(wish)
        except Refused as refusal:
            return str(refusal), None
        self.__dict__ = trial.__dict__
        return answer

    def update(self, person: str, new: str, home: str, kind: Kind) -> str:
        """Take in an UpdateListing."""
        trial = deepcopy(self)
        try:
            trial._update(person, new, home, kind)
        except Refused as refusal:
            return str(refusal)
        self.__dict__ = trial.__dict__
        return OK

    def claim(self, address: str, at: datetime) -> int | None:
        """Have a sender take the next message to an address; return its number."""
        ahead: set[str] = set()
        for number, one in enumerate(self.messages):
            if one.address != address or one.state not in ("waiting", "sending"):
                continue
            due = one.claimed_until is None or one.claimed_until <= at
            if due and one.person not in ahead:
                one.state, one.claimed_until, one.sent = "sending", at + CLAIM, True
                return number
            ahead.add(one.person)
        return None

    def unanswered(self, number: int, at: datetime) -> None:
        """Have a sender give back a message that got no answer, to be sent again at a time."""
        message = self.messages[number]
        if message.state == "sending":
            over = message.request is not None and message.request.state != "waiting"
            later = self.messages[number + 1 :]
            message.state = "dropped" if over or self._superseded(message, later) else "waiting"
            message.claimed_until = at
            if message.request is not None and message.request.state == "given up":
                self._tell_it_is_not_here(message.request)

    @staticmethod
    def _superseded(message: Message, later: list[Message]) -> bool:
        same = [(one.address, one.person, one.kind) for one in later if one.state != "dropped"]
        return message.request is None and (message.address, message.person, message.kind) in same

    def answered(self, number: int, code: str) -> None:
        """Settle what a sent message was about by the answer that came."""
        message = self.messages[number]
        if message.state != "sending":
            return  # it came too late
        message.state = "done" if code in (OK, INFO) else "refused"
        if message.request is not None:
            answer = self._settle(message.request, code)
            self._fill_freed()
            if answer is not None and message.request.wish is not None:
                self.answers[message.person] = message.request.wish, utc(self.now), answer

    def allot(self, unit: str) -> bool:
        """Have staff give a free place to the first in the queue whom the rules allow it to."""
        given = self.vacant(unit) > 0 and any(self._allot(one) for one in self.queue(unit))
        self._fill_freed()
        return given

    def settle(self) -> None:
        """End what is over, also after a move, and give free places to those in the queues."""
        self._see_to_moves()

        def over(person: str, unit: str) -> bool:
            return self.persons[person].dead or not self.open(unit)

        for (person, kind), (unit, *_) in sorted(self.listings.items()):
            who = self.persons[person]
            if over(person, unit) and (who.dead or not self.waiting(person=person)):
                self._end_listing(person, kind)
                if not who.dead and who.home != COUNTY:
                    self._tell(who.home, person, who.home, who.home, kind)
        self._fill_freed()
        for place in sorted(
            (one for queue in self.queues.values() for one in queue), key=lambda one: (one.person, one.unit)
        ):
            if over(place.person, place.unit):
                self._leave(place.person, place.kind, place.unit)
        self._fill_freed()
        for request in self.waiting():
            if over(request.person, request.unit):
                self._give_up(request)
        self._fill_freed()
        for unit in sorted(self.units):
            if self.queues[unit] and not self.units[unit].staff_allots and self.room(unit) > 0:
                self._fill(unit)
                self._fill_freed()

    def _see_to_moves(self) -> None:
        """End what residents had in the county when they were noticed to have left it; nobody is told."""
        for person, (left, at) in sorted(self.moves.items()):
            home = self.persons[person].home
            if home in (COUNTY, left):
                continue  # the resident has come here, or come back
            self._leave_as_guest(person, at)
            if left == COUNTY:
                self._touch(person)
                for one in [one for one in self.notes if one[0] == person and self.noted[one] < at]:
                    self._drop_note(*one)
        self.moves.clear()
        self._fill_freed()

    def _leave_as_guest(self, person: str, at: datetime) -> None:
        for request in [one for one in self.waiting(person=person) if one.since < at]:
            self._withdraw(request)
            request.state = "moved"
        for unit in sorted(self.units):
            for place in [one for one in self.queues[unit] if one.person == person and one.since < at]:
                self._leave(person, place.kind, unit)
        for (who, kind), (_, since, _) in sorted(self.listings.items(), key=lambda one: one[1][0]):
            if who == person and since < at:
                self._end_listing(person, kind)

    def _moved(self, person: str, home: str) -> None:
        who = self.persons[person]
        if who.known and who.home != home:
            self.moves[person] = self.moves.get(person, (who.home,))[0], self.now
            who.home = home

    # How.

    def _create(self, wish: Wish) -> tuple[str, Message | None]:
        who, here, unit = self.persons[wish.person], (wish.person, wish.kind), self.units[wish.unit]
        if (who.known and not who.shown) or (not who.known and wish.home in (None, COUNTY)):
            raise Refused(ERROR)
        before = self.answers.get(wish.person)
        if before is not None and before[0] == wish and utc(self.now) - before[1] <= REPEAT:
            return before[2], None
        in_queue = any((one.person, one.kind) == here for one in self.queue(wish.unit))
        if in_queue and not wish.queue:
            for request in self.waiting(wish.unit, person=wish.person):
                if request.kind == wish.kind:
                    self._give_up(request)
            self._leave(*here, wish.unit)
            return self._answer(wish, OK)
        if wish.home is None and who.home != COUNTY:
            raise Refused(ERROR)
        home = wish.home or COUNTY
        if not self.open(wish.unit) or wish.kind not in unit.types:
            raise Refused(ERROR)
        self._moved(wish.person, home)
        who.home, who.known = home, True
        self._fill(wish.unit)
        in_queue = any((one.person, one.kind) == here for one in self.queue(wish.unit))
        if here in self.listings and self.listings[here][0] == wish.unit:
            self._withdraw_all(*here)
            if wish.doctor is None or self.doctors.get(wish.person) == (wish.unit, wish.doctor):
                self._fill_freed()
                return OK, None
            self._check_doctor(wish)
            self._choose(wish.person, wish.unit, wish.doctor)
            return self._answer(wish, OK)
        if in_queue:
            self._fill_freed()
            return OK, None
        if wish.doctor is not None:
            self._check_doctor(wish)
        # Who waits for the home region has a place already, and may change the wish.
        has_place = any(one.kind == wish.kind for one in self.waiting(wish.unit, person=wish.person))
        if not has_place and self.room(wish.unit, wish.kind) < 1:
            if not (wish.queue and unit.queued_at):
                raise Refused(FULL)
            self.queues[wish.unit].append(Place(*here, wish.unit, self.now))
            self._touch(wish.person)
            return self._answer(wish, INFO if wish.doctor else OK)
        if home != COUNTY:
            message = self._ask(wish.person, wish.unit, wish.kind, wish.doctor, wish=wish)
            if not self.waits:
                return self._answer(wish, OK)
            earlier = [
                one
                for one in self.messages[:-1]
                if (one.address, one.person) == (message.address, message.person)
                and one.state in ("waiting", "sending")
            ]
            if not earlier:
                message.state, message.claimed_until, message.sent = "sending", utc(self.now) + CLAIM, True
            code, _ = self._answer(wish, INFO)
            return code, message
        if self._replaces(*here) and self.used_changes(*here) >= self.limit:
            raise Refused(YEARLY)
        return self._answer(wish, self._list(*here, wish.unit, wish.doctor, doctor_kept=True))

    def _answer(self, wish: Wish, code: str) -> tuple[str, None]:
        self._fill_freed()
        self.answers[wish.person] = wish, utc(self.now), code
        return code, None

    def _update(self, person: str, new: str, home: str, kind: Kind) -> None:
        who, here = self.persons[person], (person, kind)
        self._moved(person, home)
        if home == COUNTY:
            who.known, who.home = True, COUNTY if not who.known else who.home
            if new == COUNTY:
                self._drop_note(*here)
            elif self.notes.get(here) == new:
                self._end_listing(*here)
            else:
                replaces = self._replaces(*here)
                if replaces and self.used_changes(*here) >= self.limit:
                    raise Refused(YEARLY)
                self._end_listing(*here)
                self._drop_note(*here, tell=new)
                self.notes[here], self.noted[here] = new, self.now
                self._forget_messages(new, *here, "waiting", "sending")  # they would end the new listing
                if replaces:
                    self.changes.append((*here, self.now))
        elif who.known and new != COUNTY:
            self._end_listing(*here)
            self._withdraw_all(*here)
        if who.known:
            who.home = home
            self._touch(person)
        self._fill_freed()

    def _check_doctor(self, wish: Wish) -> None:
        if wish.kind != NATIONAL or wish.doctor not in self.selectable(wish.unit):
            raise Refused(ERROR)

    def _replaces(self, person: str, kind: Kind) -> bool:
        return (person, kind) in self.listings or (person, kind) in self.notes

    def _list(self, person: str, kind: Kind, unit: str, doctor: str | None, *, doctor_kept: bool) -> str:
        at_home = self.persons[person].home == COUNTY
        had_doctor = kind == NATIONAL and person in self.doctors and self.open(self.doctors[person][0])
        ended = self._end_listing(person, kind)
        noted = at_home and self._drop_note(person, kind, tell=COUNTY)
        self._leave(person, kind, unit)
        self._withdraw_all(person, kind)
        counts = at_home and (ended or noted)
        self.listings[person, kind] = unit, self.now, counts
        if counts:
            self.changes.append((person, kind, self.now))
        self._touch(person)
        if doctor is not None and doctor_kept:
            self._choose(person, unit, doctor)
        said = (doctor is not None and not doctor_kept) or (had_doctor and ended and doctor is None)
        return INFO if said else OK

    def _end_listing(self, person: str, kind: Kind) -> bool:
        found = self.listings.pop((person, kind), None)
        if found is None:
            return False
        self.freed[found[0]] = None
        self._touch(person)
        if kind == NATIONAL:
            self.doctors.pop(person, None)
        return True

    def _choose(self, person: str, unit: str, doctor: str) -> None:
        self.doctors[person] = unit, doctor
        self._touch(person)

    def _leave(self, person: str, kind: Kind, unit: str) -> None:
        for place in [one for one in self.queues[unit] if (one.person, one.kind) == (person, kind)]:
            self.queues[unit].remove(place)
            self.freed[unit] = None
            self._touch(person)

    def _drop_note(self, person: str, kind: Kind, *, tell: str | None = None) -> bool:
        county = self.notes.pop((person, kind), None)
        if county is not None:
            self._touch(person)
            if tell not in (None, county):
                assert tell is not None
                self._tell(county, person, tell, COUNTY, kind)
        return county is not None

    def _touch(self, person: str) -> None:
        """Something has happened to the person: what is asked from now on is a new wish."""
        self.answers.pop(person, None)

    # Other regions.

    def _tell(
        self, address: str, person: str, new: str, home: str, kind: Kind, request: Request | None = None
    ) -> Message:
        self._forget_messages(address, person, kind, "waiting")
        self.messages.append(Message(address, person, new, home, kind, request))
        return self.messages[-1]

    def _forget_messages(self, address: str, person: str, kind: Kind, *states: str) -> None:
        for one in self.messages:
            same = (one.address, one.person, one.kind) == (address, person, kind)
            if same and one.state in states and one.request is None:
                one.state = "dropped"

    def _ask(
        self,
        person: str,
        unit: str,
        kind: Kind,
        doctor: str | None,
        *,
        place: Place | None = None,
        wish: Wish | None = None,
    ) -> Message:
        self._withdraw_all(person, kind)
        request = Request(person, kind, unit, doctor, place, wish, self.now)
        self.requests.append(request)
        self._touch(person)
        home = self.persons[person].home
        return self._tell(home, person, COUNTY, home, kind, request)

    def _withdraw_all(self, person: str, kind: Kind) -> None:
        for request in self.waiting(person=person):
            if request.kind == kind:
                self._withdraw(request)

    def _withdraw(self, request: Request) -> bool:
        """End a request whose place another listing takes; tell whether its message may have arrived."""
        request.state = "withdrawn"
        self.freed[request.unit] = None
        self._touch(request.person)
        (message,) = (one for one in self.messages if one.request is request)
        if message.state != "waiting":
            return False  # the answer is yet to come
        message.state = "dropped"
        return message.sent

    def _give_up(self, request: Request) -> None:
        """End a request for what is not to be, and tell a home region that may believe it is."""
        may_have_arrived = self._withdraw(request)
        request.state = "given up"
        if may_have_arrived:
            self._tell_it_is_not_here(request)

    def _tell_it_is_not_here(self, request: Request) -> None:
        home = self.persons[request.person].home
        self._tell(home, request.person, home, home, request.kind)

    def _settle(self, request: Request, code: str) -> str | None:
        here, who = (request.person, request.kind), self.persons[request.person]
        agreed = code in (OK, INFO)
        if request.state == "moved":
            return None
        if request.state != "waiting":
            others = [one for one in self.waiting(person=request.person) if one.kind == request.kind]
            if not agreed or here in self.listings or others:
                return None
            if request.state == "given up" or self.vacant(request.unit, request.kind) < 1:
                self._tell_it_is_not_here(request)
                return None
        self.freed[request.unit] = None
        if not agreed:
            request.state = "refused"
        elif who.dead or not self.open(request.unit):
            request.state, code = "withdrawn", ERROR
            self._tell_it_is_not_here(request)
        else:
            request.state = "confirmed"
            kept = request.doctor in self.selectable(request.unit)
            code = self._list(*here, request.unit, request.doctor, doctor_kept=kept)
        self._touch(request.person)
        return code

    # Queues.

    def _fill_freed(self) -> None:
        while self.freed:
            unit = next(iter(self.freed))
            del self.freed[unit]
            self._fill(unit)

    def _fill(self, unit: str) -> None:
        if self.units[unit].staff_allots or not self.open(unit):
            return
        for place in self.queue(unit):
            if self.room(unit) < 1:
                return
            self._allot(place)

    def _allot(self, place: Place) -> bool:
        who, here = self.persons[place.person], (place.person, place.kind)
        if who.protected or who.dead or not self.open(place.unit):
            return False
        if who.home == COUNTY:
            if self._replaces(*here) and self.used_changes(*here) >= self.limit:
                return False
            self._list(*here, place.unit, None, doctor_kept=True)
            return True
        refused = any(one.place is place and one.state == "refused" for one in self.requests)
        if refused or any(one.kind == place.kind for one in self.waiting(person=place.person)):
            return False
        self._ask(place.person, place.unit, place.kind, None, place=place)
        return True
