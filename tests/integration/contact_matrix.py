"""Fixed contacts in every combination: one resident each, with records of its own and one question.

The first five dimensions are combined in full. For each of their combinations the others are drawn, at full
strength a few times and fewer where nothing can be shown, with a fixed seed, so that the cases are the same
in every run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from random import Random
from typing import Any

from contracts.identifiers import HsaId
from register.model import (
    Audience,
    CareProvider,
    ContactRoute,
    Employment,
    FixedContact,
    Listing,
    ListingType,
    Record,
    Resident,
    Staff,
    Team,
    Unit,
)
from tests.integration.oracle_of_contacts import NEVER_SENT, Filters, Rules
from tests.integration.worlds import PROCESS, World
from tests.records import COUNTY, TODAY, contact, hsa, listing, lower, upper
from tests.strength import QUICK

_DAY = timedelta(days=1)

TYPES = ("1", "2", "3", "4", "77", "contact-nurse")
LEVELS = ("person", "team", "working unit", "care unit", "provider")
PERIODS: dict[str, tuple[date, date | None]] = {
    "until further notice": (TODAY - 9 * _DAY, None),
    "first day": (TODAY, TODAY + _DAY),
    "last day": (TODAY - _DAY, TODAY),
    "ended yesterday": (TODAY - 9 * _DAY, TODAY - _DAY),
    "begins tomorrow": (TODAY + _DAY, None),
}
IN_FORCE = tuple(PERIODS)[:3]
SYSTEMS = ("phone", "fax", "email", "pager", "url", "sms", "other")
FILTERS = (
    *("none", "provider", "care unit", "type", "process", "all"),
    *("other provider", "working unit", "other type"),
)
HIDDEN = ("nothing", "working unit", "care unit", "provider", "another")
DIMENSIONS: dict[str, tuple[object, ...]] = {
    "kind": TYPES,
    "level": LEVELS,
    "audience": tuple(Audience),
    "period": tuple(PERIODS),
    "chosen": (False, True),
    "system": SYSTEMS,
    "asked": FILTERS,
    "protected": (False, True),
    "hidden": HIDDEN,
    "staff_numbers": (True, False),
    "others": (0, 1, 2),
    "max_care_contacts": (None, 1),
    "lone_coordinator": (True, False),
}


@dataclass(frozen=True)
class Case:
    """One combination.

    Attributes:
        chosen: Whether the patient may see the contact's direct number.
        protected: Whether the contact has protected identity.
        hidden: What the consumer may not know of.
        others: Number of other contacts with code 1 that the resident has.
    """

    number: int
    kind: str
    level: str
    audience: Audience
    period: str
    chosen: bool
    system: str
    asked: str
    protected: bool
    hidden: str
    staff_numbers: bool
    others: int
    max_care_contacts: int | None
    lone_coordinator: bool

    def id(self, short: str) -> HsaId:
        """Return an HSA-id of this case's own."""
        return hsa(f"{short}{self.number}x")

    @property
    def organisations(self) -> dict[str, HsaId]:
        """HSA-ids of the organisations by what the case calls them."""
        return {
            "working unit": self.id("W"),
            "care unit": self.id("U"),
            "provider": self.id("P"),
            "another": self.id("O"),
        }

    @property
    def rules(self) -> Rules:
        """What holds when it is asked."""
        hidden = () if self.hidden == "nothing" else (self.organisations[self.hidden],)
        return Rules(self.staff_numbers, self.max_care_contacts, self.lone_coordinator, hidden)

    @property
    def filters(self) -> Filters:
        """What is asked for."""
        names = self.organisations
        return {
            "none": Filters(),
            "provider": Filters(giver=lower(names["provider"])),
            "care unit": Filters(at=names["care unit"]),
            "type": Filters(types=("9", self.kind)),
            "process": Filters(process=True),
            "all": Filters(names["provider"], upper(names["care unit"]), (self.kind,), True),
            "other provider": Filters(giver=names["another"]),
            "working unit": Filters(at=names["working unit"]),
            "other type": Filters(types=("9",)),
        }[self.asked]


def cases() -> Iterator[Case]:
    """Yield the cases."""
    random = Random(4)  # noqa: S311  # nothing is secret here
    core = list(DIMENSIONS.values())[:5]
    number = 0
    for combination in product(*core):
        for _ in range(_draws(*combination)):
            # Most draws leave something to show.
            drawn = (
                random.choice(SYSTEMS),
                random.choice([*FILTERS, *["none"] * 6]),
                random.random() < 0.15,
                random.choice([*HIDDEN, *["nothing"] * 5, *["another"] * 3]),
                random.random() < 0.7,
                random.choice((0, 1, 2)),
                random.choice((None, None, 1)),
                random.random() < 0.6,
            )
            values: tuple[Any, ...] = (number, *combination, *drawn)  # in the order of the fields
            yield Case(*values)
            number += 1


def _draws(kind: object, _level: object, _audience: object, period: object, _chosen: object) -> int:
    if kind in NEVER_SENT or QUICK:
        return 1
    return 3 if period in IN_FORCE else 2


def person_numbers() -> Iterator[str]:
    """Yield person numbers nobody has: serials from 980 with the right check digit (SKV 704)."""
    day = date(1950, 1, 1)
    while True:
        for serial in range(980, 990):
            digits = f"{day:%y%m%d}{serial}"
            doubled = "".join(str(int(digit) * (2 - place % 2)) for place, digit in enumerate(digits))
            yield f"{day:%Y%m%d}{serial}{-sum(map(int, doubled)) % 10}"
        day += _DAY


def world(case: Case, person: str) -> World:
    """Return the records of a case: a contact at a working unit, a route to it, and what the case adds."""
    text = f"@{{}}{case.number}@".format
    provider = CareProvider(case.id("P"), text("p"))
    another = CareProvider(case.id("O"), text("o"))
    care_unit = Unit(case.id("U"), text("u"), lower(provider.hsa_id), COUNTY)
    working_unit = Unit(case.id("W"), text("w"), provider.hsa_id, COUNTY, care_unit=upper(care_unit.hsa_id))
    staff = Staff(case.id("S"), text("s"), text("t"), protected=case.protected)
    colleague = Staff(case.id("C"), text("c"), text("d"))
    team = Team(text("team"), "1.2.3", text("m"), working_unit.hsa_id)
    owners: dict[str, dict[str, Any]] = {
        "person": {"staff": staff.hsa_id, "unit": working_unit.hsa_id},
        "team": {"team": team.id},
        "working unit": {"unit": working_unit.hsa_id},
        "care unit": {"unit": care_unit.hsa_id},
        "provider": {"provider": provider.hsa_id},
    }
    begin, end = PERIODS[case.period]
    process = {"care_process_root": PROCESS, "care_process_id": "7"} if case.number % 3 else {}
    main = contact(
        f"M{case.number}",
        person,
        staff,
        working_unit,
        type_code=case.kind,
        team=team.id,
        valid_from=begin,
        valid_to=end,
        direct_number_visible=case.chosen,
        internal_notes=text("n"),
        **process,
    )
    others = [
        contact(f"A{case.number}.{number}", person, colleague, care_unit, type_code="1")
        for number in range(case.others)
    ]
    return _world(
        providers=[provider, another],
        units=[care_unit, working_unit],
        staff=[staff, colleague],
        teams=[team],
        residents=[Resident(person, COUNTY)],
        listings=[listing(f"L{case.number}", person, care_unit)],
        contacts=[main, *others],
        routes=[ContactRoute(f"R{case.number}", case.system, text("r"), case.audience, **owners[case.level])],
    )


def _world(
    *,
    providers: list[CareProvider],
    units: list[Unit],
    staff: list[Staff],
    teams: list[Team],
    residents: list[Resident],
    listings: list[Listing],
    contacts: list[FixedContact],
    routes: list[ContactRoute],
) -> World:
    nobody: list[Employment] = []
    return World(providers, units, [], teams, staff, nobody, residents, listings, [], [], contacts, routes)


def records(worlds: list[World]) -> list[Record]:
    """Return the records of all cases, without the listing types that every world has."""
    return [one for each in worlds for one in each.records() if not isinstance(one, ListingType)]
