"""Staff and units by name, for sources that have no HSA-id of them (requirement rows S003-104, S003-105).

A unit's name must be that of one open unit of the register. A name of staff is resolved against the people
who work at the unit, and only when exactly one of them has it. It is never guessed: what fits nobody, or
several, is left to the operator, with what it could be.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cached_property

from sqlalchemy import Connection, select

from contracts.identifiers import HsaId
from contracts.letters import nfc
from mapping.sources.values import ValueFault
from register.tables import employment, staff, unit

_FEW = 5
"""How many candidates a message names."""


@dataclass(frozen=True, slots=True)
class _Employee:
    hsa_id: HsaId
    given_names: frozenset[str]
    surnames: frozenset[str]
    title: str | None
    protected: bool
    first_day: date | None
    last_day: date | None

    def works_on(self, day: date) -> bool:
        return (self.first_day is None or self.first_day <= day) and (
            self.last_day is None or self.last_day >= day
        )


class NameFault(ValueFault):
    """A name that is nobody's, or several people's; or the name of no unit, or of several.

    Attributes:
        candidates: What it could be: HSA-ids with titles or names of units, as the end of a sentence.
        field: The field that is at fault.
    """

    def __init__(self, reason: str, candidates: str, field: str = "staff_surname") -> None:
        super().__init__(reason)
        self.candidates = candidates
        self.field = field


class Directory:
    """The people of each unit, as the register has them when a load begins."""

    def __init__(self, connection: Connection, today: date) -> None:
        self._connection = connection
        self._today = today

    def find(self, unit: HsaId, given_name: str, surname: str, day: date | None) -> HsaId:
        """Return the HSA-id of the one person of a name at a unit.

        Args:
            unit: HSA-id of the unit.
            given_name: Given name, with or without a middle name.
            surname: Surname, with or without a middle name before it.
            day: A day that the person works there; a day that has passed means the present one.

        Raises:
            NameFault: Nobody, or more than one, has the name.
        """
        day = max(day or self._today, self._today)
        working = [one for one in self._units[unit] if one.works_on(day)]
        alike = [one for one in working if _plain(surname) in one.surnames]
        found = [one for one in alike if _plain(given_name) in one.given_names]
        if len(found) == 1:
            return found[0].hsa_id
        if found:
            raise NameFault("more than one person at the unit has this name", _named(found))
        raise NameFault("nobody at the unit has this name", _named(alike))

    def find_unit(self, name: str) -> HsaId:
        """Return the HSA-id of the one open unit of a name.

        Raises:
            NameFault: None has the name, or more than one.
        """
        plain = _plain(name)
        found = self._unit_names.get(plain, [])
        if len(found) == 1:
            return found[0][0]
        if found:
            raise NameFault("more than one unit has this name", _named_units(found), "unit_name")
        near = get_close_matches(plain, self._unit_names, n=_FEW, cutoff=0.6)
        alike = [one for other in near for one in self._unit_names[other]]
        raise NameFault("no unit has this name", _named_units(alike), "unit_name")

    @cached_property
    def _unit_names(self) -> Mapping[str, list[tuple[HsaId, str]]]:
        """Name of an open unit, as it is compared -> the units that have it."""
        names: defaultdict[str, list[tuple[HsaId, str]]] = defaultdict(list)
        for row in self._connection.execute(
            select(unit.c.hsa_id, unit.c.name, unit.c.valid_from, unit.c.valid_to).order_by(unit.c.hsa_key)
        ):
            first, last = row.valid_from or self._today, row.valid_to or self._today
            if first <= self._today <= last:
                names[_plain(row.name)].append((row.hsa_id, row.name))
        return dict(names)

    @cached_property
    def _units(self) -> defaultdict[HsaId, list[_Employee]]:
        units: defaultdict[HsaId, list[_Employee]] = defaultdict(list)
        rows = self._connection.execute(
            select(employment.c.unit_key, employment.c.valid_from, employment.c.valid_to, *staff.c)
            .join(staff, staff.c.hsa_key == employment.c.staff_key)
            .order_by(staff.c.hsa_key)
        )
        for row in rows:
            middle = row.middle_name
            units[row.unit_key].append(
                _Employee(
                    row.hsa_id,
                    frozenset({_plain(row.given_name), _plain(f"{row.given_name} {middle or ''}")}),
                    frozenset({_plain(row.surname), _plain(f"{middle or ''} {row.surname}")}),
                    row.title,
                    row.protected,
                    row.valid_from,
                    row.valid_to,
                )
            )
        return units


def _plain(name: str) -> str:
    """Return the form in which names are compared: letter case, hyphens and blanks do not count."""
    return " ".join(nfc(name).replace("-", " ").casefold().split())


def _named(people: list[_Employee]) -> str:
    shown = [one for one in people if not one.protected]
    some = ", ".join(f"{one.hsa_id}{f' ({one.title})' if one.title else ''}" for one in shown[:_FEW])
    return f"; it could be {some}{' or others' * (len(shown) > _FEW)}" if some else ""


def _named_units(units: list[tuple[HsaId, str]]) -> str:
    some = ", ".join(f"{hsa_id} ({name})" for hsa_id, name in units[:_FEW])
    return f"; it could be {some}{' or others' * (len(units) > _FEW)}" if some else ""
