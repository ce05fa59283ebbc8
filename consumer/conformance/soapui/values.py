"""The values of a suite: its data.xml, and what ``${property}`` stands for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from consumer.conformance.soapui.project import SuiteError, read_xml

_PROPERTY = re.compile(
    r"\$\{\s*(?:#(Project|TestSuite|TestCase|MockService|Global|System|Env)#)?([^{}#]+?)\s*\}"
)
_NAMED = ("property", "param", "parameter", "variable", "value")
_LEADING_NUMBER = re.compile(r"\d+(?:\.\d+)*")


class NotKnownError(ValueError):
    """A property that nothing gives a value, or that speaks of what the tester does not keep."""


@dataclass(frozen=True)
class SuiteData:
    """What a data.xml holds.

    Attributes:
        everywhere: Values for all cases.
        cases: Values of each case, by its id and by its name.
    """

    everywhere: Mapping[str, str] = field(default_factory=dict)
    cases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, case: str) -> dict[str, str]:
        """Return the values of a case: found by its whole name, or by the number it begins with."""
        number = _LEADING_NUMBER.match(case)
        own = self.cases.get(case) or (self.cases.get(number[0]) if number else None)
        return {**self.everywhere, **(own or {})}


def read_data_xml(file: Path) -> SuiteData:
    """Read a data.xml: values under an element whose name begins with *global*, and elements *testcase*.

    Raises:
        SuiteError: It cannot be read, or holds neither.
    """
    root = read_xml(file)
    everywhere: dict[str, str] = {}
    cases: dict[str, dict[str, str]] = {}
    for one in root.iter(etree.Element):
        name = etree.QName(one).localname.lower()
        if name.startswith("global"):
            everywhere |= dict(_leaves(one))
        elif name == "testcase":
            values = dict(_leaves(one))
            keys = {one.get("id"), one.get("name"), values.get("id"), values.get("name")}
            cases |= {key.strip(): values for key in keys if key}
    if not everywhere and not cases:
        raise SuiteError(f"{file} holds no values: neither globaldata nor testcase is in it")
    return SuiteData(everywhere, cases)


def expanded(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its ``${property}`` filled in, those within values too.

    Raises:
        NotKnownError: One of them has no value.
    """
    for _ in range(5):
        if "${" not in text:
            return text
        text = _PROPERTY.sub(lambda found: _value(found, values), text)
    raise NotKnownError("a property whose value is itself, or a script in ${=...}")


def _value(found: re.Match[str], values: Mapping[str, str]) -> str:
    scope, name = found[1], found[2]
    if scope in ("MockService", "Global", "System", "Env") or name.startswith("="):
        raise NotKnownError(f"the property {found[0]}, which belongs to SoapUI itself")
    if name not in values:
        raise NotKnownError(f"the property {found[0]} has no value in data.xml or the project")
    return values[name]


def _leaves(element: etree._Element) -> Iterator[tuple[str, str]]:
    for one in element.iter(etree.Element):
        if one is element or len(one):
            continue
        name = etree.QName(one).localname
        if name.lower() in _NAMED:  # <property name="personId">...</property>
            name = one.get("name") or one.get("key") or name
        yield name, (one.text or one.get("value") or "").strip()
