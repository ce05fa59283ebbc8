"""A run on paper: JSON that is compared, JUnit XML for builds, and a page that what is sent cannot alter."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree, html

from consumer.conformance.catalogue import all_cases, chosen
from consumer.conformance.comparing import differences
from consumer.conformance.reports.as_json import ReportError, read_json, to_json
from consumer.conformance.reports.html import to_html
from consumer.conformance.reports.junit import to_junit
from consumer.conformance.results import RunReport
from consumer.conformance.runner import run
from tests.conformance.broken import BrokenCarrier, Mutation, a_fault, asks, edited
from tests.conformance.edits import gone, says
from tests.conformance.in_process import Remembering, demo_data, session

MARKUP = "<script>alert(1)</script>&\x01"


@pytest.fixture(scope="module")
def good(unchanged: Remembering) -> RunReport:
    return run(session(unchanged), all_cases(), "http://good.test")


@pytest.fixture(scope="module")
def bad(unchanged: Remembering) -> RunReport:
    """No doctors, no e-services, Faults for one person, and a name that is markup."""
    wrong = edited(asks("GetListing"), gone("listings/healthcarePersonnel"))
    name = edited(asks("GetListing"), says("listings/healthcareFacility/name", MARKUP.strip("\x01")))
    lost = a_fault(asks("GetListing", f">{demo_data().persons.in_queue}<"))
    mutation = Mutation("bad", frozenset(), lambda ask: lost(name(wrong(ask))))
    return run(session(BrokenCarrier(unchanged, mutation)), all_cases(), "http://bad.test")


def page(report: RunReport) -> etree._Element:
    return html.document_fromstring(to_html(report).decode("utf-8"))


def test_the_page_needs_nothing_else_and_runs_nothing(good: RunReport, bad: RunReport) -> None:
    for report in (good, bad):
        found = page(report)
        assert not found.xpath("//script | //img | //link | //iframe | //@src | //@onclick")
        assert {one for one in found.xpath("//a/@href") if not one.startswith("#")} == set()
        ids = found.xpath("//@id")
        assert len(ids) == len(set(ids))
        assert {one[1:] for one in found.xpath("//a/@href")} <= set(ids)


def test_the_page_tells_what_was_sent_what_came_and_which_rule_broke(bad: RunReport) -> None:
    found = page(bad)
    broken = found.xpath("//details[@open]")[0]
    assert "broken (must)" in broken.text_content()
    assert "GetListing answers no healthcarePersonnel for somebody who has a doctor." in found.text_content()
    call = broken.xpath(".//a/@href")[0]
    sent, came = found.xpath(f"//details[@id='{call[1:]}']//pre")[1::2]
    assert "<ns0:GetListing" in sent.text
    assert "alert(1)" in came.text


def test_the_page_has_the_coverage_sheet_and_the_self_declaration(good: RunReport) -> None:
    text = page(good).text_content()
    assert "availability is measured over months and not by a run" in text
    assert "ERROR_GUARDIAN_CONSENT_NEEDED" in text
    assert "to be filled in" in text
    assert "Every mandatory rule that applies holds." in text


def test_the_page_shows_characters_that_no_document_can_hold(good: RunReport) -> None:
    exchange = replace(good.seen[0].exchange, response=b"\x00\x01<a", status=200)
    odd = replace(good, seen=(replace(good.seen[0], exchange=exchange), *good.seen[1:]), name=MARKUP)
    assert page(odd).xpath("//h1")[0].text.startswith("Conformance of <script>")


def test_junit_counts_as_a_build_does(good: RunReport, bad: RunReport) -> None:
    for report in (good, bad):
        root = etree.fromstring(to_junit(report))
        assert int(root.get("tests")) == len(all_cases())
        assert int(root.get("failures")) == len(root.findall(".//failure"))
        assert (int(root.get("failures")) + int(root.get("errors")) > 0) == (report.exit_code == 1)
    failure = root.find(".//testcase[@name='doctor'][@classname='carelisting.get_listing']/failure")
    assert failure.text == "GetListing answers no healthcarePersonnel for somebody who has a doctor."
    assert failure.get("message").startswith("The doctor of a listing is told")


def test_json_is_read_as_it_is_written_and_says_everything(bad: RunReport, tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    file.write_text(to_json(bad), "utf-8")
    found = read_json(file)
    assert found["exit_code"] == 1
    assert len(found["cases"]) == len(all_cases())
    assert len(found["calls"]) == len(bad.seen)
    assert {one["verdict"] for one in found["cases"]} >= {"held", "broken", "blocked", "not tested"}


@pytest.mark.parametrize("text", ["", "[]", '{"format": "other"}'])
def test_what_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "r.json"
    file.write_text(text, "utf-8")
    with pytest.raises(ReportError):
        read_json(file)


def test_two_reports_are_compared(good: RunReport, bad: RunReport) -> None:
    before, after = (json.loads(to_json(one)) for one in (good, bad))
    worse = {one.id: one.kind for one in differences(before, after)}
    assert worse["carelisting/get_listing/doctor"] == "broken now"
    better = {one.id: one.kind for one in differences(after, before)}
    assert better["carelisting/get_listing/doctor"] == "mended"
    assert differences(before, before) == []
    fewer = before | {"cases": before["cases"][1:]}
    assert [one.kind for one in differences(before, fewer)] == ["gone"]
    assert [one.kind for one in differences(fewer, before)] == ["new"]


def test_a_blocked_rule_says_what_came_in_place_of_an_answer(bad: RunReport) -> None:
    blocked = next(one for one in bad.results if one.case.id == "carelisting/get_listing/queue_place")
    assert blocked.reason == "GetListing gave a SOAP Fault (Client: Not understood. Log id: 10000000)"


def test_groups_are_chosen_by_whole_steps() -> None:
    assert {case.group for case in chosen(("carelisting/get_listing",))} == {"carelisting/get_listing"}
    assert [case.id for case in chosen(("requests/utf_16",))] == ["requests/utf_16"]
    with pytest.raises(LookupError, match="the groups are: access, "):
        chosen(("carelisting/get_list",))
