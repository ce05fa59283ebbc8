"""A report as JUnit XML: a build server shows each rule as a test.

A broken must is a failure; a broken should or may is a remark in the test's output, as it stops nobody.
"""

import re

from lxml import etree

from consumer.conformance.results import CaseResult, RunReport, Verdict

_CONTROLS = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(report: RunReport) -> bytes:
    """Return a report as JUnit XML."""
    root = etree.Element("testsuites", name="fastkontakt conformance")
    groups: dict[str, etree._Element] = {}
    for one in report.results:
        if one.case.group not in groups:
            stamp = report.began.isoformat(timespec="seconds")
            groups[one.case.group] = etree.SubElement(root, "testsuite", name=one.case.group, timestamp=stamp)
        _test(groups[one.case.group], one)
    for suite in (root, *groups.values()):
        for name, tag in (
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped",) * 2,
        ):
            suite.set(name, str(sum(1 for _ in suite.iter(tag))))
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _test(suite: etree._Element, one: CaseResult) -> None:
    name = one.case.id.rpartition("/")[2]
    test = etree.SubElement(
        suite, "testcase", classname=one.case.group.replace("/", "."), name=name, time="0"
    )
    said = "\n".join(one.findings) or one.reason
    match one.verdict:
        case Verdict.BROKEN if one.mandatory:
            _add(test, "failure", said, f"{one.case.title} ({one.case.source})")
        case Verdict.BROKEN:
            _add(test, "system-out", f"{one.word} ({one.case.force}): {said}")
        case Verdict.BLOCKED | Verdict.FAILED:
            _add(test, "error", said, one.verdict)
        case Verdict.NOT_TESTED | Verdict.NOT_EVALUATED | Verdict.NOT_APPLICABLE:
            _add(test, "skipped", "", said)


def _add(test: etree._Element, tag: str, text: str, message: str = "") -> None:
    element = etree.SubElement(test, tag)
    element.text = _CONTROLS.sub("?", text)
    if message:
        element.set("message", _CONTROLS.sub("?", message))
