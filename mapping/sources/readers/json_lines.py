"""JSON lines: one object on each line (jsonlines.org). A line that is none is only its own fault."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from contracts.letters import nfc
from mapping.sources.readers.table import VALUES, Row, SourceError, Table
from mapping.sources.readers.text import SourceText, lines, open_text


class _Unfit(ValueError):
    """An object that does not make a row."""


@contextmanager
def open_json_lines(
    path: Path, *, encoding: str, wanted: Sequence[str], optional: frozenset[str] = frozenset()
) -> Iterator[Table]:
    """Open a file of JSON lines.

    A column ``unit.name`` is the key ``name`` of the object that the key ``unit`` has, or of each object in a
    list there. Several values are joined with `VALUES`. Numbers come as they are written, true and false as
    words, null and missing keys as empty texts.

    Args:
        path: The file.
        encoding: How its characters are written, as for `open_text`.
        wanted: The columns.
        optional: Those of them that no object need have.

    Yields:
        The table.

    Raises:
        SourceError: The file cannot be opened or read. While the rows are read, and at their end when no
            object has a key that is needed: it is misspelt in the profile, or the file is another.
    """
    columns = tuple(wanted)
    with open_text(path, encoding) as text:
        yield Table(columns, _rows(text, columns, optional), text.done)


def _rows(text: SourceText, columns: tuple[str, ...], optional: frozenset[str]) -> Iterator[Row]:
    # Numbers stay the text they are: 0701 is no number, but 1.50 and long ids must not change.
    decoder = json.JSONDecoder(
        object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=_refused
    )
    keys = [tuple(name.split(".")) for name in columns]
    unseen = {name: path for name, path in zip(columns, keys, strict=True) if name not in optional}
    read = False
    for number, line in lines(text):
        if not line.strip():
            continue
        try:
            found = decoder.decode(line)
            if not isinstance(found, dict):
                raise _Unfit("is no JSON object; each line must be one")
            cells = [VALUES.join(_texts(found, path)) for path in keys]
            unseen = {name: path for name, path in unseen.items() if not _has(found, path)}
        except json.JSONDecodeError as error:
            yield Row(number, [], f"is no JSON object: {error.msg}, character {error.pos + 1}")
        except RecursionError:
            yield Row(number, [], "is nested too deeply")
        except _Unfit as error:
            yield Row(number, [], str(error))
        else:
            read = True
            yield Row(number, cells)
    if read and unseen:
        raise SourceError(None, f"no object of the file has the key {', '.join(map(repr, unseen))}")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = {nfc(name): value for name, value in pairs}  # of letters that are written as \\u and a number
    if len(found) < len(pairs):
        raise _Unfit("has a key twice in one object")
    return found


def _refused(_constant: str) -> object:
    raise _Unfit("holds NaN or Infinity, which JSON does not have")


def _texts(value: object, path: tuple[str, ...]) -> Iterator[str]:
    """Yield the texts at a path of keys; lists on the way give those of each item."""
    if isinstance(value, list):
        for item in value:
            yield from _texts(item, path)
    elif path:
        if isinstance(value, dict) and path[0] in value:
            yield from _texts(value[path[0]], path[1:])
    elif isinstance(value, dict):
        raise _Unfit("has an object where a text is wanted; name the key within, as in unit.name")
    elif isinstance(value, bool):
        yield str(value).lower()
    elif value:
        yield nfc(str(value))


def _has(value: object, path: tuple[str, ...]) -> bool:
    if not path:
        return True
    if isinstance(value, list):
        return any(_has(item, path) for item in value)
    return isinstance(value, dict) and path[0] in value and _has(value[path[0]], path[1:])
