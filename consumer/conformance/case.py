"""What a case is: one rule of a contract, where it stands, and the check of it.

A case is one file under `cases/`. Its module docstring is the rule in words, `rule` adds where it comes
from, and the function under it looks at answers through a `Probe`. It says what is broken with
`Probe.expect` and never raises for it; what keeps it from looking raises `Blocked`, so that no case fails
for another's rule.
"""

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from consumer.conformance.probe import Probe

Check = Callable[["Probe"], None]

ANY = "any"
"""Contract of a case that asks whichever contract the producer offers."""

_IN_FORCE = {
    "carelisting": date(2025, 6, 13),  # TKB 2.1
    "residentparticipation": date(2026, 6, 29),  # TKB 1.0 RC2
}
_BASIC_PROFILE = date(
    2024, 9, 18
)  # RIV-TA Basic Profile 2.1, edition 3.0: Faults, header names, denied access


class Force(StrEnum):
    """How strong a rule is."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"


class Blocked(Exception):  # noqa: N818 - not an error of the tester: the case cannot look
    """The answer that a case looks into did not come; the text says what came instead."""


class Untold(Exception):  # noqa: N818 - as above
    """The data file lacks something that a case cannot do without; the text names the keys."""


class NotApplicable(Exception):  # noqa: N818 - as above
    """The rule says nothing about this producer; the text says why."""


@dataclass(frozen=True)
class RuleCase:
    """One rule.

    Attributes:
        id: Path of its file below `cases/`, without ending: ``carelisting/get_listing/queue_place``.
        title: The rule in one sentence.
        why: More about it, and how to mend what breaks it; may be empty.
        contract: Contract it is about, or `ANY`.
        force: How strong the rule is.
        source: Document and section.
        rows: Requirement rows it proves (`rows.csv`).
        in_force: First day it holds.
        needs: Keys of the data file that it cannot do without, as ``persons.listed``.
        writes: Whether it sends what may change the producer's data.
        last: Whether it looks at every answer of the run, and so comes after all others.
        check: Looks at answers.
    """

    id: str
    title: str
    why: str
    contract: str
    force: Force
    source: str
    rows: tuple[str, ...]
    in_force: date
    needs: tuple[str, ...]
    writes: bool
    last: bool
    check: Check

    @property
    def group(self) -> str:
        """Folder of its file."""
        return self.id.rpartition("/")[0]


def rule(
    contract: str,
    source: str,
    *,
    rows: str = "",
    force: Force = Force.MUST,
    in_force: date | None = None,
    needs: str = "",
    writes: bool = False,
    last: bool = False,
) -> Callable[[Check], RuleCase]:
    """Make a case of the function below; its module's name and docstring are the case's id and words.

    Args:
        contract: Name of the contract, or `ANY`.
        source: Document and section.
        rows: Requirement rows, with blanks between.
        force: How strong the rule is.
        in_force: First day it holds; left out: that of its document's edition.
        needs: Keys of the data file, with blanks between.
        writes: Whether it sends what may change data.
        last: Whether it looks at every answer of the run.
    """

    def made(check: Check) -> RuleCase:
        module = sys.modules[check.__module__]
        title, _, why = inspect.cleandoc(module.__doc__ or "").partition("\n\n")
        id = check.__module__.partition(".cases.")[2].replace(".", "/")
        return RuleCase(
            id=id,
            title=" ".join(title.split()),
            why=" ".join(why.split()),
            contract=contract,
            force=force,
            source=source,
            rows=tuple(rows.split()),
            in_force=in_force or _IN_FORCE.get(id.partition("/")[0], _BASIC_PROFILE),
            needs=tuple(needs.split()),
            writes=writes,
            last=last,
            check=check,
        )

    return made
