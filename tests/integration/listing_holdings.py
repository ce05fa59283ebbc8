"""What there is of listings in the model, and what the read contracts tell of it.

It is told from the rules alone: no query and no code of the register or the producer. Region 14 is asked.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from contracts.clock import a_year_before
from contracts.codes import PV
from tests.records import COUNTY

Kind = tuple[str, str]
NATIONAL: Kind = (PV.code, PV.system)


@dataclass(frozen=True)
class Wish:
    """What a CreateListing asks for; a doctor and a unit by their short names."""

    person: str
    unit: str
    kind: Kind
    doctor: str | None
    queue: bool
    home: str | None


@dataclass
class Person:
    """A resident; ``known`` once the register holds the person."""

    home: str
    known: bool = True
    protected: bool = False
    dead: bool = False

    @property
    def shown(self) -> bool:
        return self.known and not self.protected and not self.dead


@dataclass
class Unit:
    """A facility. ``doctors`` are the caps on patients of those who can be chosen, by short name."""

    cap: int | None
    queued_at: bool = False
    staff_allots: bool = False
    types: tuple[Kind, ...] = (NATIONAL,)
    doctors: dict[str, int | None] = field(default_factory=dict)
    closes: date | None = None


@dataclass(eq=False)
class Place:
    """A place in a queue."""

    person: str
    kind: Kind
    unit: str
    since: datetime


@dataclass(eq=False)
class Request:
    """A listing that waits for the home region; it came from a queue place or from a wish."""

    person: str
    kind: Kind
    unit: str
    doctor: str | None
    place: Place | None
    wish: Wish | None
    since: datetime
    state: str = "waiting"


@dataclass(eq=False)
class Message:
    """An UpdateListing to another region."""

    address: str
    person: str
    new: str
    home: str
    kind: Kind
    request: Request | None
    state: str = "waiting"
    claimed_until: datetime | None = None
    sent: bool = False


class Holdings:
    """The listings of region 14 and all that goes with them."""

    def __init__(
        self, now: datetime, persons: dict[str, Person], units: dict[str, Unit], *, waits: bool, limit: int
    ) -> None:
        self.now = now
        self.persons = persons
        self.units = units
        self.waits = waits  # whether an answer waits for the home region
        self.limit = limit  # re-listings in twelve months
        self.listings: dict[tuple[str, Kind], tuple[str, datetime, bool]] = {}
        self.doctors: dict[str, tuple[str, str]] = {}
        self.queues: dict[str, list[Place]] = {name: [] for name in units}
        self.notes: dict[tuple[str, Kind], str] = {}
        self.noted: dict[tuple[str, Kind], datetime] = {}
        self.moves: dict[str, tuple[str, datetime]] = {}  # county that was left, and when that was noticed
        self.changes: list[tuple[str, Kind, datetime]] = []
        self.requests: list[Request] = []
        self.messages: list[Message] = []
        self.answers: dict[str, tuple[Wish, datetime, str]] = {}
        self.freed: dict[str, None] = {}  # facilities where a place may have become free, in order

    def open(self, unit: str) -> bool:
        closes = self.units[unit].closes
        return closes is None or self.now.date() <= closes

    def listed_at(self, unit: str) -> list[str]:
        """The living who are listed at a unit for primary care, which its cap is for."""
        found = [one for (one, kind), (at, *_) in self.listings.items() if at == unit and kind == NATIONAL]
        return [one for one in found if not self.persons[one].dead]

    def queue(self, unit: str) -> list[Place]:
        """The places of the living in a queue."""
        return [one for one in self.queues[unit] if not self.persons[one.person].dead]

    def waiting(self, unit: str | None = None, *, person: str | None = None) -> list[Request]:
        return [
            one
            for one in self.requests
            if one.state == "waiting" and unit in (None, one.unit) and person in (None, one.person)
        ]

    def used(self, unit: str) -> int:
        """Places that a listing has, or one that waits for the home region."""
        return len(self.listed_at(unit)) + sum(one.kind == NATIONAL for one in self.waiting(unit))

    def vacant(self, unit: str, kind: Kind = NATIONAL) -> float:
        cap = self.units[unit].cap
        return float("inf") if cap is None or kind != NATIONAL else max(0, cap - self.used(unit))

    def room(self, unit: str, kind: Kind = NATIONAL) -> float:
        """Places for who does not queue: where staff allot, those in the queue come first."""
        if not self.units[unit].staff_allots:
            return self.vacant(unit, kind)
        asked = [one for one in self.waiting(unit) if one.place is not None]
        return max(0, self.vacant(unit, kind) - len(self.queue(unit)) + len(asked))

    def used_changes(self, person: str, kind: Kind) -> int:
        year = a_year_before(self.now)
        return sum(1 for one in self.changes if one[:2] == (person, kind) and one[2] > year)

    def selectable(self, unit: str) -> list[str]:
        if not self.open(unit):
            return []
        caps = self.units[unit].doctors
        return sorted(one for one, cap in caps.items() if cap is None or self.patients(unit, one) < cap)

    def patients(self, unit: str, doctor: str) -> int:
        return sum(
            1
            for person, link in self.doctors.items()
            if link == (unit, doctor) and not self.persons[person].dead
        )

    def shown(self, person: str) -> list[tuple[Any, ...]]:
        """What GetListing tells: unit, kind, doctor, position in the queue, remaining changes."""
        who = self.persons[person]
        if not who.shown:
            return []
        found: list[tuple[Any, ...]] = []
        for (one, kind), (unit, *_) in self.listings.items():
            if one == person and self.open(unit):
                doctor = self.doctors[person][1] if kind == NATIONAL and person in self.doctors else None
                found.append((unit, kind, doctor, None))
        for unit in self.units:
            for position, place in enumerate(self.queue(unit), 1):
                if place.person == person and self.open(unit):
                    found.append((unit, place.kind, None, position))
        left = max(0, self.limit - self.used_changes(person, NATIONAL)) if who.home == COUNTY else None
        return sorted((*one, left if one[1] == NATIONAL else None) for one in found)

    def counties(self, person: str) -> list[str]:
        """What GetListingCounty tells."""
        who = self.persons[person]
        if not who.shown or who.home != COUNTY:
            return []
        here = any(one == person and self.open(at) for (one, _), (at, *_) in self.listings.items())
        elsewhere = {county for (one, _), county in self.notes.items() if one == person}
        return [COUNTY] * here + sorted(elsewhere - {COUNTY})

    def facilities(self) -> list[tuple[str, bool, int | None]]:
        """What GetAvailableHealthcareFacilities tells: hasQueue and queueLength."""
        found: list[tuple[str, bool, int | None]] = []
        for name, unit in self.units.items():
            length = len(self.queue(name))
            taken: float = self.used(name)
            if unit.staff_allots:
                taken += length - sum(1 for one in self.waiting(name) if one.place is not None)
            full = unit.cap is not None and taken >= unit.cap
            if self.open(name):
                shown = full and (unit.queued_at or length > 0)
                found.append((name, full and unit.queued_at, length if shown else None))
        return sorted(found)
