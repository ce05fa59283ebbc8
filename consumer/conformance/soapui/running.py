"""Runs a SoapUI project against a producer, and reports it as a run of the tester's own rules is reported."""

import re
import time
from collections.abc import Mapping
from datetime import date
from importlib.metadata import version

from consumer.conformance.case import Force, RuleCase
from consumer.conformance.results import CaseResult, RunReport, Verdict
from consumer.conformance.runner import Progress
from consumer.conformance.seen import Seen, read_seen
from consumer.conformance.session import Session, may_change
from consumer.conformance.soapui.assertions import check
from consumer.conformance.soapui.content import AssertionBrokenError
from consumer.conformance.soapui.groovy_values import NotInterpretedError
from consumer.conformance.soapui.project import SoapUiCase, SoapUiProject, SoapUiStep
from consumer.conformance.soapui.values import NotKnownError, SuiteData, expanded
from consumer.conformance.writing import headers_of
from consumer.envelope import body_content
from consumer.xml import XmlError, parse
from contracts.catalogue import Contract, by_element, by_name
from contracts.clock import swedish_now

_READS_DATA = re.compile(r"data\.xml|testdata|TestData|dataFile", re.IGNORECASE)
_UNKNOWN_STEP = ": a step of type"
_HARMLESS = ("delay", "manualTestStep")


def run_project(
    session: Session,
    project: SoapUiProject,
    data: SuiteData,
    address: str,
    *,
    progress: Progress = lambda result: None,
) -> RunReport:
    """Run every case of a project and return what came of it.

    Args:
        session: The producer; calls go to its address, whatever the project says.
        project: The project.
        data: Its values.
        address: The producer's address, for the report.
        progress: Told of each case as it is done.
    """
    began, started = swedish_now(), time.monotonic()
    results = []
    for case in project.cases:
        result = _run_case(session, project, data, case)
        results.append(result)
        progress(result)
    return RunReport(
        address,
        project.name,
        began,
        time.monotonic() - started,
        version("fastkontakt"),
        session.write,
        tuple(results),
        tuple(session.seen),
    )


def _run_case(session: Session, project: SoapUiProject, data: SuiteData, case: SoapUiCase) -> CaseResult:
    rule = as_rule(f"{case.suite}/{case.name}", case.name, f"SoapUI project {project.name}")
    if case.disabled:
        return CaseResult(rule, Verdict.NOT_APPLICABLE, reason="it is turned off in the project")
    values = {**project.properties, **data.everywhere, **case.properties, **data.of(case.name)}
    findings: list[str] = []
    puzzles = [f"setup{_UNKNOWN_STEP} script" for one in case.scripts if not _READS_DATA.search(one)]
    steps: list[int] = []
    asserted = 0
    for step in case.steps:
        if step.disabled or step.type in _HARMLESS:
            continue
        if step.type == "properties":
            values |= step.properties
        elif step.type == "request":
            try:
                seen = _send(session, step, values)
            except (NotInterpretedError, NotKnownError) as error:
                puzzles.append(f"{step.name}: {error}")
                continue
            steps.append(len(session.seen) - 1)
            asserted += _assert(session, step, seen, project.properties, values, findings, puzzles)
        elif step.type != "groovy" or not _READS_DATA.search(step.script):
            puzzles.append(f"{step.name}{_UNKNOWN_STEP} {step.type}")
    if puzzles and not _certain(puzzles, findings):
        return CaseResult(rule, Verdict.NOT_EVALUATED, (), "; ".join((*puzzles, *findings)), tuple(steps))
    if findings:
        return CaseResult(rule, Verdict.BROKEN, tuple(findings), "; ".join(puzzles), tuple(steps))
    if not asserted:
        return CaseResult(rule, Verdict.NOT_EVALUATED, (), "it asserts nothing", tuple(steps))
    return CaseResult(rule, Verdict.HELD, (), "", tuple(steps))


def _certain(puzzles: list[str], findings: list[str]) -> bool:
    """Tell whether a broken assertion stands although something else was not understood.

    An assertion is by itself; a step that was not understood may have changed what came after it.
    """
    return bool(findings) and not any(_UNKNOWN_STEP in one for one in puzzles)


def _assert(
    session: Session,
    step: SoapUiStep,
    seen: Seen,
    properties: Mapping[str, str],
    values: Mapping[str, str],
    findings: list[str],
    puzzles: list[str],
) -> int:
    """Check the assertions of a step, and return how many were understood."""
    understood = 0
    for one in step.assertions:
        if one.disabled:
            continue
        try:
            check(one, seen, session.schemas, properties, values)
        except AssertionBrokenError as error:
            findings.append(f"{step.name}, {one.name}: {error}")
        except NotInterpretedError as error:
            puzzles.append(f"{step.name}, {one.name}: {error} is not interpreted")
            continue
        except NotKnownError as error:
            puzzles.append(f"{step.name}, {one.name}: {error}")
            continue
        except (ValueError, TypeError, ArithmeticError) as error:
            puzzles.append(f"{step.name}, {one.name}: it cannot be interpreted ({error})")
            continue
        understood += 1
    return understood


def _send(session: Session, step: SoapUiStep, values: Mapping[str, str]) -> Seen:
    body = expanded(step.request, values).encode("utf-8")
    contract = contract_of(body, step.operation)
    if contract is None:
        raise NotInterpretedError(f"a call of {step.operation or 'an operation'}, which is not known")
    if may_change(contract, body) and not session.write:
        raise NotInterpretedError(
            f"{contract.name} is not sent, as it may change data; allow that with --write"
        )
    headers = headers_of(contract) | {name: expanded(text, values) for name, text in step.headers.items()}
    seen = read_seen(contract, session.carrier.send(contract, body, headers))
    session.seen.append(seen)
    return seen


def contract_of(body: bytes, operation: str = "") -> Contract | None:
    """Return the contract of a request by its element, or where there is none by the operation's name."""
    try:
        return by_element(body_content(parse(body)).tag)
    except XmlError:
        try:
            return by_name(operation)
        except LookupError:
            return None


def as_rule(id: str, title: str, source: str) -> RuleCase:
    """Return a case of others as the reports show one."""
    return RuleCase(
        id, title, "", "any", Force.MUST, source, (), date.min, (), False, False, lambda probe: None
    )
