"""What is known of a resident of whom a source and a hand have both spoken, and what is decided of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from contracts.clock import swedish
from mapping.loads.periods import Row
from mapping.loads.staging import RowPlace
from register.hands import Hand
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
    """What the profile says about it (docs/mapping-a-source.md, load).

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
    """

    key: str
    about: str
    hand: Hand
    changed_at: datetime
    said: Row | None

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
    """All that is known about one resident, or employment.

    Attributes:
        mapped: Columns, the key's not among them, that rows say something about.
        records: Key -> the record, of those the register has.
        changes: Key -> the change of a hand.
        now: The present, naive UTC.
        rulings: Key -> what was decided of its row so far.
        ruled: Key -> the record as it will be by what was decided so far.
    """

    record_type: type[Record]
    mapped: Sequence[str]
    rules: Rules
    records: dict[str, Row]
    changes: dict[str, HandChange]
    now: datetime
    rulings: "dict[str, Ruling]" = field(default_factory=dict)
    ruled: dict[str, Row] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    @property
    def made_by_hand(self) -> list[tuple[str, Row]]:
        """Records that no source has brought or adopted, by their keys."""
        return [
            (key, self.records[key])
            for key, change in sorted(self.changes.items())
            if change.said is None and key in self.records and key not in self._taken
        ]


@dataclass(slots=True)
class Ruling:
    """What is done about a row.

    Attributes:
        place: The row.
        key: Key of its record.
        outcome: None for a row that has nothing to do with the change.
        row: The row as it is to be applied; None for one that is set aside.
        change: What is known of the record as changed by a hand from now on; None for nothing.
        adopts: Key of the record of a hand that becomes this one.
        give_way: Records that a hand made or changed and that end for it, before and after; None for one that
            goes entirely: the log of changes keeps that there was one.
        again: Whether the next load must look at the row again, though it will not have changed.
        because: Key of the change that the row is set aside for, and that is not its own record's.
    """

    place: RowPlace
    key: str
    outcome: Outcome | None = None
    row: Row | None = None
    change: HandChange | None = None
    adopts: str | None = None
    give_way: list[tuple[Row, Row | None]] = field(default_factory=list)
    again: bool = False
    because: str | None = None
