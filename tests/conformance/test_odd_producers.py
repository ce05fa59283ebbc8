"""Producers that answer anything or nothing: the tester says what came, and never goes wrong itself."""

import random
from copy import deepcopy
from dataclasses import replace

import pytest
from lxml import etree

from consumer.conformance.case import ANY, RuleCase, rule
from consumer.conformance.catalogue import all_cases
from consumer.conformance.probe import Probe
from consumer.conformance.reports.as_json import to_json
from consumer.conformance.reports.html import to_html
from consumer.conformance.reports.junit import to_junit
from consumer.conformance.results import Verdict
from consumer.conformance.runner import MOST_SILENCES, run
from consumer.results import Exchange, NoAnswer, NoAnswerKind
from tests.conformance.broken import Ask, BrokenCarrier, Came, Mutation, anything, out
from tests.conformance.in_process import Asked, Remembering, session
from tests.strength import sized

SEEDS = sized(quick=4, full=60)
TEXTS = ("", "abc", "-5", "99999999999", "2024-13-99T99:99:99", "\u200b", "å" * 100, "20240231")


def mangled(came: Exchange, random: random.Random) -> Exchange:
    chance = random.random()
    if chance < 0.02:
        return replace(came, response=random.randbytes(200))
    if chance < 0.03:
        return replace(came, status=random.choice((200, 204, 301, 404, 503)))
    if chance < 0.05:
        label = random.choice(({}, {"content-type": "text/xml; charset=klingon"}))
        return replace(came, response_headers=label)
    try:
        root = etree.fromstring(came.response)
    except etree.XMLSyntaxError:
        return came
    for one in list(root.iter(etree.Element)):
        chance, parent = random.random(), one.getparent()
        if chance < 0.02 and parent is not None:
            parent.remove(one)
        elif chance < 0.06:
            one.text = random.choice(TEXTS)
        elif chance < 0.08:
            one.tag = random.choice(("{urn:x}y", "z"))
        elif chance < 0.1 and parent is not None:
            one.addnext(deepcopy(one))
    return replace(came, response=etree.tostring(root))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_comes_no_rule_trips(unchanged: Remembering, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - to make a mess
    mutation = Mutation("anything", frozenset(), out(anything, lambda came: mangled(came, dice)))
    report = run(session(BrokenCarrier(unchanged, mutation)), all_cases(), "x")
    assert report.of(Verdict.FAILED) == []
    assert report.exit_code == 1
    assert all((to_html(report), to_junit(report), to_json(report)))


def silent(seconds: float) -> Mutation:
    def make(ask: Ask) -> Ask:
        def answer(asked: Asked) -> Came:
            exchange = Exchange("x", {}, asked.body, seconds)
            return NoAnswer(NoAnswerKind.TIMEOUT, "no answer within 30 s", exchange)

        return answer

    return Mutation("silent", frozenset(), make)


def test_a_producer_that_leaves_calls_waiting_is_not_asked_all_day(unchanged: Remembering) -> None:
    report = run(session(BrokenCarrier(unchanged, silent(30.0))), all_cases(), "x")
    assert len(report.seen) < 2 * MOST_SILENCES + 10
    assert report.exit_code == 1
    assert any("without an answer" in one.reason for one in report.of(Verdict.BLOCKED))


def test_a_producer_that_breaks_connections_is_asked_on(unchanged: Remembering) -> None:
    report = run(session(BrokenCarrier(unchanged, silent(0.01))), all_cases(), "x")
    assert len(report.seen) > 50
    assert report.of(Verdict.FAILED) == []


def test_a_run_that_is_stopped_reports_what_it_has_found(unchanged: Remembering) -> None:
    def stopped(probe: Probe) -> None:
        raise KeyboardInterrupt

    cases: tuple[RuleCase, ...] = (*all_cases()[:3], rule(ANY, "nowhere")(stopped), *all_cases()[3:])
    report = run(session(unchanged), cases, "x")
    assert len(report.results) == len(cases)
    assert {one.reason for one in report.of(Verdict.NOT_TESTED)} == {"the run was stopped"}
