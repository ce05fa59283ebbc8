"""Which records exclude a row that is followed, and how they end for it (docs/adr/0018)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from mapping.loads.cases import Case, HandChange, Ruling
from mapping.loads.periods import Row, Shape, apart, before, just_before


def overlapping(case: Case, key: str, row: Row, shape: Shape) -> list[tuple[str, Row]]:
    """Return the other records that a hand made or changed and that the row excludes."""
    others = ((one, case.records[one]) for one in sorted(case.changes) if one != key and one in case.records)
    return [
        (one, record)
        for one, record in others
        if all(record[name] == row[name] for name in shape.subject)
        and before(row[shape.start], case.ruled.get(one, record)[shape.end])
        and before(case.ruled.get(one, record)[shape.start], row[shape.end])
    ]


def end_for(case: Case, ruling: Ruling, records: Iterable[tuple[str, Row]], row: Row, shape: Shape) -> None:
    """End records when a row begins; those of hands that began with it or later go entirely."""
    for key, record in records:
        after: Row | None = None
        if record[shape.start] < row[shape.start]:
            after = record | {shape.end: just_before(row[shape.start])}
        elif case.changes[key].said is not None:
            continue  # the source says both; `decisions` sees that one of them is set aside
        end(case, ruling, key, after, shape)


def end(case: Case, ruling: Ruling, key: str, after: Row | None, shape: Shape) -> None:
    """End a record for a row, or remove it; what its hand had made of it is kept beside it."""
    record, change, own = case.records[key], case.changes.get(key), case.rulings.get(key)
    ruling.ends.append((record, after))
    if after is None:
        del case.records[key]
        case.ruled.pop(key, None)
        return
    case.records[key] = case.ruled[key] = after
    if change is not None:
        case.changes[key] = replace(change, held=change.held or record)
    if own is not None and own.row is not None:
        own.row = own.row | {shape.end: after[shape.end]}
        if own.change is not None:
            own.change = replace(own.change, held=own.change.held or record)


def short_of(case: Case, key: str, row: Row, shape: Shape) -> Row:
    """Let a row end before a hand's record that began about when it ends: that is what has ended it."""
    if row[shape.end] is None:
        return row
    near = [
        record[shape.start]
        for _, record in overlapping(case, key, row, shape)
        if record[shape.start] > row[shape.start]
        and apart(record[shape.start], row[shape.end]) <= case.rules.adopt_days
    ]
    return row | {shape.end: max(just_before(min(near)), row[shape.start])} if near else row


def as_long_as_it_can(
    case: Case, key: str, record: Row, shape: Shape, change: HandChange | None = None
) -> Row:
    """Return a record that a load has ended as its hand had it, if what it ended for is gone.

    Args:
        case: All that is known.
        key: The record's.
        record: The record.
        shape: Its shape.
        change: What is known of its change, if that is more than the case has.
    """
    held, own = case.held(key), change or case.changes.get(key)
    if held[shape.end] == record[shape.end] or (own and (own.taken_in or case.is_gone(own))):
        return record
    others = (one for other, one in case.will_be().items() if other not in (key, *case.vanishing))
    return record if any(exclude(shape, held, one) for one in others) else held


def exclude(shape: Shape, one: Row, other: Row) -> bool:
    """Tell whether two records exclude each other, as the check of what has been written does.

    The last day of a doctor may be the first of the next; a listing that ends as it begins excludes none.
    """
    if any(one[name] != other[name] for name in shape.subject):
        return False
    pairs = [(one, other), (other, one)]
    if isinstance(one[shape.start], datetime):
        pairs += [(one, one), (other, other)]
    return all(of[shape.end] is None or it[shape.start] < of[shape.end] for it, of in pairs)
