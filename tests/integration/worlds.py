"""Random registers: everything a register can hold, in any state, with any text that XML can carry.

Every name, note and number carries its record's key between two @, which stand nowhere else. So it can be told
of any text whose it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st

from contracts.codes import PV
from contracts.identifiers import hsa_key
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
from tests.integration.records import (
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
TYPES = (
    ListingType(COUNTY, *REGION_TYPE, "@t1@ Barnavård"),
    ListingType(COUNTY, *AGREED, "@t2@ Mödravård", agreed_counties=(OTHER_COUNTY,)),
    ListingType(OTHER_COUNTY, *REGION_TYPE, "@t3@ BVC"),
)
PROCESS = "1.2.752.113.9"

_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)
_MOMENTS = [
    NOW + after for after in (-400 * _DAY, -365 * _DAY, -364 * _DAY, -_SECOND, 0 * _DAY, _SECOND, 9 * _DAY)
]
_DAYS = [TODAY + after for after in (-400 * _DAY, -_DAY, 0 * _DAY, _DAY, 400 * _DAY)]
_HOURS = [None, "Mon-Fri 08:00-12:00,13:00-17:00", "Jun-Aug Sat; 2026-01-01/ 20:00-24:00"]

_CONTROLS = [chr(code) for code in range(32) if chr(code) not in "\t\n\r"]
TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=[*_CONTROLS, "\ufffe", "\uffff", "@"]),
    max_size=5,
)
"""Any text of XML 1.0 (section 2.2), without the mark of the keys."""

_RARELY = st.integers(0, 7).map(lambda number: number == 7)
_FLAG = st.booleans()
_SPELLING = st.sampled_from([str, str.upper, str.lower])
_KEY = re.compile("@[a-z]+[0-9]+@")

T = TypeVar("T")
M = TypeVar("M", date, datetime)


def keys(text: str, kinds: str = "") -> set[str]:
    """Return the keys of records in a text, of these kinds (first letters) or of all."""
    return {key for key in _KEY.findall(text) if not kinds or key[1] in kinds}


@dataclass(frozen=True)
class World:
    """The records of a register by type, and its units and staff by the key of their HSA-id."""

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
def worlds(draw: Any) -> World:
    """Draw a register."""

    def text(key: str) -> str:
        return f"@{key}@{draw(TEXT)}"

    def maybe(key: str) -> str | None:
        return text(key) if draw(_FLAG) else None

    def one(values: Sequence[T]) -> T:
        chosen: T = draw(st.sampled_from(values))
        return chosen

    def some(values: Sequence[T]) -> list[T]:
        chosen: list[T] = draw(st.lists(st.sampled_from(values), unique=True, max_size=len(values)))
        return chosen

    def at(hsa_id: str) -> str:
        return str(draw(_SPELLING)(hsa_id))

    def period(values: list[M]) -> tuple[M, M | None]:
        # Most are active: from the first half, until further notice or later.
        begin = one([*values[: len(values) // 2 + 1] * 2, *values])
        return begin, one([None, None, *(value for value in values if value >= begin)])

    def open_period() -> dict[str, date | None]:
        if not draw(_RARELY):
            return {"valid_from": None, "valid_to": None}
        begin, end = period(_DAYS)
        return {"valid_from": one([None, begin]), "valid_to": end}

    def count(least: int, most: int) -> range:
        return range(draw(st.integers(least, most)))

    def typed() -> tuple[str, str]:
        return one([NATIONAL, NATIONAL, REGION_TYPE, AGREED, DROPPED])

    providers = [CareProvider(hsa(f"P{n}a"), text(f"p{n}")) for n in range(2)]
    units: list[Unit] = []
    for n in range(4):
        care_units = [unit.hsa_id for unit in units if unit.care_unit is None]
        above = one([None, *care_units])
        units.append(
            Unit(
                hsa(f"U{n}a"),
                text(f"u{n}"),
                at(one(providers).hsa_id),
                one(COUNTIES),
                care_unit=above and at(above),
                listable=not draw(_RARELY),
                max_listings=one([None, 0, 1, 2]),
                offers_queue=draw(_FLAG),
                estimated_wait_days=one([None, 0, 2**31 - 1]),
                offers_choice_of_personnel=not draw(_RARELY),
                visiting_address=maybe(f"ua{n}"),
                visiting_town=maybe(f"ub{n}"),
                postal_address=maybe(f"uc{n}"),
                postal_code=maybe(f"ud{n}"),
                postal_town=maybe(f"ue{n}"),
                **open_period(),
            )
        )
    unit_types = [
        UnitListingType(at(unit.hsa_id), *kind)
        for unit in units
        for kind in some([NATIONAL, REGION_TYPE, AGREED, DROPPED])
    ]
    teams = [
        Team(f"@team{n}@", "1.2.3", text(f"m{n}"), at(one(units).hsa_id), maybe(f"me{n}"), maybe(f"mi{n}"))
        for n in count(0, 2)
    ]
    staff = [
        Staff(
            hsa(f"S{n}a"),
            text(f"sg{n}"),
            text(f"ss{n}"),
            maybe(f"sm{n}"),
            befattning=one([None, "201010", "999999"]),
            title=maybe(f"st{n}"),
            protected=draw(_RARELY),
        )
        for n in range(3)
    ]
    employments = [
        Employment(
            at(person.hsa_id),
            at(unit.hsa_id),
            selectable_as_doctor=not draw(_RARELY),
            paused=draw(_RARELY),
            max_patients=one([None, None, 0, 1, 2]),
            **open_period(),
        )
        for person in staff
        for unit in some(units)
    ]
    residents = [
        Resident(
            person_id,
            one([COUNTY, COUNTY, OTHER_COUNTY, None]),
            protected=draw(_RARELY),
            deceased_on=TODAY if draw(_RARELY) else None,
            other_ids=tuple(sorted(some(LINKED_IDS))),
        )
        for person_id in OWN_IDS[: one([2, 3, 4])]
    ]
    people = [resident.person_id for resident in residents]
    listings = [
        Listing(
            f"L{n}",
            one(people),
            at(one(units).hsa_id),
            *typed(),
            *period(_MOMENTS),
            counts_as_change=draw(_FLAG),
        )
        for n in count(3, 8)
    ]
    places = [
        QueuePlace(
            f"Q{n}",
            one(people),
            at(one(units).hsa_id),
            *typed(),
            *period(_MOMENTS),
            estimated_wait_days=one([None, 0, 30]),
        )
        for n in count(1, 5)
    ]
    notes = [
        OutOfCountyListing(
            f"N{n}",
            one(people),
            one((*COUNTIES, "25")),
            *typed(),
            *period(_MOMENTS),
            counts_as_change=draw(_FLAG),
        )
        for n in count(0, 4)
    ]
    contacts = []
    for n in count(3, 9):
        begin, end = period(_DAYS)
        # A doctor shows only with a listing at the unit, which chance would hardly bring about.
        listed = one([None, None, *listings])
        contacts.append(
            FixedContact(
                f"F{n}",
                one(people) if listed is None else listed.person_id,
                one(["1", "3", "4", "77"] if listed is None else ["2", "2", "2", "1"]),
                at(one(staff).hsa_id),
                at(one(units).hsa_id if listed is None else listed.unit),
                begin,
                documented_at=one(_MOMENTS),
                valid_to=end,
                team=one([None, *(team.id for team in teams)]),
                external_notes=maybe(f"ne{n}"),
                internal_notes=maybe(f"ni{n}"),
                direct_number_visible=draw(_FLAG),
                **one([{}, {"care_process_root": PROCESS, "care_process_id": "7"}]),
            )
        )
    # People reached in work that somebody has are those the contacts name.
    owners: list[dict[str, str]] = [
        *({"staff": contact.staff, "unit": contact.unit} for contact in contacts),
        *({"staff": person.hsa_id, "unit": units[0].hsa_id} for person in staff),
        *({"unit": unit.hsa_id} for unit in units),
        *({"team": team.id} for team in teams),
        *({"provider": provider.hsa_id} for provider in providers),
    ]
    routes = [
        ContactRoute(
            f"R{n}", one(["phone", "url"]), text(f"r{n}"), one(list(Audience)), one(_HOURS), **one(owners)
        )
        for n in count(4, 12)
    ]
    return World(
        providers,
        units,
        unit_types,
        teams,
        staff,
        employments,
        residents,
        listings,
        places,
        notes,
        contacts,
        routes,
    )


def same(one: str | None, other: str | None) -> bool:
    """Tell whether two HSA-ids, or two that are left out, are the same."""
    return one is not None and other is not None and hsa_key(one) == hsa_key(other)
