"""Each broken producer is found by the rule that it breaks, and by no other; each rule finds one."""

from pathlib import Path

import pytest

from consumer.conformance.case import RuleCase
from consumer.conformance.catalogue import all_cases
from consumer.conformance.data import CaseData
from consumer.conformance.results import RunReport, Verdict
from consumer.conformance.runner import run
from tests.conformance.broken import BrokenCarrier, Mutation
from tests.conformance.in_process import Remembering, demo, demo_data, session
from tests.conformance.mutations import changing_mutations, reading_mutations

READING = reading_mutations()
CHANGING = changing_mutations()
FEWEST = 60


def broken_rules(report: RunReport) -> set[str]:
    """Return the ids of the rules that a run found broken, none of which may have tripped itself."""
    assert report.of(Verdict.FAILED) == []
    return {one.case.id for one in report.of(Verdict.BROKEN)}


def changed(mutation: Mutation) -> CaseData:
    data = demo_data()
    sections = {name: getattr(data, name).model_copy(update=dict(one)) for name, one in mutation.data.items()}
    return data.model_copy(update=sections)


def reading() -> tuple[RuleCase, ...]:
    return tuple(case for case in all_cases() if not case.writes)


@pytest.mark.parametrize("mutation", READING, ids=[one.name for one in READING])
def test_found_by_the_rule_it_breaks(unchanged: Remembering, mutation: Mutation) -> None:
    report = run(session(BrokenCarrier(unchanged, mutation), data=changed(mutation)), reading(), "x")
    assert broken_rules(report) == mutation.caught


@pytest.mark.parametrize("mutation", CHANGING, ids=[one.name for one in CHANGING])
def test_found_by_the_rule_it_breaks_in_changing(template: Path, mutation: Mutation) -> None:
    writing = tuple(case for case in all_cases() if case.writes)
    with demo(template) as carrier:
        report = run(session(BrokenCarrier(carrier, mutation), write=True), writing, "x")
    assert broken_rules(report) == mutation.caught


def test_there_are_enough_and_no_two_of_a_name() -> None:
    names = [one.name for one in (*READING, *CHANGING)]
    assert len(names) >= FEWEST
    assert len(names) == len(set(names))


def test_every_rule_finds_a_broken_producer() -> None:
    caught = {id for one in (*READING, *CHANGING) for id in one.caught}
    assert {case.id for case in all_cases()} == caught
