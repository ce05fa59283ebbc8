"""The self-declaration of a producer (SjD, facts section 6), filled in as far as a run can know."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from consumer.conformance.results import RunReport, Verdict

BY_HAND = "to be filled in"
"""Answer to a question that no run can know."""


@dataclass(frozen=True)
class Declared:
    """A question of the self-declaration, answered.

    Attributes:
        contract: Contract that the question is about, or ``all``.
        number: Its number in the form and the suite.
        question: The question.
        answer: yes, no, or why it is not known.
        remark: What was found, for a no.
        cases: The cases that answer it.
    """

    contract: str
    number: str
    question: str
    answer: str
    remark: str
    cases: tuple[str, ...]


@cache
def questions() -> tuple[dict[str, str], ...]:
    """Return the questions of the form."""
    text = files("consumer.conformance").joinpath("declaration.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def declaration(report: RunReport) -> list[Declared]:
    """Return the form, answered by a run."""
    return [
        _declared(report, one["contract"], one["number"], one["question"], tuple(one["cases"].split()))
        for one in questions()
    ]


def _declared(
    report: RunReport, contract: str, number: str, question: str, cases: tuple[str, ...]
) -> Declared:
    results = [one for one in report.results if one.case.id in cases]
    remark = " ".join(text for one in results for text in one.findings)
    verdicts = {one.verdict for one in results}
    if Verdict.BROKEN in verdicts:
        answer = "no"
    elif verdicts == {Verdict.HELD}:
        answer = "yes"
    elif results:
        answer, remark = "not tested", next(one.reason for one in results if one.verdict is not Verdict.HELD)
    else:
        answer = BY_HAND if not cases else "not tested"
    return Declared(contract, number, question, answer, remark, cases)
