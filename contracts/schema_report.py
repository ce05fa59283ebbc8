"""What is wrong with a message, as a person reads it. Never quotes the message."""

import re
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import xmlschema
from lxml import etree
from xmlschema.exceptions import XMLSchemaKeyError

from contracts.schemas import MAX_PROBLEMS, Problem

_LONG_NUMBER = re.compile(r"\d[\d-]{5,}")

_NO_TYPE = "an xsi:type in it names a type the schema lacks"

_LOCK = threading.Lock()
"""Held while a schema is built; once it is, it validates from any thread."""


def report(schema_file: Path, element: etree._Element) -> list[Problem]:
    """Explain why an element is not valid: at most ``MAX_PROBLEMS`` problems, none when it is valid."""
    with _LOCK:
        schema = _schema(schema_file)
    found = []
    try:
        for error in schema.iter_errors(element):
            found.append(Problem(error.path or element.tag, error.sourceline, _reason(error)))
            if len(found) == MAX_PROBLEMS:
                break
    except XMLSchemaKeyError:  # instead of an error among the others, and without a place
        found.append(Problem(element.tag, None, _NO_TYPE))
    return found


@cache
def _schema(file: Path) -> xmlschema.XMLSchema10:
    return xmlschema.XMLSchema10(str(file))


def _reason(error: xmlschema.XMLSchemaValidationError) -> str:
    """Say what is wrong without quoting the message: values and long numbers are left out.

    Names are written as in the message, whose prefixes are not those of the schema.
    """
    reason = error.reason or "not valid"
    if "global component" in reason:  # and its name, which is a value of the message
        return _NO_TYPE
    if isinstance(error.obj, str) and error.obj:
        reason = reason.replace(repr(error.obj), "the value")
    text, expected, names = reason.partition(" Tag ")
    prefixes = {uri: prefix for prefix, uri in getattr(error.elem, "nsmap", {}).items()}
    known = getattr(error.validator, "namespaces", {})
    reason = _in_clark(text, prefixes) + expected + _prefixed(names, known, prefixes)
    return _LONG_NUMBER.sub("[number]", reason).rstrip(".")


_CLARK = re.compile(r"\{([^\s{}']*:[^\s{}']*)\}([^\s{}']+)")
_PREFIXED = re.compile(r"'([\w.-]+):([\w.-]+)'")

_Prefixes = Mapping[str, str | None]
"""Namespace -> its prefix in the message; None where it is the default one."""


def _in_clark(text: str, prefixes: _Prefixes) -> str:
    """Write names that stand with their namespace with the prefix that the message has for it."""
    return _CLARK.sub(lambda found: _name(found[1], found[2], prefixes), text)


def _prefixed(text: str, known: Mapping[str, str], prefixes: _Prefixes) -> str:
    """Likewise for names with a prefix of the schema."""
    return _PREFIXED.sub(lambda found: f"'{_name(known.get(found[1], ''), found[2], prefixes)}'", text)


def _name(namespace: str, local: str, prefixes: _Prefixes) -> str:
    prefix = prefixes.get(namespace)
    return local if prefix is None else f"{prefix}:{local}"
