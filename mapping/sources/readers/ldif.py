"""LDIF, the text form of a directory (RFC 2849): each entry is a row.

Read by this module itself: the `ldif` library counts no folded lines, so that its line numbers are wrong; it
takes wrong base64 for right, reads ``changetype: delete`` as an entry, and stops at the first broken entry.

Of an entry nothing is kept but what the profile reads, and only in that it can be at fault. What is no entry
is passed over: comments, references to other directories, the result of the search.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from contracts.letters import nfc
from mapping.sources.readers.ldif_entries import LONGEST_ENTRY, Entry, entries
from mapping.sources.readers.table import VALUES, Row, SourceError, Table, Warn, no_warning
from mapping.sources.readers.text import SourceText, open_text

ABOVE = "../"
"""Before the name of an attribute: that attribute of the entry above in the tree."""

_Values = dict[str, list[str]]

_ATTRIBUTE = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9.-]*)(?P<options>(?:;[A-Za-z0-9=*_-]+)*):(?P<sort>[:<]?) *(?P<value>.*)"
)
_RANGE = re.compile(";range=([0-9]+-(?:[0-9]+|[*]))")
_SWEDISH = ";lang-sv"
_FIRST_NAME = re.compile(r"(?:[^,\\]|\\.)*,?")  # a comma in a name has a backslash before it
_CHANGES = frozenset({"modify", "modrdn", "moddn"})


class _Broken(ValueError):
    """An entry that cannot be read; the text says on which line, and why."""


@contextmanager
def open_ldif(
    path: Path, *, encoding: str, wanted: Sequence[str], warn: Warn = no_warning
) -> Iterator[Table]:
    """Open an LDIF file.

    Args:
        path: The file.
        encoding: How its characters are written, as for `open_text`; values in base64 are always UTF-8.
        wanted: The columns: names of attributes, in any letter case, with their options where they have some
            (``title;lang-sv``), or ``dn``. Where an entry has an attribute in languages alone, Swedish is
            read, or the only one. With `ABOVE` before it, the attribute of the entry right above: a
            directory tells by place in the tree who works where. The file is then read three times.
        warn: Takes what is passed over and should be known.

    Yields:
        The table. Several values of an attribute are joined with `VALUES`; what an entry lacks is empty.

    Raises:
        SourceError: The file cannot be opened or read, or says itself that it is not complete. Also raised
            while the rows are read.
    """
    columns = tuple(wanted)
    names = [name.lower() for name in columns]
    above = _above(path, encoding, frozenset(name[len(ABOVE) :] for name in names if name.startswith(ABOVE)))
    with _opened(path, encoding) as text:
        yield Table(columns, _rows(text, names, above, warn), text.done)


def _opened(path: Path, encoding: str) -> AbstractContextManager[SourceText]:
    return open_text(path, encoding, errors="surrogateescape", longest=LONGEST_ENTRY)


def _rows(
    text: SourceText, names: list[str], above: Mapping[str, _Values] | None, warn: Warn
) -> Iterator[Row]:
    wanted = frozenset(name for name in names if not name.startswith(ABOVE))
    if above is not None:
        wanted |= {"dn"}
    for entry in entries(text, wanted):
        if entry.first in ("search", "result"):
            _check_result(entry.kept)
            continue
        try:
            values = _values(entry, wanted, warn)
        except _Broken as error:
            yield Row(entry.line, [], str(error))
            continue
        if values is None:
            continue
        if above is not None:
            over = above.get(_parent(values), {})
            values |= {f"{ABOVE}{name}": found for name, found in over.items()}
        yield Row(entry.line, [VALUES.join(values.get(name, ())) for name in names])


def _above(path: Path, encoding: str, wanted: frozenset[str]) -> dict[str, _Values] | None:
    """Return the attributes that are wanted of the entries that stand above others, by their dn."""
    if not wanted:
        return None
    # Found out first, as most entries have none below them and need not be kept in memory.
    parents = {_parent(values) for values in _readable(path, encoding, frozenset({"dn"}))}
    return {
        dn: values
        for values in _readable(path, encoding, wanted | {"dn"})
        if (dn := "".join(values.get("dn", ())).lower()) in parents
    }


def _readable(path: Path, encoding: str, wanted: frozenset[str]) -> Iterator[_Values]:
    """Yield the attributes of every entry that can be read; the others are reported with their rows."""
    with _opened(path, encoding) as text:
        for entry in entries(text, wanted):
            try:
                values = _values(entry, wanted, no_warning)
            except _Broken:
                continue
            if values is not None:
                yield values


def _parent(values: _Values) -> str:
    """Return the dn of the entry above, in lower case."""
    dn = "".join(values.get("dn", ()))
    return dn[_FIRST_NAME.match(dn).end() :].strip().lower()  # type: ignore[union-attr]  # it matches any text


def _values(entry: Entry, wanted: frozenset[str], warn: Warn) -> _Values | None:
    """Return the texts of the attributes that are wanted; None for what is no entry.

    Raises:
        _Broken: What is read of it cannot be read, or it is a change of an entry that the file does not show.
    """
    if entry.first != "dn":
        _let_pass(entry, wanted)
        return None
    if entry.fault is not None:
        raise _Broken(entry.fault)
    values: _Values = {}
    going_on: dict[
        str, int
    ] = {}  # attribute -> line of its last values, where others follow; 0 where none do
    for place, (number, line) in enumerate(entry.kept):
        match = _ATTRIBUTE.fullmatch(line)
        if match is None:
            raise _Broken(f"line {number} is no attribute; it must be a name, a colon and a value")
        name, options = match["name"].lower(), match["options"].lower()
        if (name == "dn") != (place == 0):
            raise _Broken(
                f"line {number}: an entry must have one dn, in its first line; is a blank line missing?"
            )
        if name == "changetype":
            if _is_deleted(number, match["value"].strip().lower()):
                warn(entry.line, None, "the entry is marked as deleted, and is passed over")
                return None
            continue
        ranged = _RANGE.search(options)
        name += _RANGE.sub("", options) if ranged else options
        if name in wanted or (match["name"].lower() in wanted and _is_language(options)):
            if ranged:
                going_on[name] = 0 if ranged[1].endswith("*") else number
            value = _value(number, name, match)
            if value:
                values.setdefault(name, []).append(value)
    for name, number in going_on.items():
        if number:  # the last range was like range=0-1499, not range=1500-*
            raise _Broken(f"line {number}: there are more values of {name}; have the export fetch them all")
    _choose_languages(values, wanted)
    return values


def _let_pass(entry: Entry, wanted: frozenset[str]) -> None:
    """Let pass what is no entry, such as a reference to another directory.

    Raises:
        _Broken: It has attributes that are read: an entry has come apart.
    """
    for number, line in entry.kept:
        match = _ATTRIBUTE.fullmatch(line)
        if match is not None and match["name"].lower() in wanted | {"dn"}:
            raise _Broken(
                f"line {number}: an entry must have one dn, in its first line; is a blank line missing?"
            )


def _is_deleted(number: int, kind: str) -> bool:
    """Tell whether a change is a deletion, which leaves nothing to read; an addition is an entry."""
    if kind in ("add", "delete"):
        return kind == "delete"
    change = kind if kind in _CHANGES else "of an unknown type"
    raise _Broken(f"line {number}: a change ({change}); only entries and additions can be read")


def _is_language(options: str) -> bool:
    return all(one.startswith("lang-") or one.startswith("range=") for one in options.split(";")[1:])


def _choose_languages(values: _Values, wanted: frozenset[str]) -> None:
    """Let an attribute that comes in languages alone be the Swedish one, or the only one (RFC 3866)."""
    for name in wanted:
        if ";" in name or name in values:
            continue
        tagged = [one for one in values if one.startswith(f"{name};lang-")]
        chosen = [one for one in tagged if one.startswith(name + _SWEDISH)] or tagged
        if len(chosen) == 1:
            values[name] = values[chosen[0]]


def _value(number: int, name: str, match: re.Match[str]) -> str:
    if match["sort"] == "<":
        raise _Broken(f"line {number}: the value of {name} is in another file; export it with its values")
    if not match["sort"]:
        if any("\udc80" <= one <= "\udcff" for one in match["value"]):
            raise _Broken(
                f"line {number}: the value of {name} is not in the encoding of the profile; set encoding"
            )
        return match["value"]
    try:
        return nfc(b64decode(match["value"].strip(), validate=True).decode())
    except (
        Base64Error,
        ValueError,
    ):  # ValueError: of letters that are not ASCII, and of bytes that are not UTF-8
        raise _Broken(f"line {number}: the value of {name} is no text in base64") from None


def _check_result(tail: list[tuple[int, str]]) -> None:
    """Look at what ldapsearch writes at the end: a search that hits a limit gives a part only."""
    for number, line in tail:
        name, _, value = line.partition(":")
        code = value.split()[:1]
        if name == "result" and code != ["0"]:
            shown = f" {code[0]}" if code and code[0].isdecimal() else ""
            raise SourceError(
                number, f"the search ended with LDAP result{shown}, so the export is not complete"
            )
