"""What is wrong with a message, as a person reads it. Never quotes the message."""

import re
import threading
from functools import cache
from pathlib import Path

import xmlschema
from lxml import etree
from xmlschema.exceptions import XMLSchemaKeyError

from contracts.schemas import MAX_PROBLEMS, Problem

_LONG_NUMBER = re.compile(r"\d[\d-]{5,}")

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
        found.append(Problem(element.tag, None, "an xsi:type in it names a type the schema lacks"))
    return found


@cache
def _schema(file: Path) -> xmlschema.XMLSchema10:
    return xmlschema.XMLSchema10(str(file))


def _reason(error: xmlschema.XMLSchemaValidationError) -> str:
    """Say what is wrong without quoting the message: values and long numbers are left out."""
    reason = error.reason or "not valid"
    if isinstance(error.obj, str) and error.obj:
        reason = reason.replace(repr(error.obj), "the value")
    return _LONG_NUMBER.sub("[number]", reason)
