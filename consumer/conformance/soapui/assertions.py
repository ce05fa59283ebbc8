"""The assertions of SoapUI, by their types."""

import re
from collections.abc import Mapping

from lxml import etree

from consumer.conformance.seen import Seen
from consumer.conformance.soapui.content import AssertionBrokenError, run_script
from consumer.conformance.soapui.groovy_values import NotInterpretedError
from consumer.conformance.soapui.project import SoapUiAssertion
from consumer.conformance.soapui.values import expanded
from consumer.envelope import body_content
from consumer.xml import XmlError, parse
from contracts.schemas import Schemas

_DECLARATION = re.compile(r"declare\s+namespace\s+([\w.-]+)\s*=\s*['\"]([^'\"]*)['\"]\s*;?")


def check(
    one: SoapUiAssertion,
    seen: Seen,
    schemas: Schemas,
    properties: Mapping[str, str],
    values: Mapping[str, str],
) -> None:
    """Check an assertion on an answer.

    Args:
        one: The assertion.
        seen: The answer.
        schemas: Schemas of the contracts.
        properties: The project's properties.
        values: What ``${property}`` stands for.

    Raises:
        AssertionBrokenError: It does not hold.
        NotInterpretedError: It is of a type, or says something, that is not understood.
        NotKnownError: A property in it has no value.
    """
    match one.type:
        case "SOAP Response":
            _need(seen.content is not None, f"no SOAP answer: {seen.what}")
        case "Schema Compliance":
            _schema(seen, schemas)
        # SoapUI's type names of these two are the wrong way round: it shows the first as "Not SOAP Fault".
        case "SOAP Fault Assertion":
            _need(seen.content is not None and seen.fault is None, f"the answer is {seen.what}")
        case "Not SOAP Fault Assertion":
            _need(seen.fault is not None, f"{seen.what}, and no SOAP Fault")
        case "Simple Contains" | "Simple NotContains":
            wanted = one.type == "Simple Contains"
            held = _contains(one, seen, values)
            _need(
                held is wanted,
                f"the answer {'holds' if held else 'does not hold'} {one.settings.get('token', '')}",
            )
        case "XPath Match":
            _xpath_match(one, seen, values)
        case "GroovyScriptAssertion" | "Script Assertion":
            run_script(one.settings.get("scriptText", ""), seen, properties, values)
        case "Response SLA Assertion":
            limit = expanded(one.settings.get("SLA", ""), values)
            _need(
                seen.exchange.seconds * 1000 <= float(limit or 0),
                f"{seen.exchange.seconds * 1000:.0f} ms, more than {limit}",
            )
        case "Valid HTTP Status Codes":
            codes = re.findall(r"\d+", expanded(one.settings.get("codes", ""), values))
            _need(
                str(seen.exchange.status) in codes, f"HTTP {seen.exchange.status}, none of {', '.join(codes)}"
            )
        case _:
            raise NotInterpretedError(f"an assertion of type {one.type}")


def _need(holds: bool, says: str) -> None:
    if not holds:
        raise AssertionBrokenError(says)


def _schema(seen: Seen, schemas: Schemas) -> None:
    _need(seen.content is not None, f"no SOAP answer: {seen.what}")
    if seen.fault is not None or seen.content is None:
        return
    if seen.contract is None:
        raise NotInterpretedError("Schema Compliance, of a contract that is not known")
    _need(seen.answered, f"the answer {seen.trouble}")
    if not schemas.valid(seen.contract, seen.content):
        raise AssertionBrokenError("; ".join(map(str, schemas.problems(seen.contract, seen.content)[:3])))


def _contains(one: SoapUiAssertion, seen: Seen, values: Mapping[str, str]) -> bool:
    token = expanded(one.settings.get("token", ""), values)
    text = seen.exchange.response.decode("utf-8", "replace")
    ignore = one.settings.get("ignoreCase") == "true"
    if one.settings.get("useRegEx") == "true":
        try:
            return re.fullmatch(token, text, re.DOTALL | (re.IGNORECASE if ignore else 0)) is not None
        except re.error as error:
            raise NotInterpretedError(f"the regular expression {token} ({error})") from None
    return token.casefold() in text.casefold() if ignore else token in text


def _xpath_match(one: SoapUiAssertion, seen: Seen, values: Mapping[str, str]) -> None:
    path = expanded(one.settings.get("path", ""), values)
    wanted = expanded(one.settings.get("content", ""), values).strip()
    prefixes = dict(_DECLARATION.findall(path))
    expression = _DECLARATION.sub("", path).strip()
    expression = re.sub(r"^exists\s*(?=\()", "boolean", expression)
    if seen.content is None:
        raise AssertionBrokenError(f"no SOAP answer: {seen.what}")
    if wanted.startswith("<"):
        raise NotInterpretedError("XPath Match with a piece of XML to compare with")
    try:
        came = _document(seen).xpath(expression, namespaces=prefixes or None)
    except (etree.XPathError, XmlError) as error:
        raise NotInterpretedError(f"the XPath {expression} ({error})") from None
    text = _as_text(came)
    if text is None:
        raise AssertionBrokenError(f"nothing is at {expression}")
    if one.settings.get("allowWildcards") == "true":
        same = re.fullmatch(".*".join(map(re.escape, wanted.split("*"))), text, re.DOTALL) is not None
    else:
        same = text == wanted
    _need(same, f"{expression} is {text} and must be {wanted}")


def _document(seen: Seen) -> etree._Element:
    """Return the whole envelope, to which the paths lead from its root."""
    root = parse(seen.exchange.response)
    body_content(parse(seen.exchange.response))
    return root


def _as_text(came: object) -> str | None:
    if isinstance(came, bool):
        return "true" if came else "false"
    if isinstance(came, float):
        return str(int(came)) if came.is_integer() else str(came)
    if isinstance(came, list):
        if not came:
            return None
        first = came[0]
        return "".join(first.itertext()).strip() if isinstance(first, etree._Element) else str(first)
    return str(came)
