"""LDIF, the text form of a directory (RFC 2849): each entry is a row.

Read by this module itself: the `ldif` library counts no folded lines, so that its line numbers are wrong; it
takes wrong base64 for right, reads ``changetype: delete`` as an entry, and stops at the first broken entry.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from contracts.letters import nfc
from mapping.sources.readers.table import VALUES, Row, SourceError, Table
from mapping.sources.readers.text import SourceText, lines, open_text

LONGEST_ENTRY = 20_000_000
"""Characters of an entry, photos and certificates included, at which the file is refused."""

ABOVE = "../"
"""Before the name of an attribute: that attribute of the entry above in the tree."""

_Line = tuple[int, str]
_Values = dict[str, list[str]]

_ATTRIBUTE = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9.;_-]*):(?P<sort>[:<]?) *(?P<value>.*)")
_FIRST_NAME = re.compile(r"(?:[^,\\]|\\.)*,?")  # a comma in a name has a backslash before it
_CHANGES = frozenset({"delete", "modify", "modrdn", "moddn"})


class _Broken(ValueError):
    """An entry that cannot be read; the text says on which line, and why."""


@contextmanager
def open_ldif(path: Path, *, encoding: str, wanted: Sequence[str]) -> Iterator[Table]:
    """Open an LDIF file.

    Args:
        path: The file.
        encoding: How its characters are written, as for `open_text`; values in base64 are always UTF-8.
        wanted: The columns: names of attributes, in any letter case, with their options where they have some
            (``title;lang-sv``), or ``dn``. With `ABOVE` before it, the attribute of the entry right above: a
            directory tells by place in the tree who works where. The file is then read three times.

    Yields:
        The table. Several values of an attribute are joined with `VALUES`; what an entry lacks is empty.

    Raises:
        SourceError: The file cannot be opened or read, or says itself that it is not complete. Also raised
            while the rows are read.
    """
    columns = tuple(wanted)
    names = [name.lower() for name in columns]
    above = _above(path, encoding, frozenset(name[len(ABOVE) :] for name in names if name.startswith(ABOVE)))
    with open_text(path, encoding) as text:
        yield Table(columns, _rows(text, names, above), text.done)


def _rows(text: SourceText, names: list[str], above: Mapping[str, _Values]) -> Iterator[Row]:
    wanted = frozenset(name for name in names if not name.startswith(ABOVE)) | {"dn"}
    for entry in _entries(text):
        number, first = entry[0]
        if first.startswith(("search:", "result:")):
            _check_result(entry)
            continue
        try:
            values = _values(entry, wanted)
        except _Broken as error:
            yield Row(number, [], str(error))
        else:
            over = above.get(_parent(values), {})
            values |= {f"{ABOVE}{name}": found for name, found in over.items()}
            yield Row(number, [VALUES.join(values.get(name, ())) for name in names])


def _above(path: Path, encoding: str, wanted: frozenset[str]) -> dict[str, _Values]:
    """Return the attributes that are wanted of the entries that stand above others, by their dn."""
    if not wanted:
        return {}
    # Found out first, as most entries have none below them and need not be kept in memory.
    parents = {_parent(values) for values in _readable(path, encoding, frozenset({"dn"}))}
    return {
        dn: values
        for values in _readable(path, encoding, wanted | {"dn"})
        if (dn := "".join(values.get("dn", ())).lower()) in parents
    }


def _readable(path: Path, encoding: str, wanted: frozenset[str]) -> Iterator[_Values]:
    """Yield the attributes of every entry that can be read; the others are reported with their rows."""
    with open_text(path, encoding) as text:
        for entry in _entries(text):
            try:
                values = _values(entry, wanted)
            except _Broken:
                continue
            yield values


def _parent(values: _Values) -> str:
    """Return the dn of the entry above, in lower case."""
    dn = "".join(values.get("dn", ()))
    return dn[_FIRST_NAME.match(dn).end() :].strip().lower()  # type: ignore[union-attr]  # it matches any text


def _entries(text: SourceText) -> Iterator[list[_Line]]:
    """Yield the lines of each entry, unfolded, without comments and the line that tells the version."""
    entry: list[_Line] = []
    folded: list[str] = []  # a line and what continues it
    start = size = 0

    def close() -> None:
        line = "".join(folded)
        if folded and not line.startswith("#") and (entry or not line.lower().startswith("version:")):
            entry.append((start, line))
        folded.clear()

    for number, line in lines(text):
        size += len(line)
        if size > LONGEST_ENTRY:
            raise SourceError(
                number, f"the entry has over {LONGEST_ENTRY} characters; are blank lines missing?"
            )
        if line.startswith(" ") and folded:
            folded.append(line[1:])
            continue
        close()
        if line:
            folded.append(line)
            start = number
        else:
            if entry:
                yield entry
            entry, size = [], 0
    close()
    if entry:
        yield entry


def _values(entry: list[_Line], wanted: frozenset[str]) -> _Values:
    """Return the texts of the attributes that are wanted.

    Raises:
        _Broken: A line is no attribute, or the entry is a change other than an addition.
    """
    values: _Values = {}
    for place, (number, line) in enumerate(entry):
        match = _ATTRIBUTE.fullmatch(line)
        if match is None:
            raise _Broken(f"line {number} is no attribute; it must be a name, a colon and a value")
        name = match["name"].lower()
        if (name == "dn") != (place == 0):
            raise _Broken(
                f"line {number}: an entry must have one dn, in its first line; is a blank line missing?"
            )
        if name == "changetype" and match["value"].strip().lower() != "add":
            kind = match["value"].strip().lower()
            change = kind if kind in _CHANGES else "of an unknown type"
            raise _Broken(f"line {number}: a change ({change}); only entries and additions can be read")
        if name in wanted:
            value = _value(number, name, match)
            if value:
                values.setdefault(name, []).append(value)
    return values


def _value(number: int, name: str, match: re.Match[str]) -> str:
    if match["sort"] == "<":
        raise _Broken(f"line {number}: the value of {name} is in another file; export it with its values")
    if not match["sort"]:
        return match["value"]
    try:
        return nfc(b64decode(match["value"].strip(), validate=True).decode())
    except (
        Base64Error,
        ValueError,
    ):  # ValueError: of letters that are not ASCII, and of bytes that are not UTF-8
        raise _Broken(f"line {number}: the value of {name} is no text in base64") from None


def _check_result(tail: list[_Line]) -> None:
    """Look at what ldapsearch writes at the end: a search that hits a limit gives a part only."""
    for number, line in tail:
        name, _, value = line.partition(":")
        code = value.split()[:1]
        if name == "result" and code != ["0"]:
            shown = f" {code[0]}" if code and code[0].isdecimal() else ""
            raise SourceError(
                number, f"the search ended with LDAP result{shown}, so the export is not complete"
            )
