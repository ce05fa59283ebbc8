"""What is wrong with a value of a settings file, profile or data file, in the words of whoever wrote it."""

from typing import Final

from pydantic_core import ErrorDetails

_WORDS: Final = {
    "int": "expected a whole number",
    "float": "expected a number",
    "bool": "expected true or false",
    "string": "expected a text in quotation marks",
    "path": "expected a path in quotation marks",
    "date": "expected a day, written as 2026-01-31",
    "datetime": "expected a moment, written as 2026-01-31T12:00:00",
    "time": "expected a time, written as 12:00",
    "list": "expected a list in square brackets",
    "tuple": "expected a list in square brackets",
    "set": "expected a list in square brackets",
    "frozen_set": "expected a list in square brackets",
    "dict": "expected a section of its own, with keys and values",
    "mapping": "expected a section of its own, with keys and values",
    "model": "expected a section of its own, with keys and values",
    "finite": "expected a number, not infinity",
}
"""Beginning of the name of a kind of error -> what is said of it. The values are not: they may be secret."""

_LIMITS: Final = {
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "literal_error": "expected {expected}",
    "enum": "expected {expected}",
    "too_short": "must hold at least {min_length}",
    "too_long": "must hold at most {max_length}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must be of the form {pattern}",
    "extra_forbidden": "unknown key",
    "missing": "must be set",
}


def in_words(error: ErrorDetails) -> str:
    """Return what is wrong with a value, never in the words of the library that found it."""
    kind = error["type"]
    if kind in _LIMITS:
        return _LIMITS[kind].format_map(error.get("ctx", {}))
    if kind in ("value_error", "assertion_error"):  # our own checks have said it
        return error["msg"].partition(", ")[2]
    subject = next((one for one in sorted(_WORDS, key=len, reverse=True) if kind.startswith(f"{one}_")), None)
    if subject is not None:
        return _WORDS[subject]
    return "the value cannot be used"
