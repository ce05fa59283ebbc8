"""Cells as they come: what is not a text, what stands for nothing, and characters that nobody sees."""

import re
from collections.abc import Collection

from mapping.sources.formulas import STARTS

NOTHING = ("NULL", r"\N", "N/A", "-")
"""Words that databases, exports and people write where there is nothing, whatever their letter case."""

# XML 1.0 section 2.2 (Char), without the C1 controls: those are legal but a sign of the wrong encoding.
_NOT_TEXT = re.compile("[^\t\n\r\x1f\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Unicode's format characters that web pages, mails and word processors leave in a text: soft hyphen, blanks
# without width, marks of direction, byte order mark.
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


# What programs write so that a spreadsheet keeps the zeros of a number: a formula that is nothing but a text.
_KEPT_AS_TEXT = re.compile('="([^"]*)"')


class CellFault(ValueError):
    """A cell that holds no text."""


def clean(cell: str) -> str:
    """Return a cell's text without blanks around it, and without the mark that it is no formula.

    Raises:
        CellFault: It holds a control character or another that XML cannot carry, or it is a formula.
    """
    wrong = _NOT_TEXT.search(cell)
    if wrong:
        code = ord(wrong[0])
        hint = "; is the file windows-1252?" if 0x80 <= code < 0xA0 else ""
        raise CellFault(f"holds the control character U+{code:04X}, which no message can carry{hint}")
    text = cell.strip()
    if text.startswith("'") and text[1:].startswith(STARTS):
        text = text[1:].strip()
    kept_as_text = _KEPT_AS_TEXT.fullmatch(text)
    if kept_as_text is not None:
        text = kept_as_text[1].strip()
    if text.startswith("="):  # also with the mark, which our files of faulty rows put before formulas
        raise CellFault("is a formula; save the sheet with values in place of formulas")
    return text


def visible(text: str) -> str:
    """Return a text without the characters that nobody sees."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def invisible(text: str) -> str:
    """Return the names of the characters in a text that nobody sees, such as U+200B; mostly none."""
    found = () if text.isascii() else sorted(set(_INVISIBLE.findall(text)))
    return ", ".join(f"U+{ord(one):04X}" for one in found)


def is_nothing(text: str, words: Collection[str]) -> bool:
    """Tell whether a text is one of the words that mean nothing; they are given in small letters."""
    return text.casefold() in words


def column_name(text: str) -> str:
    """Return the name that a header's cell gives its column: single blanks, nothing that nobody sees."""
    return " ".join(visible(text).split())
