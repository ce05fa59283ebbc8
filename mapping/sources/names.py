"""Staff by name, for sources that have no HSA-id of them (requirement rows S003-104, S003-105).

A name is resolved against the people who work at the unit, and only when exactly one of them has it. It is
never guessed: what fits nobody, or several, is left to the operator, with the people it could be.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy import Connection, select

from contracts.identifiers import HsaId
from contracts.letters import nfc
from mapping.sources.values import ValueFault
from register.tables import employment, staff

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
    """A name that is nobody's, or several people's.

    Attributes:
        candidates: Whom it could be: HSA-ids and titles, as the end of a sentence.
    """

    def __init__(self, reason: str, candidates: str) -> None:
        super().__init__(reason)
        self.candidates = candidates


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
