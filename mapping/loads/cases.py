"""What is known of a resident of whom a source and a hand have both spoken, and what is decided of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from contracts.clock import swedish
from mapping.loads.periods import Row, shape_of
from mapping.loads.staging import RowPlace
from register.hands import Hand, Left
from register.model import Record


class Outcome(StrEnum):
    """What becomes of a row that meets the change of a hand."""

    ADOPTED = "adopted"
    """It means the change: the source has taken it in."""
    SUPERSEDED = "superseded"
    """It is older than the change."""
    CONTRADICTED = "contradicted"
    """It speaks against the change; the change stands for now."""
    OVERRULED = "overruled"
    """It speaks against the change, and the source is right."""


class Rules(NamedTuple):
    """What the profile says about it (docs/profile-language.md, load).

    Attributes:
        change_stands: Whether the change wins a contradiction at first.
        stand_days: For how many days it does.
        adopt_days: Days that two may differ in when something began or ended, and mean the same.
    """

    change_stands: bool
    stand_days: int
    adopt_days: int


@dataclass(frozen=True, slots=True)
class HandChange:
    """That a hand has made or changed a record.

    Attributes:
        key: The record's, as in changed_record.
        changed_at: Naive UTC.
        said: The record as its source last said it; None where no source brought it.
        held: The record as the hand left it, where a load, or the resident's death or move, has ended it
            since; None where none has.
    """

    key: str
    about: str
    hand: Hand
    changed_at: datetime
    said: Row | None
    held: Row | None = None

    @property
    def left(self) -> Left | None:
        """What the resident had been before the death or move that has ended the record, if one has."""
        return Left(self.held["home_county"]) if self.held and "home_county" in self.held else None

    @property
    def taken_in(self) -> bool:
        """Whether the source has taken in that the record has ended by the resident's death or move."""
        return bool(self.held and self.held.get("taken_in"))

    def taken(self, taken_in: bool) -> "HandChange":
        """Return the change of a record that has ended so, with whether the source has taken that in."""
        held = {name: value for name, value in (self.held or {}).items() if name != "taken_in"}
        return replace(self, held=held | {"taken_in": True} if taken_in else held)

    @property
    def moment(self) -> datetime:
        """The moment of the change, Swedish local time."""
        return swedish(self.changed_at)

    @property
    def day(self) -> date:
        """The Swedish calendar day of the change."""
        return self.moment.date()


@dataclass(slots=True)
class Case:
    """All that is known about one resident, or employment, and what has been decided so far.

    Attributes:
        mapped: Columns, the key's not among them, that rows say something about.
        records: Key -> the record as the register will have it before the rows are applied: renamed where a
            row adopts it, ended where it ends for one.
        changes: Key -> the change of a hand.
        now: The present, naive UTC.
        is_now: What the resident is now; None for one who has died.
        vanishing: Keys of records that the source has in no row any more; this load ends them.
        rulings: Key -> what was decided of its row so far.
        ruled: Key -> the record as it will be by what was decided so far.
        adopted: Keys of records that rows of this load have adopted.
    """

    record_type: type[Record]
    mapped: Sequence[str]
    rules: Rules
    records: dict[str, Row]
    changes: dict[str, HandChange]
    now: datetime
    is_now: Left | None = None
    vanishing: set[str] = field(default_factory=set)
    rulings: "dict[str, Ruling]" = field(default_factory=dict)
    ruled: dict[str, Row] = field(default_factory=dict)
    adopted: set[str] = field(default_factory=set)

    def fresh(self) -> "Case":
        """Return the case with nothing decided, to be decided from what this one began with."""
        records, changes = dict(self.records), dict(self.changes)
        return Case(
            self.record_type, self.mapped, self.rules, records, changes, self.now, self.is_now, self.vanishing
        )

    def is_gone(self, change: HandChange) -> bool:
        """Tell whether a record has ended by its resident's death or move, and that is still so."""
        return change.left is not None and change.left != self.is_now

    def is_back(self, change: HandChange) -> bool:
        """Tell whether a record has ended by its resident's death or move, and that is taken back."""
        return change.left is not None and change.left == self.is_now

    @property
    def made_by_hand(self) -> list[tuple[str, Row]]:
        """Records that no source has brought or adopted, or says any more, by their keys."""
        return [
            (key, self.records[key])
            for key, change in sorted(self.changes.items())
            if (change.said is None or key in self.vanishing) and key in self.records
        ]

    def will_be(self) -> dict[str, Row]:
        """Return the records as they will be by what was decided so far, by their keys."""
        return {**self.records, **self.ruled}

    def held(self, key: str) -> Row:
        """Return a record with the end that its hand left it with: a load may have ended it since."""
        record, change = self.records[key], self.changes.get(key)
        shape = shape_of(self.record_type, record)
        if change is None or change.held is None or shape is None:
            return record
        return record | {shape.end: change.held[shape.end]}

    def unsaid_end(self, row: Row) -> str | None:
        """Return the column of the end of a row whose source says of no record when it ends."""
        shape = shape_of(self.record_type, row)
        return shape.end if shape is not None and shape.end not in self.mapped else None

    def still_different(self, change: HandChange, row: Row, merged: Row) -> HandChange | None:
        """Return a change with what the source says now; None when both say the same.

        An end that a hand has made is different from what is said by a source that says no ends.
        """
        end, said = self.unsaid_end(row), change.said
        if all(row[name] == merged[name] for name in self.mapped) and (
            end is None or said is None or said[end] == merged[end]
        ):
            return None
        said = {**(change.said or {}), **{name: row[name] for name in self.mapped}}
        return replace(change, said=said)


@dataclass(slots=True)
class Ruling:
    """What is done about a row.

    Attributes:
        place: The row.
        key: Key of its record.
        outcome: None for a row that has nothing to do with the change.
        row: The row as it is to be applied; None for one that is set aside.
        change: What is known of the record as changed by a hand from now on; None for nothing.
        adopts: The record of a hand that becomes this one.
        ends: Records that end for it, before and after; None for one that goes entirely: the log of changes
            keeps that there was one.
        again: Whether the next load must look at the row again, though it will not have changed.
        gone: Whether it is set aside because the resident has died or moved.
        because: Key of the change that the row is set aside for, and that is not its own record's.
    """

    place: RowPlace
    key: str
    outcome: Outcome | None = None
    row: Row | None = None
    change: HandChange | None = None
    adopts: Row | None = None
    ends: list[tuple[Row, Row | None]] = field(default_factory=list)
    again: bool = False
    gone: bool = False
    because: str | None = None
