"""Person numbers where none should be: in texts that end up in logs."""

import re

from contracts.identifiers import IdentifierError, PersonId

_WITH_CENTURY_IN = re.compile(r"(?=([0-9]{8}[-+]?[0-9A-Z]{4}))")
_WITHOUT_CENTURY_IN = re.compile(r"(?=([0-9]{6}[-+]?[0-9]{4}))")


def holds_person_number(text: str) -> bool:
    """Tell whether a text that should hold none may hold the number of a person, whatever stands around it.

    Where a number stands by itself its date must exist; within more digits, or without its century, also the
    check digit must be right, as UUIDs and times have as many digits. The third digit of an organisation's
    number is 2 or more, which is no month.
    """
    text = text.upper()
    for found in _WITH_CENTURY_IN.finditer(text):
        beside = text[max(found.start() - 1, 0) : found.start()] + text[found.end(1) : found.end(1) + 1]
        if _is_person_number(found[1], check_digits=any(map(str.isdigit, beside))):
            return True
    return any(
        _is_person_number(century + found[1], check_digits=True)
        for found in _WITHOUT_CENTURY_IN.finditer(text)
        for century in ("19", "20")
    )


def _is_person_number(text: str, *, check_digits: bool) -> bool:
    try:
        PersonId.from_text(text, check_digits=check_digits)
    except IdentifierError:
        return False
    return True
