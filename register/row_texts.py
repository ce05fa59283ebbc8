"""Rows of records as JSON, for what must be known of a record when it is another: undo, and the two hands."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table

from contracts.identifiers import HsaId


def as_json(row: Mapping[str, Any]) -> str:
    """Write columns of a row, or fields, down."""
    return json.dumps(row, default=written)


def from_json(table: Table, text: str) -> dict[str, Any]:
    """Read a row of a table that was written down; what is no column of it is returned as it was written."""
    return {name: _value(table, name, value) for name, value in json.loads(text).items()}


def written(value: Any) -> Any:
    """Return a value of a row as it is written down: of an HSA-id the spelling, which no comparison sees."""
    if isinstance(value, HsaId):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _value(table: Table, name: str, value: Any) -> Any:
    if value is None or name not in table.c:
        return value
    kind = table.c[name].type.python_type
    return kind.fromisoformat(value) if kind in (date, datetime) else kind(value)
