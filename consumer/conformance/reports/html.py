"""A report as one HTML page that needs nothing else: verdicts, messages, coverage, self-declaration.

It is built as a tree and never as text, so what a producer sends is shown and never becomes part of the page.
"""

import re
from collections.abc import Iterable
from importlib.resources import files

from lxml import etree
from lxml.builder import E as ELEMENTS

from consumer.conformance.case import Force
from consumer.conformance.coverage import sheet
from consumer.conformance.declaration import declaration
from consumer.conformance.results import CaseResult, RunReport, Verdict
from consumer.xml import XmlError, parse

LONGEST_MESSAGE = 20_000
"""Characters of a message that are shown; the JSON report has it whole."""

_CONTROLS = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WORST_FIRST = (
    Verdict.BROKEN,
    Verdict.FAILED,
    Verdict.BLOCKED,
    Verdict.NOT_EVALUATED,
    Verdict.NOT_TESTED,
    Verdict.NOT_APPLICABLE,
    Verdict.HELD,
)


def to_html(report: RunReport) -> bytes:
    """Return a report as one HTML page."""
    title = f"Conformance of {report.name or report.address}"
    page = _element(
        "html",
        _element(
            "head",
            _element("meta", charset="utf-8"),
            _element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            _element("title", title),
            _element("style", files("consumer.conformance.reports").joinpath("page.css").read_text("utf-8")),
        ),
        _element(
            "body",
            _element("header", _element("h1", title), *_summary(report)),
            _element(
                "main",
                *_findings(report),
                *_all_cases(report),
                *(_coverage(report) if report.of_the_rules else ()),
                *(_declaration(report) if report.of_the_rules else ()),
                *_messages(report),
            ),
        ),
        lang="en",
    )
    written: bytes = etree.tostring(page, method="html", encoding="UTF-8", doctype="<!DOCTYPE html>")
    return written


def _summary(report: RunReport) -> Iterable[etree._Element]:
    said = {
        0: "Every mandatory rule that applies holds.",
        1: "A mandatory rule does not hold.",
        3: "No mandatory rule is broken, and some are not tested.",
    }
    untried = sum(one.case.writes for one in report.of(Verdict.NOT_TESTED))
    if untried and not report.write:
        said[0] += f" {untried} rules about changing data were not tried."
    yield _element(
        "p", said[report.exit_code], **{"class": "verdict" if report.exit_code == 0 else "verdict bad"}
    )
    wrote = "could change data" if report.write else "changed nothing"
    yield _element(
        "p",
        f"{report.address}, {report.began:%Y-%m-%d %H:%M}, {report.seconds:.0f} s, {len(report.seen)} calls; "
        f"the tester {wrote}. fastkontakt {report.version}.",
    )
    counts = [
        (verdict, force, sum(one.verdict is verdict and one.case.force is force for one in report.results))
        for verdict in _WORST_FIRST
        for force in Force
    ]
    rows = [
        _element(
            "tr",
            _element("th", verdict, scope="row"),
            *(_element("td", str(number)) for one, _, number in counts if one is verdict),
        )
        for verdict in _WORST_FIRST
    ]
    heads = _element("tr", _element("th", "rules"), *(_element("th", one, scope="col") for one in Force))
    yield _element("table", _element("thead", heads), _element("tbody", *rows))
    links = [("findings", "Findings"), ("cases", "All rules")]
    if report.of_the_rules:
        links += [("coverage", "Coverage sheet"), ("declaration", "Self-declaration")]
    links.append(("calls", "Messages"))
    yield _element("nav", *(_element("a", text, href=f"#{id}") for id, text in links))


def _findings(report: RunReport) -> Iterable[etree._Element]:
    yield _element("h2", "Findings", id="findings")
    some = report.of(Verdict.BROKEN, Verdict.FAILED, Verdict.BLOCKED)
    if not some:
        yield _element("p", "None.")
    for one in sorted(
        some, key=lambda one: (_WORST_FIRST.index(one.verdict), list(Force).index(one.case.force))
    ):
        yield _case(one, open=True)


def _all_cases(report: RunReport) -> Iterable[etree._Element]:
    yield _element("h2", "All rules", id="cases")
    group = ""
    for one in report.results:
        if one.case.group != group:
            group = one.case.group
            yield _element("h3", group.replace("/", " / ").replace("_", " "))
        yield _case(one)


def _case(one: CaseResult, *, open: bool = False) -> etree._Element:
    kind = one.verdict.replace(" ", "-") if one.mandatory or one.verdict is not Verdict.BROKEN else "advice"
    parts = [
        _element(
            "summary",
            _element("span", f"{one.word} ({one.case.force})", **{"class": f"tag {kind}"}),
            f" {one.case.title}",
        ),
        *([_element("p", one.case.why)] if one.case.why else []),
        *(_element("p", text, **{"class": "finding"}) for text in one.findings),
        *([_element("p", one.reason)] if one.reason else []),
        _element(
            "p",
            f"{one.case.id}. {one.case.source}. In force from {one.case.in_force}. "
            f"Rows: {', '.join(one.case.rows) or 'none'}.",
            **{"class": "source"},
        ),
    ]
    if one.steps:
        calls = [_element("a", f"call {step + 1}", href=f"#call-{step + 1}") for step in one.steps[:40]]
        parts.append(_element("p", "Sent and came: ", *calls, **{"class": "source"}))
    attributes = {"open": "open"} if open else {"id": f"case-{one.case.id}"}
    return _element("details", *parts, **attributes)


def _coverage(report: RunReport) -> Iterable[etree._Element]:
    yield _element("h2", "Coverage sheet", id="coverage")
    yield _element("p", "What the contracts and source documents demand, and the rules that prove it.")
    rows = [
        _element(
            "tr",
            _element("td", one.row.id),
            _element("td", one.row.force),
            _element("td", one.row.says, _element("br"), _element("small", one.row.source)),
            _element(
                "td",
                *(_element("a", two.case.id, href=f"#case-{two.case.id}") for two in one.results),
                _element("div", one.state),
            ),
        )
        for one in sheet(report)
    ]
    yield _table(("row", "force", "demands", "rules, and what came of them"), rows)


def _declaration(report: RunReport) -> Iterable[etree._Element]:
    yield _element("h2", "Self-declaration", id="declaration")
    yield _element("p", "The questions of the self-declaration (SjD), answered as far as the run can know.")
    rows = [
        _element(
            "tr",
            *(
                _element("td", text)
                for text in (one.contract, one.number, one.question, one.answer, one.remark)
            ),
        )
        for one in declaration(report)
    ]
    yield _table(("contract", "no", "question", "answer", "remark"), rows)


def _messages(report: RunReport) -> Iterable[etree._Element]:
    yield _element("h2", "Messages", id="calls")
    for number, seen in enumerate(report.seen, 1):
        name = seen.contract.name if seen.contract else "no contract"
        exchange = seen.exchange
        yield _element(
            "details",
            _element(
                "summary", f"call {number}: {name}, HTTP {exchange.status}, {exchange.seconds * 1000:.0f} ms"
            ),
            _element("p", exchange.address),
            _element("pre", _headers(exchange.request_headers)),
            _element("pre", _readable(exchange.request)),
            _element("pre", _headers(exchange.response_headers)),
            _element("pre", _readable(exchange.response) or seen.trouble),
            id=f"call-{number}",
        )


def _headers(headers: object) -> str:
    return "\n".join(f"{name}: {value}" for name, value in dict(headers).items())  # type: ignore[call-overload]


def _readable(message: bytes) -> str:
    """Return a message set out for reading, or as it came when it is no XML."""
    try:
        root = parse(message)
        etree.indent(root)
        text = etree.tostring(root, encoding="unicode")
    except XmlError:
        text = message.decode("utf-8", "backslashreplace")
    return (
        text
        if len(text) <= LONGEST_MESSAGE
        else f"{text[:LONGEST_MESSAGE]}\n... (the JSON report has it whole)"
    )


def _table(heads: Iterable[str], rows: Iterable[etree._Element]) -> etree._Element:
    head = _element("tr", *(_element("th", text, scope="col") for text in heads))
    return _element("table", _element("thead", head), _element("tbody", *rows))


def _element(tag: str, *parts: etree._Element | str, **attributes: str) -> etree._Element:
    """Return an element; texts lose the characters that no document can hold."""
    clean = [_CONTROLS.sub("?", part) if isinstance(part, str) else part for part in parts]
    return ELEMENTS(tag, *clean, **attributes)
