"""Reads a SoapUI project: suites, cases, steps, requests and assertions."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from consumer.xml import XmlError, parse

_CONFIG = "{http://eviware.com/soapui/config}"
_HEADERS = "request-headers"


class SuiteError(ValueError):
    """A project, or its data, that cannot be read; the text says why."""


@dataclass(frozen=True)
class SoapUiAssertion:
    """An assertion on an answer.

    Attributes:
        type: SoapUI's name of its type.
        name: Its own name.
        disabled: Whether it is turned off.
        settings: Texts of its configuration by element name.
    """

    type: str
    name: str
    disabled: bool
    settings: Mapping[str, str]


@dataclass(frozen=True)
class SoapUiStep:
    """A step of a case.

    Attributes:
        type: ``request``, ``groovy`` and so on.
        name: Its name.
        disabled: Whether it is turned off.
        script: The script of a Groovy step.
        request: The request of a request step, before its properties are filled in.
        operation: Name of the operation that is called.
        headers: HTTP headers of the request, before their properties are filled in.
        properties: What a properties step sets.
        assertions: What is asserted of the answer.
    """

    type: str
    name: str
    disabled: bool
    script: str
    request: str
    operation: str
    headers: Mapping[str, str]
    properties: Mapping[str, str]
    assertions: tuple[SoapUiAssertion, ...]


@dataclass(frozen=True)
class SoapUiCase:
    """A case of a suite.

    Attributes:
        suite: Name of its suite.
        name: Its name.
        disabled: Whether it, or its suite, is turned off.
        properties: Its properties, and those of its suite.
        scripts: What project, suite and case do before it, in Groovy.
        steps: Its steps.
    """

    suite: str
    name: str
    disabled: bool
    properties: Mapping[str, str]
    scripts: tuple[str, ...]
    steps: tuple[SoapUiStep, ...]


@dataclass(frozen=True)
class SoapUiProject:
    """A project.

    Attributes:
        name: Its name.
        properties: Its properties; ``RecordElementPath`` and ``xmlns:*`` tell of records.
        cases: The cases of all suites, in order.
    """

    name: str
    properties: Mapping[str, str]
    cases: tuple[SoapUiCase, ...]


def read_project(file: Path) -> SoapUiProject:
    """Read a project.

    Raises:
        SuiteError: It cannot be read, or is none.
    """
    root = read_xml(file)
    if root.tag != f"{_CONFIG}soapui-project":
        raise SuiteError(f"{file} is no SoapUI project: its root is {etree.QName(root).localname}")
    cases = tuple(
        _case(root, suite, case)
        for suite in _children(root, "testSuite")
        for case in _children(suite, "testCase")
    )
    return SoapUiProject(root.get("name", file.stem), _properties(root), cases)


def read_xml(file: Path) -> etree._Element:
    """Read an XML file.

    Raises:
        SuiteError: It cannot be read.
    """
    try:
        return parse(file.read_bytes())
    except OSError as error:
        raise SuiteError(f"{file} cannot be read: {error.strerror}") from None
    except XmlError as error:
        raise SuiteError(f"{file} {error}") from None


def _case(root: etree._Element, suite: etree._Element, case: etree._Element) -> SoapUiCase:
    off = _off(suite) or _off(case)
    properties = {**_properties(suite), **_properties(case)}
    steps = tuple(map(_step, _children(case, "testStep")))
    holders = (
        (root, "afterLoadScript"),
        (root, "beforeRunScript"),
        (suite, "setupScript"),
        (case, "setupScript"),
    )
    scripts = tuple(text for holder, name in holders if (text := _text(holder, name).strip()))
    return SoapUiCase(suite.get("name", ""), case.get("name", ""), off, properties, scripts, steps)


def _step(step: etree._Element) -> SoapUiStep:
    config = step.find(f"{_CONFIG}config")
    config = etree.Element("none") if config is None else config
    request = config.find(f"{_CONFIG}request")
    inner = etree.Element("none") if request is None else request
    return SoapUiStep(
        type=step.get("type", ""),
        name=step.get("name", ""),
        disabled=_off(step),
        script=_text(config, "script"),
        request=_text(inner, "request"),
        operation=_text(config, "operation"),
        headers=_http_headers(inner),
        properties=_properties(config),
        assertions=tuple(map(_assertion, _children(inner, "assertion"))),
    )


def _assertion(one: etree._Element) -> SoapUiAssertion:
    settings = {
        etree.QName(part).localname: part.text or ""
        for configuration in one.iterfind("{*}configuration")
        for part in configuration.iter(etree.Element)
        if part is not configuration
    }
    return SoapUiAssertion(one.get("type", ""), one.get("name") or one.get("type", ""), _off(one), settings)


def _http_headers(request: etree._Element) -> dict[str, str]:
    """Return the headers, which a setting holds as XML in a text."""
    found: dict[str, str] = {}
    for setting in request.iterfind(f"{_CONFIG}settings/{_CONFIG}setting"):
        if not setting.get("id", "").endswith(_HEADERS) or not (setting.text or "").strip():
            continue
        try:
            entries = parse(f"<x xmlns:con='{_CONFIG[1:-1]}'>{setting.text}</x>".encode())
        except XmlError:
            continue
        found |= {one.get("key", ""): one.get("value", "") for one in entries.iter("{*}entry")}
    return found


def _properties(element: etree._Element) -> dict[str, str]:
    holder = element.find(f"{_CONFIG}properties")
    if holder is None:
        return {}
    return {_text(one, "name"): _text(one, "value") for one in _children(holder, "property")}


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return list(element.iterfind(f"{_CONFIG}{name}"))


def _text(element: etree._Element, name: str) -> str:
    """Return the text of a child, in SoapUI's namespace or in none."""
    return element.findtext(f"{_CONFIG}{name}") or element.findtext(name) or ""


def _off(element: etree._Element) -> bool:
    return bool(element.get("disabled") == "true")
