"""What a run comes to: a verdict for each case, and everything that was sent and came."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from consumer.conformance.case import Force, RuleCase
from consumer.conformance.seen import Seen


class Verdict(StrEnum):
    """What came of a case."""

    HELD = "held"
    BROKEN = "broken"
    BLOCKED = "blocked"
    """The answer it looks into did not come, for another reason than this rule."""
    NOT_TESTED = "not tested"
    NOT_EVALUATED = "not evaluated"
    """Something in a suite or file that the tester cannot interpret; nothing is said of the producer."""
    NOT_APPLICABLE = "not applicable"
    FAILED = "failed"
    """The tester itself went wrong; nothing is said of the producer."""


@dataclass(frozen=True)
class CaseResult:
    """What came of one case.

    Attributes:
        case: The case.
        verdict: What came of it.
        findings: What is broken, each in a sentence or two; only of a broken rule.
        reason: Why there is no verdict on the rule, where there is none.
        steps: Places of what it asked, in the report's `seen`.
        missing: Keys that the data file lacks for it.
    """

    case: RuleCase
    verdict: Verdict
    findings: tuple[str, ...] = ()
    reason: str = ""
    steps: tuple[int, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """The verdict in a word: what is no must is advised, and what may be left out is left out."""
        if self.verdict is Verdict.BROKEN and self.case.force is not Force.MUST:
            return "advised" if self.case.force is Force.SHOULD else "left out"
        return self.verdict

    @property
    def mandatory(self) -> bool:
        """Whether the run cannot end well without it."""
        return self.case.force is Force.MUST


@dataclass(frozen=True)
class RunReport:
    """A whole run.

    Attributes:
        address: The producer's address.
        name: Its name, from the data file.
        began: When the run began.
        seconds: How long it took.
        version: Version of the tester.
        write: Whether the tester could change data.
        results: One for each case, in the order of their ids.
        seen: Everything that was sent and came.
    """

    address: str
    name: str
    began: datetime
    seconds: float
    version: str
    write: bool
    results: tuple[CaseResult, ...]
    seen: tuple[Seen, ...] = field(repr=False)

    def of(self, *verdicts: Verdict) -> list[CaseResult]:
        """Return the results with one of these verdicts."""
        return [one for one in self.results if one.verdict in verdicts]

    @property
    def of_the_rules(self) -> bool:
        """Whether it is a run of the tester's own rules, and not of a suite or files of others."""
        return any(one.case.rows for one in self.results)

    @property
    def exit_code(self) -> int:
        """0: every mandatory case holds. 1: one does not. 3: none is broken, and some are not tested.

        What does not apply is left out. A run that must not write leaves out what needs writing.
        """
        mandatory = [one for one in self.results if one.mandatory]
        if any(one.verdict in (Verdict.BROKEN, Verdict.BLOCKED, Verdict.FAILED) for one in mandatory):
            return 1
        left_out = [one for one in mandatory if one.verdict is Verdict.NOT_TESTED]
        if any(one.verdict is Verdict.NOT_EVALUATED for one in mandatory):
            return 3
        if any(self.write or not one.case.writes for one in left_out):
            return 3
        return 0 if any(one.verdict is Verdict.HELD for one in mandatory) else 3
