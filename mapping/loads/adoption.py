"""New rows of a source that mean what a hand has made, and so become one with it (docs/adr/0018)."""

from dataclasses import replace

from mapping.loads.bulk import ORIGIN
from mapping.loads.cases import Case, Outcome, Ruling
from mapping.loads.ends import as_long_as_it_can
from mapping.loads.periods import Row, Shape, apart, before, shape_of
from mapping.loads.staging import RowPlace

_OF_THE_HAND = ("counts_as_change", "documented_at")
"""Columns of how a record came to be: they stay as the hand wrote them when a source adopts it."""


def adoptable(case: Case, row: Row) -> str | None:
    """Return the key of the hand's record that a new row means: the same, begun on about the same day."""
    shape = shape_of(case.record_type, row)
    if shape is None:
        return None
    same = (*shape.subject, *shape.meaning)
    near = [
        (apart(record[shape.start], row[shape.start]), key)
        for key, record in case.made_by_hand
        if all(record[name] == row[name] for name in same) and _can_be(case, key, record, row, shape)
    ]
    near = [one for one in near if one[0] <= case.rules.adopt_days]
    return min(near)[1] if near else None


def _can_be(case: Case, key: str, record: Row, row: Row, shape: Shape) -> bool:
    """Tell whether the end of a row lets it be a hand's record: it may not have heard of the record's."""
    here, of_row = as_long_as_it_can(case, key, record, shape)[shape.end], row[shape.end]
    if not before(record[shape.start], of_row):
        return False
    return here is None or of_row is None or apart(here, of_row) <= case.rules.adopt_days


def adopt(case: Case, place: RowPlace, key: str, row: Row, adopted: str) -> Ruling:
    """Let a row's source have the record of a hand; when it began, and how, stays as the hand wrote it."""
    record, change = case.records[adopted], case.changes[adopted]
    shape = shape_of(case.record_type, row)
    assert shape is not None  # noqa: S101  # only what has one is adoptable
    merged = {**record, **{name: row[name] for name in (*case.mapped, "id", *ORIGIN)}}
    for name in (shape.start, *(one for one in _OF_THE_HAND if one in record)):
        merged[name] = record[name]
    here, of_row = as_long_as_it_can(case, adopted, record, shape)[shape.end], row[shape.end]
    merged[shape.end] = of_row if here is None else here
    own = {name: row[name] for name in row if name in record and name not in ORIGIN}
    held = change.held if merged[shape.end] == record[shape.end] else None
    known = replace(change, key=key, said={**record, **own}, held=held)
    ruling = Ruling(place, key, Outcome.ADOPTED, merged, adopts=record)
    ruling.change = case.still_different(known, row, merged)
    ruling.again = held is not None  # what the record ended for may be withdrawn
    del case.records[adopted], case.changes[adopted]
    case.ruled.pop(adopted, None)
    case.records[key], case.changes[key] = record | {"id": key}, known
    case.adopted.add(key)
    return ruling
