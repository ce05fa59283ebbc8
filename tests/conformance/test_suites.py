"""National suites as they are published, and folders of request files; nothing is passed by mistake."""

import shutil
from pathlib import Path

import pytest
from lxml import etree

from consumer.conformance.request_files import run_folder
from consumer.conformance.results import RunReport, Verdict
from consumer.conformance.seen import Seen
from consumer.conformance.soapui.content import AssertionBrokenError, run_script
from consumer.conformance.soapui.groovy_values import NotInterpretedError
from consumer.conformance.soapui.project import SuiteError, read_project
from consumer.conformance.soapui.running import run_project
from consumer.conformance.soapui.values import NotKnownError, expanded, read_data_xml
from consumer.results import Exchange
from contracts.catalogue import by_name
from tests.asking import response
from tests.conformance.broken import BrokenCarrier, Mutation, asks, edited
from tests.conformance.edits import says
from tests.conformance.in_process import Remembering, session

FOLDER = Path(__file__).parent
PROJECT = FOLDER / "suites" / "GetListing" / "GetListing-soapui-project.xml"
REQUESTS = FOLDER / "requests"


def verdicts(report: RunReport) -> dict[str, str]:
    return {one.case.id.rpartition("/")[2].partition(" ")[0]: one.verdict for one in report.results}


def run_sample(unchanged: Remembering) -> RunReport:
    return run_project(
        session(unchanged), read_project(PROJECT), read_data_xml(PROJECT.with_name("data.xml")), "x"
    )


def test_a_suite_is_run_and_what_is_not_understood_is_not_passed(unchanged: Remembering) -> None:
    report = run_sample(unchanged)
    assert verdicts(report) == {
        "1.1": "held",
        "1.2": "held",
        "3.1": "held",
        "5.3": "held",
        "5.5.1": "held",
        "5.9": "broken",
        "9.1": "not evaluated",
        "9.2": "not applicable",
        "9.3": "not evaluated",
        "9.4": "not evaluated",
        "9.5": "not evaluated",
        "9.6": "not evaluated",
        "9.7": "broken",
        "9.8": "not evaluated",
        "9.9": "not evaluated",
    }
    assert report.exit_code == 1


def test_a_suite_says_what_broke_and_what_was_not_understood(unchanged: Remembering) -> None:
    said = {one.case.id.rpartition("/")[2]: one for one in run_sample(unchanged).results}
    assert said["5.9 Fel antal"].findings == (
        "GetListing, Content: the answer has 1 records and must have 5",
    )
    assert "Property Transfer: a step of type transfer" in said["9.4 Okänt steg"].reason
    assert "${notThere} has no value" in said["9.5 Okänd egenskap"].reason
    assert "an assertion of type XQuery Match" in said["9.6 Okänd kontroll"].reason
    assert "UpdateListing is not sent" in said["9.8 Ändrar data"].reason
    assert said["9.3 Utan kontroll"].reason == "it asserts nothing"


def test_a_suite_finds_a_broken_producer(unchanged: Remembering) -> None:
    wrong = edited(asks("GetListing"), says("listings/isInQueue", "true"))
    broken = BrokenCarrier(unchanged, Mutation("all in queues", frozenset(), wrong))
    report = run_project(
        session(broken), read_project(PROJECT), read_data_xml(PROJECT.with_name("data.xml")), "x"
    )
    assert verdicts(report)["5.3"] == "broken"
    assert verdicts(report)["1.1"] == "broken"  # the regular expression


def test_the_two_fault_assertions_mean_what_they_are_shown_as(unchanged: Remembering, tmp_path: Path) -> None:
    text = PROJECT.read_text("utf-8")
    swapped = text.replace('type="Not SOAP Fault Assertion"', 'type="x"').replace(
        'type="SOAP Fault Assertion"', 'type="Not SOAP Fault Assertion"'
    )
    file = tmp_path / "project.xml"
    file.write_text(swapped.replace('type="x"', 'type="SOAP Fault Assertion"'), "utf-8")
    data = read_data_xml(PROJECT.with_name("data.xml"))
    found = verdicts(run_project(session(unchanged), read_project(file), data, "x"))
    assert found["3.1"] == found["1.1"] == "broken"


def test_values_of_a_case_go_before_those_for_all() -> None:
    data = read_data_xml(PROJECT.with_name("data.xml"))
    assert data.of("1.2 Samordningsnummer")["personId"] == "196812732391"
    assert data.of("1.1 Personnummer")["personId"] == "195709263080"
    assert data.of("5.5 Nothing of 5.5.1")["personId"] == "195709263080"


@pytest.mark.parametrize(
    ("text", "said"),
    [("${a}", "1"), ("${#TestCase#a} ${ a }", "1 1"), ("${b}", "1!"), ("$a {a}", "$a {a}")],
)
def test_properties_are_filled_in(text: str, said: str) -> None:
    assert expanded(text, {"a": "1", "b": "${a}!"}) == said


@pytest.mark.parametrize("text", ["${c}", "${=new Date()}", "${#Global#a}", "${Step#Response}", "${loop}"])
def test_properties_that_are_not_known_are_not_guessed(text: str) -> None:
    with pytest.raises(NotKnownError):
        expanded(text, {"a": "1", "loop": "${loop}"})


def seen() -> Seen:
    """An answer with two records."""
    one = "<listings><c:validFromDate>2024-01-01T00:00:00</c:validFromDate><c:listingType><c:code>{}</c:code>"
    one += "</c:listingType><c:isInQueue>{}</c:isInQueue></listings>"
    content = response("GetListing", one.format("PV", "false") + one.format("BHV", "true"))
    headers = {"Content-Type": "text/xml; charset=utf-8"}
    exchange = Exchange("x", {}, b"", 0.1, 200, headers, etree.tostring(content))
    return Seen(by_name("GetListing"), exchange, content, None, "")


def script(text: str) -> None:
    properties = {"RecordElementPath": "//r:listings", "xmlns:r": by_name("GetListing").namespace}
    run_script(text, seen(), properties, {"queue": "true"})


@pytest.mark.parametrize(
    "text",
    [
        "assertNonEmptyResponse()",
        "assertExactNumberOfRecords(2)",
        "ContentAssertions.assertExactNumberOfRecords('2')",
        "new ContentAssertions(context, messageExchange).assertElementExistsInAnyRecord('isInQueue')",
        "assertSpecificValueInAnyRecord('listingType.code', 'BHV')",
        "assertSpecificValueInAnyRecord('isInQueue', context.expand('${queue}'))",
        "assertValidValuesInAllRecords('isInQueue', ['true', 'false'])",
        "assertForAnyRecord({ it.listingType.code.text() == 'BHV' && it.isInQueue == 'true' })",
        "assertForAllRecords { r -> r.listingType.code != 'x' || r.isInQueue.size() == 1 }",
        "assertForAllRecords { it.validFromDate.text().startsWith('2024') && !(it.title) }",
        "log.info 'hello'\ndef a = 'PV'\nassertSpecificValueInAnyRecord('listingType/code', \"${a}\")",
        "assert 1 < 2\nassertValidEncoding()",
    ],
)
def test_scripts_that_hold(text: str) -> None:
    script(text)


@pytest.mark.parametrize(
    "text",
    [
        "assertExactNumberOfRecords(3)",
        "assertEmptyResponse()",
        "assertElementExistsInAnyRecord('healthcarePersonnel')",
        "assertElementExistsInAllRecords('title')",
        "assertSpecificValueInAllRecords('isInQueue', 'true')",
        "assertSpecificValueInAnyRecord('listingType.code', 'X')",
        "assertValidValuesInAllRecords('listingType/code', ['PV'])",
        "assertForAnyRecord { it.listingType.code == 'X' }",
        "assertForAllRecords { it.isInQueue == 'true' }",
        "assertNonEmptyResponse()\nassert 2 < 1",
    ],
)
def test_scripts_that_do_not_hold(text: str) -> None:
    with pytest.raises(AssertionBrokenError):
        script(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "// nothing",
        "def x = 1",
        "assertSomethingElse()",
        "if (true) { assertNonEmptyResponse() }",
        "assertForAnyRecord { it.children().any { c -> c.text() == 'PV' } }",
        "assertForAllRecords { def a = it.isInQueue; a == 'true' }",
        "assertNonEmptyResponse(messageExchange)",
        "assertExactNumberOfRecords(2) ? 1 : 2",
        "assertForAnyRecord('x')",
        "assertSpecificValueInAnyRecord('listings[', 'x')",
        "System.exit(1); assertNonEmptyResponse()",
        "assertSpecificValueInAnyRecord('listingType/code', \"${unknown}\")",
        "assertForAnyRecord { it.isInQueue == 'true'",
        "while (true) assertNonEmptyResponse()",
    ],
)
def test_scripts_that_are_not_understood_prove_nothing(text: str) -> None:
    with pytest.raises(NotInterpretedError):
        script(text)


def test_records_without_their_path_are_not_guessed() -> None:
    with pytest.raises(NotInterpretedError, match="RecordElementPath"):
        run_script("assertNonEmptyResponse()", seen(), {}, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [("<a/>", "is no SoapUI project"), ("<a", "not well-formed"), ("<!DOCTYPE a><a/>", "DOCTYPE")],
)
def test_what_is_no_project_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "p.xml"
    file.write_text(text, "utf-8")
    with pytest.raises(SuiteError, match=said):
        read_project(file)
    with pytest.raises(SuiteError):
        read_data_xml(file)
    with pytest.raises(SuiteError, match="cannot be read"):
        read_project(tmp_path / "none.xml")


def test_request_files_are_sent_and_compared(unchanged: Remembering) -> None:
    report = run_folder(session(unchanged), REQUESTS, "x")
    assert {one.case.title: one.verdict for one in report.results} == {
        "GetListing.cut-off": Verdict.HELD,
        "listed": Verdict.HELD,
        "plain": Verdict.HELD,
    }
    assert report.exit_code == 0


def test_request_files_say_what_is_otherwise(unchanged: Remembering, tmp_path: Path) -> None:
    shutil.copy(REQUESTS / "listed.xml", tmp_path / "listed.xml")
    (tmp_path / "listed.toml").write_text(
        'code = "INFO"\nstatus = 201\ncontains = ["nowhere"]\nlacks = ["OK"]\n'
        '[xpath]\nresultCode = "X"\n[count]\nlistings = 9\n',
        "utf-8",
    )
    (tmp_path / "UpdateListing.xml").write_text("<x/>", "utf-8")
    (tmp_path / "what.xml").write_text("<x/>", "utf-8")
    results = {one.case.title: one for one in run_folder(session(unchanged), tmp_path, "x").results}
    assert len(results["listed"].findings) == 6
    assert "INFO is expected" in results["listed"].findings[1]
    assert results["UpdateListing"].verdict is Verdict.NOT_TESTED
    assert results["what"].verdict is Verdict.NOT_EVALUATED


def test_a_folder_or_expectation_that_cannot_be_read_is_refused(
    unchanged: Remembering, tmp_path: Path
) -> None:
    with pytest.raises(SuiteError, match="no request file"):
        run_folder(session(unchanged), tmp_path, "x")
    (tmp_path / "a.xml").write_text("<x/>", "utf-8")
    (tmp_path / "a.toml").write_text("cod = 'OK'", "utf-8")
    with pytest.raises(SuiteError, match="cod"):
        run_folder(session(unchanged), tmp_path, "x")


@pytest.mark.parametrize(
    ("script", "verdict"), [("context.x = 1", "not evaluated"), ("// data.xml is read", "held")]
)
def test_a_script_before_a_case_is_understood_or_the_case_is_not_evaluated(
    unchanged: Remembering, tmp_path: Path, script: str, verdict: str
) -> None:
    text = PROJECT.read_text("utf-8")
    case = '<con:testCase name="1.1 Personnummer" failOnError="true">'
    assert case in text
    file = tmp_path / "project.xml"
    file.write_text(text.replace(case, f"{case}<con:setupScript>{script}</con:setupScript>"), "utf-8")
    data = read_data_xml(PROJECT.with_name("data.xml"))
    assert verdicts(run_project(session(unchanged), read_project(file), data, "x"))["1.1"] == verdict


def test_values_may_be_named_by_an_attribute(tmp_path: Path) -> None:
    file = tmp_path / "data.xml"
    file.write_text(
        "<suite><globalData><property name='a'>1</property></globalData>"
        "<testCase name='1.1 X'><param key='a' value='2'/></testCase></suite>",
        "utf-8",
    )
    data = read_data_xml(file)
    assert data.of("1.1 X") == {"a": "2"}
    assert data.of("2 Y") == {"a": "1"}


@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
def test_a_file_that_hides_what_it_changes_is_not_sent(
    unchanged: Remembering, tmp_path: Path, coding: str
) -> None:
    """Cut off, and named after another contract; a producer might still carry it out."""
    hidden = f'<CreateListing xmlns="{by_name("CreateListing").namespace}">'
    (tmp_path / "GetListing.hidden.xml").write_bytes(hidden.encode(coding))
    (result,) = run_folder(session(unchanged), tmp_path, "x").results
    assert result.verdict is Verdict.NOT_TESTED
