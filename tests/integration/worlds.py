"""Random registers: all that a register can hold, in any state, with any text that XML can carry.

Every name, note and number carries its record's key between two @, which stand nowhere else: so it can be
told of any text whose it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any, TypeVar

from hypothesis import strategies as st

from contracts.codes import PV
from contracts.identifiers import HsaId
from register.model import (
    Audience,
    CareProvider,
    ContactRoute,
    Employment,
    FixedContact,
    Listing,
    ListingType,
    OutOfCountyListing,
    QueuePlace,
    Record,
    Resident,
    Staff,
    Team,
    Unit,
    UnitListingType,
)
from tests.records import (
    ANNA,
    BO,
    CLARA,
    COUNTY,
    DAN,
    EVA,
    NOW,
    OTHER_COUNTY,
    OTHER_ID,
    REGION_TYPE,
    TODAY,
    hsa,
    lower,
    upper,
)

COUNTIES = (COUNTY, OTHER_COUNTY)
OWN_IDS = (ANNA, BO, CLARA, OTHER_ID)
LINKED_IDS = (DAN, "197010632391")
UNKNOWN = EVA
"""A person the register never holds."""

NATIONAL = (PV.code, PV.system)
AGREED = ("AAA", REGION_TYPE[1])
DROPPED = ("OLD", REGION_TYPE[1])
"""A listing type that no region offers."""
_KINDS = [NATIONAL, REGION_TYPE, AGREED, DROPPED]
TYPES = (
    ListingType(COUNTY, *REGION_TYPE, "@t1@ Barnavård"),
    ListingType(COUNTY, *AGREED, "@t2@ Mödravård", agreed_counties=(OTHER_COUNTY,)),
    ListingType(OTHER_COUNTY, *REGION_TYPE, "@t3@ BVC"),
    ListingType(OTHER_COUNTY, *NATIONAL, "@t4@ Hälsoval"),  # never shown: PV has its national name
)
PROCESS = "1.2.752.113.9"

_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)
_MOMENTS = [
    NOW + after for after in (-400 * _DAY, -365 * _DAY, -364 * _DAY, -_SECOND, 0 * _DAY, _SECOND, 9 * _DAY)
]
_DAYS = [TODAY - 400 * _DAY, TODAY - _DAY, TODAY, TODAY + _DAY, date(9999, 12, 31)]
_OPEN: list[tuple[date | None, date | None]] = [
    *[(None, None)] * 4,
    (TODAY, TODAY),
    (TODAY - _DAY, None),
    (None, TODAY - _DAY),
    (TODAY + _DAY, None),
]
"""First and last days of units and employments; a quarter are over or still to come."""
_HOURS = [None, "Mon-Fri 08:00-12:00,13:00-17:00", "Jun-Aug Sat; 2026-01-01/ 20:00-24:00"]

_CONTROLS = [chr(code) for code in range(32) if chr(code) not in "\t\n\r"]
TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=[*_CONTROLS, "\ufffe", "\uffff", "@"]),
    max_size=5,
)
"""Any text of XML 1.0 (section 2.2), without the mark of the keys."""

_KEY = re.compile("@[a-z]+[0-9]+@")

T = TypeVar("T")
M = TypeVar("M", bound=date)


def keys(text: str, kinds: str = "") -> set[str]:
    """Return the keys of records in a text, of these kinds (first letters) or of all."""
    return {key for key in _KEY.findall(text) if not kinds or key[1] in kinds}


@dataclass(frozen=True)
class World:
    """The records of a register, by type."""

    providers: Sequence[CareProvider]
    units: Sequence[Unit]
    unit_types: Sequence[UnitListingType]
    teams: Sequence[Team]
    staff: Sequence[Staff]
    employments: Sequence[Employment]
    residents: Sequence[Resident]
    listings: Sequence[Listing]
    places: Sequence[QueuePlace]
    notes: Sequence[OutOfCountyListing]
    contacts: Sequence[FixedContact]
    routes: Sequence[ContactRoute]

    def records(self) -> list[Record]:
        """Return all records."""
        return [*TYPES, *(record for group in vars(self).values() for record in group)]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a register."""
    dice = _Dice(draw)
    providers = [CareProvider(hsa(f"P{n}a"), dice.text(f"p{n}")) for n in range(2)]
    units: list[Unit] = []
    for n in range(4):
        units.append(_unit(dice, n, providers, [unit for unit in units if unit.care_unit is None]))
    staff = [_staff(dice, n) for n in range(3)]
    residents = [_resident(dice, person_id) for person_id in OWN_IDS[: dice.one([2, 3, 4])]]
    teams = [_team(dice, n, units) for n in dice.count(0, 2)]
    listings = [_listing(dice, n, residents, units) for n in dice.count(3, 8)]
    contacts = [_contact(dice, n, residents, units, staff, teams, listings) for n in dice.count(3, 9)]
    owners: list[dict[str, Any]] = [
        *({"staff": contact.staff, "unit": contact.unit} for contact in contacts),
        {"staff": staff[0].hsa_id, "unit": units[0].hsa_id},
        *({"unit": unit.hsa_id} for unit in units),
        *({"team": team.id} for team in teams),
        *({"provider": provider.hsa_id} for provider in providers),
    ]
    return World(
        providers,
        units,
        [UnitListingType(dice.spelled(unit), *kind) for unit in units for kind in dice.some(_KINDS)],
        teams,
        staff,
        [_employment(dice, person, unit) for person in staff for unit in dice.some(units)],
        residents,
        listings,
        [_place(dice, n, residents, units) for n in dice.count(1, 5)],
        [_note(dice, n, residents) for n in dice.count(0, 4)],
        contacts,
        [_route(dice, n, *one) for n, one in enumerate(product(owners, Audience)) if dice.flag()],
    )


class _Dice:
    """What the records are drawn with."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def text(self, key: str) -> str:
        return f"@{key}@{self.draw(TEXT)}"

    def maybe(self, key: str) -> str | None:
        return self.text(key) if self.flag() else None

    def flag(self) -> bool:
        return self.draw(st.booleans())

    def rarely(self) -> bool:
        return self.one([False, False, False, True])

    def count(self, least: int, most: int) -> range:
        return range(self.draw(st.integers(least, most)))

    def one(self, values: Sequence[T]) -> T:
        return self.draw(st.sampled_from(values))

    def some(self, values: Sequence[T]) -> list[T]:
        return self.draw(st.lists(st.sampled_from(values), unique=True, max_size=len(values)))

    def spelled(self, record: Unit | Staff | CareProvider) -> HsaId:
        """Return a reference to a record, whose letter case need not be the record's own."""
        return self.one([record.hsa_id, upper(record.hsa_id), lower(record.hsa_id)])

    def period(self, values: list[M]) -> tuple[M, M | None]:
        """Return a start and an end; most have begun and not ended."""
        begin: M = self.one([*values[: len(values) // 2 + 1], *values])
        return begin, self.one([None, None, *(value for value in values if value >= begin)])

    def kind(self) -> tuple[str, str]:
        return self.one([NATIONAL, *_KINDS])


def _unit(dice: _Dice, n: int, providers: list[CareProvider], care_units: list[Unit]) -> Unit:
    above = dice.one([None, *care_units])
    valid_from, valid_to = dice.one(_OPEN)
    return Unit(
        hsa(f"U{n}a"),
        dice.text(f"u{n}"),
        dice.spelled(dice.one(providers)),
        dice.one(COUNTIES),
        care_unit=dice.spelled(above) if above else None,
        listable=not dice.rarely(),
        max_listings=dice.one([None, 0, 1, 2]),
        offers_queue=dice.flag(),
        estimated_wait_days=dice.one([None, 0, 2**31 - 1]),
        offers_choice_of_personnel=not dice.rarely(),
        visiting_address=dice.maybe(f"ua{n}"),
        visiting_town=dice.maybe(f"ub{n}"),
        postal_address=dice.maybe(f"uc{n}"),
        postal_code=dice.maybe(f"ud{n}"),
        postal_town=dice.maybe(f"ue{n}"),
        valid_from=valid_from,
        valid_to=valid_to,
    )


def _staff(dice: _Dice, n: int) -> Staff:
    return Staff(
        hsa(f"S{n}a"),
        dice.text(f"sg{n}"),
        dice.text(f"ss{n}"),
        dice.maybe(f"sm{n}"),
        befattning=dice.one([None, "201010", "999999"]),
        title=dice.maybe(f"st{n}"),
        protected=dice.one([False, False, True]),
    )


def _employment(dice: _Dice, person: Staff, unit: Unit) -> Employment:
    valid_from, valid_to = dice.one(_OPEN)
    return Employment(
        dice.spelled(person),
        dice.spelled(unit),
        selectable_as_doctor=not dice.rarely(),
        paused=dice.rarely(),
        max_patients=dice.one([None, None, 0, 1, 2]),
        valid_from=valid_from,
        valid_to=valid_to,
    )


def _team(dice: _Dice, n: int, units: list[Unit]) -> Team:
    notes = dice.maybe(f"me{n}"), dice.maybe(f"mi{n}")
    return Team(f"@team{n}@", "1.2.3", dice.text(f"m{n}"), dice.spelled(dice.one(units)), *notes)


def _resident(dice: _Dice, person_id: str) -> Resident:
    fate = dice.one(["living"] * 3 + ["protected", "deceased", "to die"])
    return Resident(
        person_id,
        dice.one([COUNTY, COUNTY, OTHER_COUNTY, None]),
        protected=fate == "protected",
        deceased_on={"deceased": TODAY, "to die": TODAY + timedelta(days=1)}.get(fate),
        other_ids=tuple(sorted(dice.some(LINKED_IDS))),
    )


def _listing(dice: _Dice, n: int, residents: list[Resident], units: list[Unit]) -> Listing:
    person_id, at = dice.one(residents).person_id, dice.spelled(dice.one(units))
    return Listing(f"L{n}", person_id, at, *dice.kind(), *dice.period(_MOMENTS), dice.flag())


def _place(dice: _Dice, n: int, residents: list[Resident], units: list[Unit]) -> QueuePlace:
    person_id, at = dice.one(residents).person_id, dice.spelled(dice.one(units))
    wait = dice.one([None, 0, 30])
    return QueuePlace(f"Q{n}", person_id, at, *dice.kind(), *dice.period(_MOMENTS), wait)


def _note(dice: _Dice, n: int, residents: list[Resident]) -> OutOfCountyListing:
    person_id, county = dice.one(residents).person_id, dice.one((*COUNTIES, "25"))
    return OutOfCountyListing(f"N{n}", person_id, county, *dice.kind(), *dice.period(_MOMENTS), dice.flag())


def _contact(
    dice: _Dice,
    n: int,
    residents: list[Resident],
    units: list[Unit],
    staff: list[Staff],
    teams: list[Team],
    listings: list[Listing],
) -> FixedContact:
    begin, end = dice.period(_DAYS)
    # A doctor shows only with a listing at the unit, which chance would hardly bring about.
    listed = dice.one([None, None, *listings])
    process = dice.one([None, "7"])
    return FixedContact(
        f"F{n}",
        dice.one(residents).person_id if listed is None else listed.person_id,
        dice.one(["1", "1", "3", "4", "77", "contact-nurse"] if listed is None else ["2", "2", "2", "1"]),
        dice.spelled(dice.one(staff)),
        dice.spelled(dice.one(units)) if listed is None else listed.unit,
        begin,
        documented_at=dice.one(_MOMENTS),
        valid_to=end,
        team=dice.one([None, *(team.id for team in teams)]),
        external_notes=dice.maybe(f"ne{n}"),
        internal_notes=dice.maybe(f"ni{n}"),
        direct_number_visible=dice.flag(),
        care_process_root=PROCESS if process else None,
        care_process_id=process,
    )


def _route(dice: _Dice, n: int, owner: dict[str, Any], audience: Audience) -> ContactRoute:
    system, hours = dice.one(["phone", "url"]), dice.one(_HOURS)
    return ContactRoute(f"R{n}", system, dice.text(f"r{n}"), audience, hours, **owner)
