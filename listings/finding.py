"""Finding residents, for staff: by number, by the beginning of a name, by unit (rows S000-001, S000-003).

Of a resident with protected identity there is nothing in what is found but that it is so (row S000-007).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, bindparam, func, select

from contracts.identifiers import HsaId
from register.columns import columns, record
from register.conditions import active_now, at
from register.folding import folded
from register.model import Resident
from register.residents import find_resident
from register.tables import listing, resident, unit

MOST = 50
"""How many residents one search finds; one more is looked for, to tell that there are more."""

_MOST_WORDS = 6
"""Words of a name that are looked at."""

_LAST = chr(0x10FFFF)
"""Behind every letter."""

_UNIT: BindParameter[HsaId] = bindparam("unit_key")

_LISTED_AT_UNIT = select(listing.c.person_id).where(
    listing.c.unit_key == _UNIT, active_now(listing.c.valid_from, listing.c.valid_to)
)


def _begins(column: ColumnElement[Any], name: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """A folded name begins with a text; said as a range, which both databases find by the index."""
    return column >= bindparam(name), column < bindparam(f"{name}_end")


_SURNAME, _GIVEN_NAME = resident.c.folded_surname, resident.c.folded_given_name

BY_SURNAME = (
    select(*columns(Resident))
    .where(*_begins(_SURNAME, "surname"))
    .order_by(_SURNAME, _GIVEN_NAME, resident.c.person_id)
    .limit(MOST + 1)
)
"""Residents by the beginning of the surname. By the index of surnames, in its order."""

BY_GIVEN_NAME = (
    select(*columns(Resident))
    .where(*_begins(_GIVEN_NAME, "given_name"))
    .order_by(_GIVEN_NAME, _SURNAME, resident.c.person_id)
    .limit(MOST + 1)
)
"""Residents by the beginning of the given names. By the index of given names, in its order."""

BY_BOTH_NAMES = BY_SURNAME.where(*_begins(_GIVEN_NAME, "given_name"))
"""Residents by the beginnings of both. By the index of surnames, which has the given names, too."""

_AT_UNIT = (
    select(listing.c.id)
    .where(
        listing.c.person_id == resident.c.person_id,
        listing.c.unit_key == _UNIT,
        active_now(listing.c.valid_from, listing.c.valid_to),
    )
    .correlate(resident)
    .exists()
)

BY_SURNAME_AT_UNIT = BY_SURNAME.where(_AT_UNIT)
"""The same of those listed at a unit. Each one's listings by the resident."""

BY_GIVEN_NAME_AT_UNIT = BY_GIVEN_NAME.where(_AT_UNIT)
"""The same of those listed at a unit."""

BY_BOTH_NAMES_AT_UNIT = BY_BOTH_NAMES.where(_AT_UNIT)
"""The same of those listed at a unit."""

ALL_AT_UNIT = (
    select(*columns(Resident))
    .where(resident.c.person_id.in_(_LISTED_AT_UNIT))
    .order_by(
        resident.c.protected,
        func.coalesce(_SURNAME, ""),
        func.coalesce(_GIVEN_NAME, ""),
        resident.c.person_id,
    )
    .limit(MOST + 1)
)
"""Residents listed at a unit. By the unit's part of an index: it grows with those listed there."""

FACILITIES = (
    select(listing.c.person_id, unit.c.name)
    .join(unit, unit.c.hsa_key == listing.c.unit_key)
    .where(
        listing.c.person_id.in_(bindparam("people", expanding=True)),
        active_now(listing.c.valid_from, listing.c.valid_to),
    )
    .order_by(unit.c.name)
)
"""Where residents are listed. By the residents."""


@dataclass(frozen=True, slots=True)
class FoundResident:
    """A resident that was found.

    Attributes:
        person_id: The resident; with protected identity it is for the audit log alone.
        protected: Whether the resident has protected identity: then all that follows is empty.
        given_name: Given names, where names are kept.
        surname: Surname, likewise.
        home_county: County code of where the resident lives.
        facilities: Names of the units where the resident is listed now.
        deceased_on: Day of death.
    """

    person_id: str
    protected: bool
    given_name: str | None = None
    surname: str | None = None
    home_county: str | None = None
    facilities: tuple[str, ...] = ()
    deceased_on: date | None = None


def by_number(connection: Connection, person_id: str, now: datetime) -> list[FoundResident]:
    """Return the resident with an identity, own or other; nobody where there is none."""
    found = find_resident(connection, person_id)
    return [] if found is None else _shown(connection, [found], now)


def by_name(
    connection: Connection, text: str, now: datetime, unit_key: HsaId | None = None
) -> list[FoundResident]:
    """Return residents by the beginning of surname, given names or both, in either order.

    Letter case and accents make no difference: *asa ob* finds Åsa Öberg, and so does *öberg å*.

    Args:
        connection: A connection to the register.
        text: The beginning of one name, or of both.
        now: The present, Swedish local time.
        unit_key: The unit where they are listed; None for any or none.

    Returns:
        In the order of surname, given names and number, those with protected identity last; one more than
        `MOST` when there are more.
    """
    found: dict[str, Resident] = {}
    for statement, values in _searches(text, at_unit=unit_key is not None):
        for one in _residents(connection, statement, values | {"unit_key": unit_key} | at(now)):
            found.setdefault(one.person_id, one)
    ordered = sorted(
        found.values(),
        key=lambda one: (
            one.protected,
            one.folded_surname or "",
            one.folded_given_name or "",
            one.person_id,
        ),
    )
    return _shown(connection, ordered[: MOST + 1], now)


def at_unit(connection: Connection, unit_key: HsaId, now: datetime) -> list[FoundResident]:
    """Return the residents listed at a unit, in order and number as those of `by_name`."""
    return _shown(connection, _residents(connection, ALL_AT_UNIT, {"unit_key": unit_key, **at(now)}), now)


def _searches(text: str, *, at_unit: bool) -> Iterator[tuple[Select[Any], dict[str, Any]]]:
    """Yield the statements that a text asks for: as one name, and divided between the two at each blank."""
    words = (folded(text) or "").split()[:_MOST_WORDS]
    if not words:
        return
    whole = " ".join(words)
    surname, given_name, both = (
        (BY_SURNAME_AT_UNIT, BY_GIVEN_NAME_AT_UNIT, BY_BOTH_NAMES_AT_UNIT)
        if at_unit
        else (BY_SURNAME, BY_GIVEN_NAME, BY_BOTH_NAMES)
    )
    yield surname, _range("surname", whole)
    yield given_name, _range("given_name", whole)
    for place in range(1, len(words)):
        first, second = " ".join(words[:place]), " ".join(words[place:])
        yield both, _range("given_name", first) | _range("surname", second)
        yield both, _range("surname", first) | _range("given_name", second)


def _range(name: str, begins: str) -> dict[str, str]:
    return {name: begins, f"{name}_end": begins + _LAST}


def _residents(connection: Connection, statement: Select[Any], values: Mapping[str, Any]) -> list[Resident]:
    return [record(Resident, iter(fields)) for fields in connection.execute(statement, values)]


def _shown(connection: Connection, found: Iterable[Resident], now: datetime) -> list[FoundResident]:
    people = list(found)
    open_ones = [one.person_id for one in people if not one.protected]
    listed: dict[str, list[str]] = {one: [] for one in open_ones}
    for person_id, name in connection.execute(FACILITIES, {"people": open_ones, **at(now)}):
        listed[person_id].append(name)
    return [
        FoundResident(one.person_id, protected=True)
        if one.protected
        else FoundResident(
            one.person_id,
            protected=False,
            given_name=one.given_name,
            surname=one.surname,
            home_county=one.home_county,
            facilities=tuple(listed[one.person_id]),
            deceased_on=one.deceased_on,
        )
        for one in people
    ]
