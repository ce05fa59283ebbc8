"""A model of who is right about what in a month of nights (test_month_of_nights).

The model knows what residents were answered and what the rows of the sources say, by the days they name; it
knows nothing of how the loader weighs them (docs/adr/0018, docs/loads.md, "Two hands").
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from contracts.codes import DOCTOR_CONTACT
from tests.integration.nights import ADOPT_DAYS, DAY, DOCTORS, FULL, PEOPLE, SORTS, STAND_DAYS, UNITS, Echo
from tests.records import COUNTY, OTHER_COUNTY, hsa


@dataclass(frozen=True)
class Row:
    """A row of the listing system; its last day."""

    unit: str
    begins: date
    ends: date | None = None


@dataclass(frozen=True)
class Heard:
    """A change that the listing system is to make something of, on a day."""

    due: date
    changed: date
    sort: str
    person: str
    unit: str | None
    echo: Echo


@dataclass
class Population:
    """The population register: where residents live, and who has died.

    Attributes:
        were: Where they lived when it was last looked what follows from it.
    """

    counties: dict[str, str] = field(default_factory=lambda: dict.fromkeys(PEOPLE, COUNTY))
    dead: dict[str, date] = field(default_factory=dict)
    were: dict[str, str] = field(default_factory=lambda: dict.fromkeys(PEOPLE, COUNTY))

    def other(self, person: str) -> str:
        """Return the county where a resident does not live."""
        return OTHER_COUNTY if self.counties[person] == COUNTY else COUNTY

    def happen(self, what: str, person: str, today: date) -> None:
        """Let a resident move or die, or take the death back."""
        if what == "dies":
            self.dead.setdefault(person, today)
        elif what == "lives":
            self.dead.pop(person, None)
        elif person not in self.dead:
            self.counties[person] = COUNTY if what == "home" else OTHER_COUNTY

    def left(self, person: str) -> str | None:
        """Return the home county of who has died or moved away since; None for others."""
        if person in self.dead:
            return self.counties[person]
        return COUNTY if (self.were[person], self.counties[person]) == (COUNTY, OTHER_COUNTY) else None

    def is_back(self, person: str, left: str) -> bool:
        """Tell whether somebody is what she was before she died or moved."""
        return person not in self.dead and self.counties[person] == left

    def files(self) -> dict[str, list[tuple[str, ...]]]:
        """Return the rows of its file."""
        return {
            "resident": [(one, self.counties[one], str(self.dead.get(one, ""))) for one in PEOPLE],
        }


def _at_first() -> dict[tuple[str, str], list[Row]]:
    first = [Row("a", date(2024, 1, 1))]
    return {(sort, one): [] if sort == "queue_place" else [*first] for sort in SORTS for one in PEOPLE}


@dataclass
class ListingSystem:
    """The rows of a listing system by what they are of, and the changes that it is about to hear of.

    Attributes:
        says: What its files say, one of `SAYS`.
        rows: What it says, with the ends that it may not tell.
        heard: Changes that it has heard of.
        ever: The rows of its files, if it withdraws none.
    """

    says: str = "ends"
    rows: dict[tuple[str, str], list[Row]] = field(default_factory=_at_first)
    heard: list[Heard] = field(default_factory=list)
    ever: dict[tuple[str, str], list[Row]] = field(default_factory=_at_first)
    _loaded: set[tuple[Any, ...]] = field(default_factory=set)

    def told(self, of: tuple[str, str]) -> list[Row]:
        """Return the rows that the files have of something."""
        if self.says == "ever":
            return self.ever[of]
        return [one for one in self.rows[of] if self.says == "ends" or one.ends is None]

    def tell_more(self, has: Collection[tuple[str, str]]) -> None:
        """Put what is new in the files, if nothing is withdrawn from them.

        Args:
            has: Of what and whom the register has something from these files that has no end: another would
                contradict the source itself.
        """
        for of, rows in self.rows.items():
            known = {(one.unit, one.begins) for one in self.ever[of]}
            new = [one for one in rows if one.ends is None and (one.unit, one.begins) not in known]
            if new and of not in has:
                self.ever[of].append(new[-1])

    def withdraws(self) -> bool:
        """Tell whether rows of the last files are in no file any more: only a full load can tell."""
        keys = {(*of, one.unit, one.begins) for of in self.rows for one in self.told(of)}
        gone, self._loaded = self._loaded - keys, keys
        return bool(gone)

    def hear(self, changed: date, sort: str, person: str, unit: str | None, echo: Echo) -> None:
        """Be told of a change: of a resident, only the last is of interest."""
        self.heard = [one for one in self.heard if (one.sort, one.person) != (sort, person)]
        if echo.kind != "none":
            self.heard.append(Heard(changed + echo.late * DAY, changed, sort, person, unit, echo))

    def catch_up(self, today: date) -> None:
        """Do what is to be done about changes by now."""
        due = [one for one in self.heard if one.due <= today]
        self.heard = [one for one in self.heard if one.due > today]
        for one in due:
            begins, unit, kind = (one.due if one.echo.shift else one.changed), one.unit, one.echo.kind
            if kind in ("same day", "later day"):
                begins = one.changed if kind == "same day" else one.changed + 2 * DAY
                unit = self._another(one.sort, unit)
            rows = self.rows[one.sort, one.person]
            if kind != "new":
                starts = sorted({row.begins for row in rows} | {begins})
                ended = [_ended(row, starts) for row in rows]
                if kind == "replace":
                    ended = [row for row, old in zip(ended, rows, strict=True) if row == old]
                rows = [row for row in ended if row is not None]
            if kind != "end" and unit is not None:
                rows = [row for row in rows if (row.unit, row.begins) != (unit, begins)]
                rows = [*rows, Row(unit, begins)]
            self.rows[one.sort, one.person] = rows

    @staticmethod
    def _another(sort: str, unit: str | None) -> str | None:
        if sort == "queue_place":
            return FULL if unit is None else None
        return UNITS[UNITS.index(unit or "a") - 1]

    def say(self, sort: str, person: str, unit: str | None, begins: date) -> None:
        """Say something else from a day on."""
        rows = [one for one in self.rows[sort, person] if one.begins < begins]
        starts = sorted({one.begins for one in rows} | {begins})
        kept = [row for one in rows if (row := _ended(one, starts)) is not None]
        self.rows[sort, person] = kept if unit is None else [*kept, Row(unit, begins)]

    def hear_of_doctor(self, person: str, unit: str, begins: date) -> None:
        """Take in whom a resident has as a doctor."""
        if not any(one.ends is None and one.unit == unit for one in self.rows["fixed_contact", person]):
            self.say("fixed_contact", person, unit, begins)

    def files(self) -> dict[str, list[tuple[str, ...]]]:
        """Return the rows of the files."""
        found: dict[str, list[tuple[str, ...]]] = {sort: [] for sort in SORTS}
        for sort, person in self.rows:
            for one in self.told((sort, person)):
                who = (DOCTOR_CONTACT, str(hsa(DOCTORS[one.unit]))) if sort == "fixed_contact" else ()
                ends = (f"{one.ends or ''}",) if self.says == "ends" else ()
                found[sort].append((person, *who, str(hsa(one.unit)), f"{one.begins}", *ends))
        jobs: list[tuple[str, ...]] = [
            (str(hsa(name)), str(hsa(at)), "true", "100") for at, name in DOCTORS.items()
        ]
        return {"employment": jobs, **found}


def _ended(row: Row, starts: list[date]) -> Row | None:
    """End a row before the next one; None for one that would be of no day."""
    later = [one for one in starts if one > row.begins]
    if not later:
        return None if row.begins == starts[-1] else row
    return replace(row, ends=min(later[0] - DAY, row.ends or date.max))


@dataclass(frozen=True)
class Known:
    """What a hand has made of something of a resident's: where it is now, since when, and its last day.

    Attributes:
        left: Where she lived, if it is her death or move that has ended it.
        row: The row of the source, and of nobody else, that it was until then.
    """

    of: tuple[str, str]
    unit: str | None
    moment: datetime
    until: date | None = None
    left: str | None = None
    row: Row | None = None


@dataclass
class Model:
    """What was done last by calls and staff, where the listing system has not said something since.

    Attributes:
        known: Of what and whom -> what was done.
        jobs: Unit -> pause and cap of its doctor.
    """

    known: dict[tuple[str, str], Known] = field(default_factory=dict)
    _taken_in: set[Known] = field(default_factory=set)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def may_differ(self, of: tuple[str, str], rows: list[Row], now: datetime) -> bool:
        """Tell whether the listing system may be right about something, rather than what was done."""
        known = self.known[of]
        changed = known.moment.date()

        def means(row: Row) -> bool:
            return row.unit == known.unit and abs(row.begins - changed) <= ADOPT_DAYS * DAY

        if any(map(means, rows)):
            self._taken_in.add(known)
        elif known in self._taken_in:
            return True
        for row in rows:
            same = means(row)
            if row.ends is not None and row.unit == known.unit:
                return True
            if not same and row.begins > changed:
                return True
            if not same and row.begins == changed and now - known.moment >= STAND_DAYS * DAY:
                return True
        return False

    def goes_on(self, of: tuple[str, str], rows: list[Row], today: date) -> list[str] | None:
        """Return where a resident who is back has what she had; None where that is not known."""
        row, going_on = self.known[of].row, [one for one in rows if one.ends is None or one.ends >= today]
        if row is None or going_on not in ([], [row]):
            return None
        return [hsa(one.unit).key for one in going_on]

    def expected(self, of: tuple[str, str], today: date) -> list[str]:
        """Return the keys of the units where a resident has something by what was done."""
        known = self.known[of]
        if known.unit is None or (known.until is not None and known.until < today):
            return []
        return [hsa(known.unit).key]
