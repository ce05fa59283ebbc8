"""What the suites' ContentAssertions assert of an answer, record by record.

Records are the nodes at the project property ``RecordElementPath``; prefixes are its ``xmlns:*`` properties.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

from consumer.conformance.seen import Seen, charset
from consumer.conformance.soapui.groovy import (
    Closure,
    Expression,
    Token,
    tokens,
)
from consumer.conformance.soapui.groovy_values import Elements, NotInterpretedError, truth
from consumer.conformance.soapui.values import expanded

_STEP = re.compile(r"[\w:*@.-]+")


class AssertionBrokenError(Exception):
    """An assertion that does not hold; the text says what came."""


class ContentAssertions:
    """Asserts of one answer.

    Args:
        seen: The answer.
        properties: The project's properties.
    """

    def __init__(self, seen: Seen, properties: Mapping[str, str]) -> None:
        self._seen = seen
        self._prefixes = {
            name.partition(":")[2]: uri for name, uri in properties.items() if name.startswith("xmlns:")
        }
        self._path = properties.get("RecordElementPath", "")

    def calls(self) -> dict[str, Callable[..., None]]:
        """Return what a script may call, by name."""
        return {name: getattr(self, f"_{name}") for name in _CALLS}

    def records(self) -> list[etree._Element]:
        """Return the records of the answer.

        Raises:
            NotInterpretedError: The project does not say what a record is.
        """
        if not self._path:
            raise NotInterpretedError("records, without the project property RecordElementPath")
        if self._seen.content is None:
            return []
        return self._nodes(self._seen.content.getroottree().getroot(), self._path)

    def _nodes(self, element: etree._Element, path: str) -> list[Any]:
        try:
            came = element.xpath(_xpath(path), namespaces=self._prefixes or None)
        except etree.XPathError as error:
            raise NotInterpretedError(f"the path {path} ({error})") from None
        return came if isinstance(came, list) else [came]

    def _values(self, record: etree._Element, path: str) -> list[str]:
        nodes = self._nodes(record, path)
        return [
            "".join(one.itertext()).strip() if isinstance(one, etree._Element) else str(one) for one in nodes
        ]

    def _some(self) -> list[etree._Element]:
        some = self.records()
        if not some:
            raise AssertionBrokenError("the answer has no records")
        return some

    def _assertNonEmptyResponse(self) -> None:  # noqa: N802 - named as in the suites
        self._some()

    def _assertEmptyResponse(self) -> None:  # noqa: N802
        self._assertExactNumberOfRecords(0)

    def _assertExactNumberOfRecords(self, number: object) -> None:  # noqa: N802
        came = len(self.records())
        if came != int(str(number)):
            raise AssertionBrokenError(f"the answer has {came} records and must have {number}")

    def _assertElementExistsInAnyRecord(self, path: str) -> None:  # noqa: N802
        if not any(self._nodes(one, path) for one in self._some()):
            raise AssertionBrokenError(f"no record has {path}")

    def _assertElementExistsInAllRecords(self, path: str) -> None:  # noqa: N802
        if not all(self._nodes(one, path) for one in self._some()):
            raise AssertionBrokenError(f"a record has no {path}")

    def _assertSpecificValueInAnyRecord(self, path: str, value: object) -> None:  # noqa: N802
        came = [text for one in self._some() for text in self._values(one, path)]
        if str(value) not in came:
            raise AssertionBrokenError(f"{path} is {_listed(came)} and in no record {value}")

    def _assertSpecificValueInAllRecords(self, path: str, value: object) -> None:  # noqa: N802
        self._assertValidValuesInAllRecords(path, [value])

    def _assertValidValuesInAllRecords(self, path: str, *values: object) -> None:  # noqa: N802
        valid = [str(one) for group in values for one in (group if isinstance(group, list) else [group])]
        for record in self._some():
            came = self._values(record, path)
            if not came or any(text not in valid for text in came):
                raise AssertionBrokenError(
                    f"{path} is {_listed(came)} in a record and must be {_listed(valid)}"
                )

    def _assertForAnyRecord(self, closure: object) -> None:  # noqa: N802
        if not any(self._holds(closure, one) for one in self._some()):
            raise AssertionBrokenError("no record fits the closure")

    def _assertForAllRecords(self, closure: object) -> None:  # noqa: N802
        if not all(self._holds(closure, one) for one in self._some()):
            raise AssertionBrokenError("a record does not fit the closure")

    def _assertValidEncoding(self) -> None:  # noqa: N802
        try:
            text = self._seen.exchange.response.decode(charset(self._seen.exchange) or "utf-8")
        except (UnicodeDecodeError, LookupError):
            raise AssertionBrokenError("the answer is not in the charset that it says") from None
        if "\ufffd" in text:
            raise AssertionBrokenError("the answer holds characters that were damaged before")

    def _holds(self, closure: object, record: etree._Element) -> bool:
        if not isinstance(closure, Closure):
            raise NotInterpretedError("an assertion for records without a closure")
        return truth(closure(Elements((record,))))


_CALLS = (
    "assertNonEmptyResponse",
    "assertEmptyResponse",
    "assertExactNumberOfRecords",
    "assertElementExistsInAnyRecord",
    "assertElementExistsInAllRecords",
    "assertSpecificValueInAnyRecord",
    "assertSpecificValueInAllRecords",
    "assertValidValuesInAllRecords",
    "assertForAnyRecord",
    "assertForAllRecords",
    "assertValidEncoding",
)


def run_script(script: str, seen: Seen, properties: Mapping[str, str], values: Mapping[str, str]) -> None:
    """Do what an assertion's script does: assertions, one to a line, of an object made with them.

    Raises:
        AssertionBrokenError: One of them does not hold.
        NotInterpretedError: There is something else in it, or nothing at all.
        NotKnownError: A property in it has no value.
    """
    assertions = ContentAssertions(seen, properties)
    calls = assertions.calls()
    known: dict[str, Any] = {"context": _context(values), "ContentAssertions": calls, **calls}
    asserted = False
    for statement in _statements(tokens(script)):
        words = [one.text for one in statement]
        if words[0] in ("import", "package") or words[:2] == ["log", "."]:
            continue
        if (place := _assignment(statement)) is not None:
            name, value = words[place - 1], statement[place + 1 :]
            if any(one.text == "ContentAssertions" for one in value):
                known[name] = assertions.calls()
            else:
                known[name] = Expression(value, known).whole()
            continue
        before = asserted
        asserted = before or any(word.startswith("assert") for word in words)
        if words[0] == "assert":
            if not truth(Expression(statement[1:], known).whole()):
                raise AssertionBrokenError(f"{' '.join(words)} does not hold")
            continue
        if words[:2] == ["new", "ContentAssertions"]:
            statement = _after_making(statement)
            known["made"] = assertions.calls()
        Expression(statement, known).whole()
    if not asserted:
        raise NotInterpretedError("a script that asserts nothing that is known")


def _context(values: Mapping[str, str]) -> dict[str, Callable[..., str]]:
    return {
        "expand": lambda text: expanded(text, values),
        "getProperty": lambda name: expanded(f"${{{name}}}", values),
    }


def _assignment(statement: list[Token]) -> int | None:
    """Return where the mark of an assignment stands; None where there is none outside brackets."""
    depth = 0
    for place, one in enumerate(statement):
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(one.text, 0)
        if one.text == "=" and depth == 0 and place:
            return place
    return None


def _after_making(statement: list[Token]) -> list[Token]:
    """Return ``made.assertX()`` for ``new ContentAssertions(...).assertX()``."""
    depth = 0
    for place, one in enumerate(statement):
        depth += {"(": 1, ")": -1}.get(one.text, 0)
        if one.text == ")" and depth == 0:
            return [Token("name", "made"), *statement[place + 1 :]]
    raise NotInterpretedError("new ContentAssertions")


def _statements(found: tuple[Token, ...]) -> list[list[Token]]:
    """Split a script at line ends and semicolons outside brackets."""
    statements: list[list[Token]] = [[]]
    depth = 0
    for one in found:
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(one.text, 0)
        if depth == 0 and one.text in ("\n", ";"):
            statements.append([])
        elif one.text != "\n":
            statements[-1].append(one)
    return [one for one in statements if one]


def _xpath(path: str) -> str:
    """Return an XPath: a step without prefix is of any namespace; dots lead on where there is no slash."""
    if "/" not in path and ":" not in path and re.fullmatch(r"[\w.]+", path):
        path = path.replace(".", "/")
    if not re.fullmatch(r"[\w/:*.@-]+", path):
        return path

    def step(found: re.Match[str]) -> str:
        name = found[0]
        return name if ":" in name or name[0] in "*@." else f"*[local-name()='{name}']"

    return _STEP.sub(step, path)


def _listed(values: list[str]) -> str:
    return ", ".join(values) or "missing"
