"""Runs a folder of plain request files: each is sent as it is, and what is expected stands beside it.

``NAME.xml`` is the request, ``NAME.toml`` what to expect; without it an answer that is done and valid.
"""

import time
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from consumer.conformance.results import CaseResult, RunReport, Verdict
from consumer.conformance.runner import Progress
from consumer.conformance.seen import Seen, read_seen
from consumer.conformance.session import Session, may_change
from consumer.conformance.soapui.project import SuiteError
from consumer.conformance.soapui.running import as_rule, contract_of
from consumer.conformance.writing import headers_of
from contracts.clock import swedish_now
from contracts.field_errors import in_words
from contracts.fields import Section


class Expectation(Section):
    """What is expected of an answer.

    Attributes:
        fault: Whether it is a SOAP Fault.
        code: Its resultCode; empty: any that is done.
        status: Its HTTP status; 0: any.
        valid: Whether it follows its schema.
        contains: Texts that it holds.
        lacks: Texts that it does not hold.
        xpath: Paths of local names such as ``listings/isInQueue``, and the text of the first element there.
        count: Such paths, and how many elements are there.
    """

    fault: bool = False
    code: str = ""
    status: int = 0
    valid: bool = True
    contains: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    xpath: dict[str, str] = Field({})
    count: dict[str, int] = Field({})


def run_folder(
    session: Session, folder: Path, address: str, *, progress: Progress = lambda result: None
) -> RunReport:
    """Send every request file of a folder and return what came of it.

    Raises:
        SuiteError: There is no request file, or an expectation cannot be read.
    """
    files = sorted(folder.glob("*.xml"))
    if not files:
        raise SuiteError(f"{folder} holds no request file; expected for example {folder / 'listing.xml'}")
    plans = [(file, _expectation(file.with_suffix(".toml"))) for file in files]
    began, started = swedish_now(), time.monotonic()
    results = []
    for file, expected in plans:
        result = _run_file(session, file, expected)
        results.append(result)
        progress(result)
    seconds = time.monotonic() - started
    return RunReport(
        address,
        folder.name,
        began,
        seconds,
        version("fastkontakt"),
        session.write,
        tuple(results),
        tuple(session.seen),
    )


def _run_file(session: Session, file: Path, expected: Expectation) -> CaseResult:
    rule = as_rule(f"{file.parent.name}/{file.stem}", file.stem, str(file))
    body = file.read_bytes()
    contract = contract_of(body, file.stem.partition(".")[0])
    if contract is None:
        reason = "it is no request of a known contract; name the file after one, as GetListing.broken.xml"
        return CaseResult(rule, Verdict.NOT_EVALUATED, (), reason)
    if may_change(contract, body) and not session.write:
        return CaseResult(
            rule, Verdict.NOT_TESTED, (), "it may change the producer's data; allow that with --write"
        )
    seen = read_seen(contract, session.carrier.send(contract, body, headers_of(contract)))
    session.seen.append(seen)
    findings = _findings(session, seen, expected)
    verdict = Verdict.BROKEN if findings else Verdict.HELD
    return CaseResult(rule, verdict, tuple(findings), "", (len(session.seen) - 1,))


def _findings(session: Session, seen: Seen, expected: Expectation) -> list[str]:
    found = []
    text = seen.exchange.response.decode("utf-8", "replace")
    if expected.status and seen.exchange.status != expected.status:
        found.append(f"HTTP {seen.exchange.status} came; {expected.status} is expected.")
    if expected.fault:
        found += [] if seen.fault is not None else [f"{seen.what} came; a SOAP Fault is expected."]
    elif expected.code:
        found += [] if seen.code == expected.code else [f"{seen.what} came; {expected.code} is expected."]
    elif not seen.done:
        found.append(f"{seen.what} came; an answer that is done is expected.")
    if expected.valid and seen.answered and seen.contract is not None and seen.content is not None:
        problems = (
            []
            if session.schemas.valid(seen.contract, seen.content)
            else session.schemas.problems(seen.contract, seen.content)
        )
        found += [f"The answer does not follow its schema: {one}" for one in problems[:3]]
    found += [f"The answer does not hold {one!r}." for one in expected.contains if one not in text]
    found += [f"The answer holds {one!r}." for one in expected.lacks if one in text]
    for path, wanted in expected.xpath.items():
        if seen.text(path) != wanted:
            found.append(f"{path} is {seen.text(path) or 'missing'}; {wanted} is expected.")
    for path, number in expected.count.items():
        if len(seen.all(path)) != number:
            found.append(f"There are {len(seen.all(path))} of {path}; {number} are expected.")
    return found


def _expectation(file: Path) -> Expectation:
    if not file.is_file():
        return Expectation()
    try:
        values: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
        return Expectation.model_validate(values)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SuiteError(f"{file} cannot be read: {error}") from None
    except ValidationError as error:
        one = error.errors()[0]
        raise SuiteError(f"{file}: {'.'.join(map(str, one['loc']))}: {in_words(one)}") from None
