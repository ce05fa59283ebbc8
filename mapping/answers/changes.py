"""Lines of the feed of changes as other systems read them: JSON lines, and CSV (docs/changes-out.md)."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Row

from register.change_kinds import ChangeKind

COLUMNS = (
    "position",
    "at",
    "kind",
    "person_id",
    "record_id",
    "unit",
    "staff",
    "code",
    "code_system",
    "county",
    "valid_from",
    "valid_to",
    "cause",
    "who",
)
"""What a line says, in this order."""

_VISIBILITY = (ChangeKind.RESIDENT_HIDDEN, ChangeKind.RESIDENT_SHOWN)
_RESIDENTS = (ChangeKind.RESIDENT_MOVED, ChangeKind.RESIDENT_DECEASED, *_VISIBILITY)

Line = dict[str, str | int | None]


def line(row: Row[Any]) -> Line:
    """Return a line as it goes out. The time is UTC and says so; a period is Swedish local time."""
    values: Line = {name: getattr(row, name) for name in COLUMNS}
    return values | {"at": f"{row.at:%Y-%m-%dT%H:%M:%S.%f}Z", "kind": str(row.kind)}


def json_line(row: Row[Any]) -> str:
    """Return a line as JSON, with the end of the line."""
    return json.dumps(line(row), ensure_ascii=False) + "\n"


def latest(rows: Iterable[Row[Any]]) -> Iterator[Row[Any]]:
    """Yield the last line of each record, in order: a file that is loaded has a record once."""
    kept: dict[tuple[str | None, ...], Row[Any]] = {}
    for row in rows:
        kind = _VISIBILITY[0] if row.kind in _VISIBILITY else row.kind
        key = (kind, row.person_id) if row.kind in _RESIDENTS else (sort(row.kind), row.record_id)
        kept.pop(key, None)
        kept[key] = row
    yield from kept.values()


def sort(kind: str) -> str:
    """Return what a line is about: listing, queue, contact or resident; a doctor is a contact."""
    about = kind.partition("_")[0]
    return "contact" if about == "doctor" else about


def csv_cells(row: Row[Any]) -> list[str | int | None]:
    """Return a line as cells; a record that never counted is one of a single day, before it would have."""
    values = line(row)
    start, end = values["valid_from"], values["valid_to"]
    if isinstance(start, str) and isinstance(end, str) and end < start:
        values["valid_from"] = end
    return [values[name] for name in COLUMNS]
