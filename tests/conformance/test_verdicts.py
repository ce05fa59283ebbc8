"""What the tester says: of a good producer nothing, of a mock without rules its faults in plain words."""

from datetime import datetime
from pathlib import Path

import pytest

from consumer.conformance.case import ANY, Force, RuleCase, rule
from consumer.conformance.catalogue import all_cases, chosen
from consumer.conformance.coverage import covered, rows, sheet
from consumer.conformance.data import CaseData, DataError, read_data, write_data
from consumer.conformance.declaration import declaration, questions
from consumer.conformance.looking import notice
from consumer.conformance.new_case import CaseNameError, new_case
from consumer.conformance.probe import Probe
from consumer.conformance.results import RunReport, Verdict
from consumer.conformance.runner import run
from consumer.conformance.session import WriteRefused
from producer.settings import AccessSettings
from tests.conformance.broken import BrokenCarrier, Mutation
from tests.conformance.in_process import (
    NOW,
    Asked,
    Remembering,
    WsgiCarrier,
    demo,
    demo_data,
    demo_producer,
    session,
)
from tests.conformance.mock import mock
from tests.databases import opened_copy
from tests.requirements import rows as requirement_rows

DOCS = Path(__file__).parents[2] / "docs"
GOLDEN = Path(__file__).parent / "golden"
COVERED = 0.95


def findings(report: RunReport) -> list[str]:
    return [f"{one.case.id}: {text}" for one in report.of(Verdict.BROKEN) for text in one.findings]


def test_a_good_producer_gives_no_finding_ten_times_over(unchanged: Remembering) -> None:
    for _ in range(10):
        report = run(session(unchanged), all_cases(), "x")
        assert report.of(Verdict.BROKEN, Verdict.BLOCKED, Verdict.FAILED) == []
        assert report.exit_code == 0


def test_a_good_producer_gives_no_finding_when_it_is_written_to(template: Path) -> None:
    with demo(template) as carrier:
        report = run(session(carrier, write=True), all_cases(), "x")
    assert report.of(Verdict.BROKEN, Verdict.BLOCKED, Verdict.FAILED, Verdict.NOT_TESTED) == []
    assert report.exit_code == 0


def test_without_leave_nothing_that_may_change_data_is_sent(unchanged: Remembering) -> None:
    sent: list[str] = []

    def watched(asked: Asked) -> bool:
        sent.append(asked.contract.name)
        return b"CreateListing" in asked.body or b"UpdateListing" in asked.body

    def make(ask):  # type: ignore[no-untyped-def]
        return lambda asked: pytest.fail("an updating contract was called") if watched(asked) else ask(asked)

    report = run(session(BrokenCarrier(unchanged, Mutation("watched", frozenset(), make))), all_cases(), "x")
    assert sent
    assert {one.case.writes for one in report.of(Verdict.NOT_TESTED)} == {True}


def test_a_case_that_forgets_to_say_that_it_writes_is_stopped(unchanged: Remembering) -> None:
    probe = Probe(session(unchanged), writes=True)
    with pytest.raises(WriteRefused):
        probe.ask(notice("195709263080", "17", "14"))
    with pytest.raises(WriteRefused):
        Probe(session(unchanged, write=True), writes=False).ask(notice("195709263080", "17", "14"))


def test_who_may_not_call_is_answered_403(template: Path) -> None:
    allowed = "SE2321000131-ALLOWED"
    data = demo_data().model_copy(
        update={"access": demo_data().access.model_copy(update={"denied_consumer": "SE2321000131-DENIED"})}
    )
    with opened_copy(template) as register:
        app = demo_producer(register, access=AccessSettings(consumers=(allowed, "SE5565594230-B9P")))

        def let_in(environ, start):  # type: ignore[no-untyped-def]
            environ.setdefault("HTTP_X_RIVTA_ORIGINAL_SERVICECONSUMER_HSAID", allowed)
            return app(environ, start)

        report = run(
            session(WsgiCarrier(let_in), data=data), chosen(("access", "envelope_is_not_a_group")[:1]), "x"
        )
    assert [one.verdict for one in report.results] == [Verdict.HELD]


def test_a_mock_without_rules_is_told_its_faults() -> None:
    data = demo_data().model_copy(
        update={
            "producer": demo_data().producer.model_copy(
                update={"contracts": ("GetListing", "GetCareManagers")}
            )
        }
    )
    report = run(session(WsgiCarrier(mock), data=data), all_cases(), "http://mock", now=NOW)
    assert report.exit_code == 1
    assert report.of(Verdict.FAILED) == []
    said = "\n".join(findings(report)) + "\n"
    assert said == (GOLDEN / "mock.txt").read_text("utf-8")
    verdicts = "\n".join(f"{one.case.id}: {one.verdict}" for one in report.results) + "\n"
    assert verdicts == (GOLDEN / "mock-verdicts.txt").read_text("utf-8")


def test_the_coverage_sheet_knows_every_row_and_nearly_all_musts() -> None:
    proven = covered(all_cases())
    ids = {one.id for one in rows()}
    assert proven <= ids
    musts = [one for one in rows() if one.force is Force.MUST]
    number = sum(one.id in proven for one in musts)
    assert number >= COVERED * len(musts)
    assert f"{number} of {len(musts)} have a rule" in (DOCS / "conformance.md").read_text("utf-8")
    assert {one.id for one in musts if one.id not in proven} == {one.id for one in rows() if one.untested}


def test_the_rows_of_the_source_documents_are_all_there() -> None:
    wanted = {
        one.id for one in requirement_rows() if one.force == "must" and one.reach in ("contract", "both")
    }
    assert wanted == {one.id for one in rows() if one.id.startswith("S")}


def test_each_row_of_the_sheet_says_what_came_of_it_or_why_not(unchanged: Remembering) -> None:
    report = run(session(unchanged), all_cases(), "x")
    states = {line.row.id: line.state for line in sheet(report)}
    assert states["GC-05"] == "held"
    assert states["CL-18"] == "not tested, because: availability is measured over months and not by a run"
    assert states["CL-36"].startswith("not tested, because: it may change the producer's data")
    assert all(states.values())


def test_the_self_declaration_is_filled_in(unchanged: Remembering) -> None:
    ids = {case.id for case in all_cases()}
    assert {case for one in questions() for case in one["cases"].split()} <= ids
    answers = {
        (one.contract, one.number): one.answer
        for one in declaration(run(session(unchanged), all_cases(), "x"))
    }
    assert answers["GetListing", "5.4"] == "yes"
    assert answers["CreateListing", "3.2.3"] == "not tested"
    assert answers["all", "-"] == "to be filled in"


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.id)
def test_a_case_says_where_it_comes_from(case: RuleCase) -> None:
    assert case.title.endswith(".")
    assert case.source
    assert case.rows, "name the rows it proves"
    for key in case.needs:
        CaseData().value(key)


def test_a_rule_that_is_not_in_force_is_not_tested(unchanged: Remembering) -> None:
    report = run(session(unchanged), chosen(("residentparticipation",)), "x", now=datetime(2026, 6, 28))
    assert {one.verdict for one in report.results} == {Verdict.NOT_APPLICABLE}
    assert report.exit_code == 3


def test_a_rule_that_the_data_file_says_does_not_apply(unchanged: Remembering) -> None:
    data = demo_data().model_copy(
        update={"not_applicable": {"requests/utf_16": "a platform stands before it"}}
    )
    report = run(session(unchanged, data=data), chosen(("requests/utf_16",)), "x")
    assert report.results[0].reason == "the data file says: a platform stands before it"


def test_missing_data_is_said_and_keeps_the_run_from_ending_well(unchanged: Remembering) -> None:
    persons = demo_data().persons.model_copy(update={"in_queue": ""})
    report = run(
        session(unchanged, data=demo_data().model_copy(update={"persons": persons})), all_cases(), "x"
    )
    missing = next(one for one in report.results if one.case.id == "carelisting/get_listing/queue_place")
    assert missing.reason == "the data file has no persons.in_queue"
    assert report.exit_code == 3


def test_a_case_that_trips_stops_no_other(unchanged: Remembering) -> None:
    def trips(probe: Probe) -> None:
        raise ZeroDivisionError

    case = rule(ANY, "nowhere")(trips)
    report = run(session(unchanged), (case, *chosen(("requests/utf_16",))), "x")
    assert sorted(one.verdict for one in report.results) == [Verdict.FAILED, Verdict.HELD]
    assert report.exit_code == 1


def test_a_data_file_is_read_as_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    odd = demo_data().model_copy(update={"not_applicable": {"a/b": 'it "is" \\ so'}})
    file.write_text(write_data(odd), "utf-8")
    assert read_data(file) == odd


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = ", "is not TOML"),
        ("[persons]\nlistd = '1'", "persons.listd"),
        ("[persons]\nlisted = 1", "persons.listed"),
    ],
)
def test_a_data_file_with_a_fault_in_it_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "c.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(DataError, match=said):
        read_data(file)


def test_a_new_case_is_one_that_can_be_run(tmp_path: Path) -> None:
    file = new_case("carelisting/get_listing/no_title", "GetListing", tmp_path)
    assert (tmp_path / "carelisting" / "__init__.py").is_file()
    compile(file.read_text("utf-8"), str(file), "exec")
    with pytest.raises(CaseNameError, match="is there already"):
        new_case("carelisting/get_listing/no_title", "GetListing", tmp_path)
    with pytest.raises(CaseNameError, match="small letters"):
        new_case("NoTitle", "GetListing", tmp_path)
    with pytest.raises(CaseNameError, match="there are"):
        new_case("a/b", "GetNothing", tmp_path)


@pytest.mark.parametrize("offered", ["GetCareManagers", "GetListing GetListingCounty", "CreateListing"])
def test_half_a_producer_is_tried_by_its_own_rules(unchanged: Remembering, offered: str) -> None:
    producer = demo_data().producer.model_copy(update={"contracts": tuple(offered.split())})
    data = demo_data().model_copy(update={"producer": producer})
    report = run(session(unchanged, data=data), all_cases(), "x")
    broken = {one.case.id for one in report.of(Verdict.BROKEN, Verdict.BLOCKED, Verdict.FAILED)}
    mandatory = {"carelisting/domain/mandatory_contracts"}
    assert broken == (set() if offered == "GetCareManagers" else mandatory)


def test_with_nothing_to_ask_about_nothing_is_broken(unchanged: Remembering) -> None:
    report = run(session(unchanged, data=CaseData()), all_cases(), "x")
    assert report.of(Verdict.BROKEN, Verdict.BLOCKED, Verdict.FAILED) == []
    assert report.exit_code == 3


LOOKING = [case.id for case in all_cases() if case.last and not case.writes]


@pytest.mark.parametrize("id", LOOKING)
def test_a_rule_about_the_whole_run_looks_around_when_it_is_alone(unchanged: Remembering, id: str) -> None:
    report = run(session(unchanged), chosen((id,)), "x")
    assert [one.verdict for one in report.results] == [Verdict.HELD]
    assert report.seen
