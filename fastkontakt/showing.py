"""What a command shows: tables that fit the terminal and figures for people, or one JSON object for programs.

A command says what it shows once, by `table` and `fact`. With ``--json``, which `fastkontakt.cli` gives to
every command in `json_output.SHOWING`, it goes into one object; what else is printed is on standard error.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from rich.table import Table
from rich.text import Text

from contracts.identifiers import HsaId
from fastkontakt.console import out, plain_table
from fastkontakt.json_output import collected_json

Cell = str | int | float | date | HsaId | None

_WIDEST = 10_000
SHORTEST_ID = 8
"""Characters of an id that are enough where one is asked for, if they are of no other."""

_MADE_HERE = 21
"""Characters of an id made here before its random part: 20 digits and a hyphen (`register.ids`)."""


class Id(str):
    """An id that commands take: people see its beginning, 8 characters or as many as tell it from others."""

    __slots__ = ()


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    name: str = "rows",
    title: str | None = None,
    empty: str | None = "None.",
    blocks: bool = False,
    pairs: bool = False,
) -> None:
    """Show rows: as a table where one fits the width, and else each as a block, so that no cell is broken.

    Args:
        columns: The headings.
        rows: The rows.
        name: The key of their list in JSON.
        title: What stands above them.
        empty: What is printed when there are none; nothing at all, also no title, for None.
        blocks: Print blocks whatever the width.
        pairs: Where it does not fit, leave out all but the first two columns: labels and values.
    """
    found = [list(row) for row in rows]
    if (collected := collected_json.get()) is not None:
        collected[name] = [dict(zip(columns, map(_plain, row), strict=True)) for row in found]
        return
    if not found:
        if empty is not None:
            out.print(f"{title}: {empty}" if title else empty, markup=False)
        return
    if title:
        out.print(Text(title, "bold"))
    shown = [["" if cell is None else str(cell) for cell in row] for row in _shortened(found)]
    if _width(_made(columns, shown)) > out.width:
        columns, shown = _without_empty(columns, shown)
    made = _made(columns, shown)
    if not blocks and _width(made) <= out.width:
        out.print(made)
    elif pairs:
        _print_pairs([(row[0], row[1]) for row in shown])
    else:
        _print_blocks([column.partition("\n")[0] for column in columns], shown)


def _without_empty(columns: Sequence[str], rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Return a table without the columns in which no row has anything, or all have 0."""
    used = [place for place in range(len(columns)) if not {row[place] for row in rows} <= {"", "0"}]
    used = used or [0]
    return [columns[place] for place in used], [[row[place] for place in used] for row in rows]


def _made(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    made = plain_table(*columns)
    for row in rows:
        made.add_row(*map(Text, row))
    return made


def _width(made: Table) -> int:
    return out.measure(made, options=out.options.update(width=_WIDEST)).maximum


def _print_blocks(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    for number, row in enumerate(rows):
        if number:
            out.print()
        _print_pairs(list(zip(columns, row, strict=True)))


def _print_pairs(pairs: Sequence[tuple[str, str]]) -> None:
    widest = max(len(label) for label, _ in pairs)
    for label, text in pairs:
        if text:
            indented = text.replace("\n", "\n" + " " * (widest + 2))
            out.print(f"{label:<{widest}}  {indented}", markup=False)


def fact(label: str, value: Any, said: str | None = None) -> None:
    """Show a figure or a text by its label.

    Args:
        label: What it is; its key in JSON.
        value: The value: what JSON has, or else its text.
        said: How it is printed for people; the label, a colon and the value if left out, nothing if empty.
    """
    if (collected := collected_json.get()) is not None:
        collected[label] = _plain(value)
    elif said is None:
        out.print(f"{label}: {value}", markup=False)
    elif said:
        out.print(said, markup=False)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, int | float | list | tuple | Mapping):
        return value
    return str(value)


def _shortened(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Return the rows with ids cut to what tells them from each other."""
    ids = {cell for row in rows for cell in row if isinstance(cell, Id)}
    return [[_short(cell, ids) if isinstance(cell, Id) else cell for cell in row] for row in rows]


def _short(whole: Id, others: Iterable[Id]) -> str:
    text = _distinctive(whole)
    if len(text) <= 2 * SHORTEST_ID:
        return text
    rest = [one for one in map(_distinctive, others) if one != text]
    length = SHORTEST_ID
    while any(one.startswith(text[:length]) for one in rest):
        length += 1
    return text[:length]


def _distinctive(whole: str) -> str:
    """Return an id without the time before it, which those made here begin with."""
    made_here = whole[: _MADE_HERE - 1].isdecimal() and whole[_MADE_HERE - 1 : _MADE_HERE] == "-"
    return whole[_MADE_HERE:] if made_here else str(whole)
