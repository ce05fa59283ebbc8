"""What holds where a source and a hand, a call or staff, have both spoken of a record (docs/adr/0018).

Rules only: nothing here asks the database. A row is weighed against what the register has and what the source
had said before the change, column by column. In short: who has said something new is right; who has only not
heard of the other is not asked.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from mapping.loads.adoption import adopt, adoptable
from mapping.loads.bulk import ORIGIN
from mapping.loads.cases import Case, HandChange, Outcome, Ruling
from mapping.loads.ends import as_long_as_it_can, end_for, exclude, overlapping, short_of
from mapping.loads.periods import Row, Shape, apart, day_of, just_before, shape_of
from mapping.loads.staging import RowPlace
from register.hands import Hand


def rule(case: Case, key: str, row: Row) -> None:
    """Decide about one row of a case."""
    ruling = _ruling(case, key, row)
    case.rulings[key] = ruling
    if ruling.row is not None:
        case.ruled[key] = case.records.get(key, {}) | {name: ruling.row[name] for name in row}


def set_aside(case: Case, key: str, row: Row) -> None:
    """Set a row aside that cannot be followed beside what there is: its record stays as it is."""
    record, change = case.records.get(key), case.changes.get(key)
    shape = shape_of(case.record_type, row)
    last = None if shape is None else _last_change(case, [row[name] for name in shape.subject], shape)
    case.rulings[key] = Ruling(
        RowPlace(row["loaded_from"], row["loaded_line"]),
        key,
        Outcome.CONTRADICTED,
        None if record is None else row | {name: record[name] for name in case.mapped},
        None if change is None or change.said is None else change,
        again=True,
        because=None if last is None else last.key,
    )


def _ruling(case: Case, key: str, row: Row) -> Ruling:
    place = RowPlace(row["loaded_from"], row["loaded_line"])
    change, record = case.changes.get(key), case.records.get(key)
    if change is not None and change.said is not None:
        return _known(case, place, key, row, change, change.said, record)
    if record is None:
        adopted = adoptable(case, row)
        if adopted is not None and case.changes[adopted].said is None:
            return adopt(case, place, key, row, adopted)
        if adopted is not None:
            return _known_by_another_key(case, place, key, row, adopted)
    return _against_hands(case, place, key, row, record)


def _known(
    case: Case, place: RowPlace, key: str, row: Row, change: HandChange, said: Row, record: Row | None
) -> Ruling:
    """Decide about a row of whose record a hand has changed something: a three-way comparison."""
    if record is None:  # removed by the hand
        if case.is_back(change) and not _excluded(case, row):
            return Ruling(place, key, row=row)
        if all(row[name] == said[name] for name in case.mapped):
            again, gone = change.left is not None, case.is_gone(change)
            return Ruling(place, key, Outcome.SUPERSEDED, None, change, again=again, gone=gone)
        ruling = _against_hands(case, place, key, row, None, changed=change)
        ruling.change = ruling.change or (None if ruling.row is not None else change)
        return ruling
    merged, outcomes = dict(row), set[Outcome]()
    shape, unsaid = shape_of(case.record_type, row), case.unsaid_end(row)
    if shape is not None and change.left is not None:
        change = change.taken(_takes_in(case, shape, row, said, record))
    held = record if shape is None else as_long_as_it_can(case, key, record, shape, change)
    if unsaid is not None:
        merged[unsaid] = held[unsaid]
        if held[unsaid] != said[unsaid]:  # that the source has the row says that the record has not ended
            outcomes.add(Outcome.SUPERSEDED)
    for name in case.mapped:
        of_row, of_source, here = row[name], said[name], held[name]
        if of_row == here:
            if here != of_source:
                outcomes.add(Outcome.ADOPTED)
        elif of_row == of_source:
            merged[name] = here
            if not _means(case, name, row, of_row, here):  # otherwise the source took it in before
                outcomes.add(Outcome.SUPERSEDED)
        elif _means(case, name, row, of_row, here):
            merged[name] = here
            outcomes.add(Outcome.ADOPTED)
        elif here != of_source:
            stands = case.is_gone(change) or _stands(case, change.changed_at)
            merged[name] = here if stands else of_row
            outcomes.add(Outcome.CONTRADICTED if stands else Outcome.OVERRULED)
    ruling = Ruling(place, key, _gravest(outcomes), merged, gone=case.is_gone(change))
    if Outcome.CONTRADICTED in outcomes:
        ruling.again, ruling.change = True, change
        return ruling
    if shape is not None and Outcome.OVERRULED in outcomes:
        merged = ruling.row = short_of(case, key, merged, shape)
        others = overlapping(case, key, merged, shape)
        if any(_stands(case, case.changes[one].changed_at) for one, _ in others):
            kept = row | {name: record[name] for name in case.mapped}
            return Ruling(place, key, Outcome.CONTRADICTED, kept, change, again=True)
        end_for(case, ruling, others, merged, shape)
    if shape is not None and merged[shape.end] != record[shape.end]:
        change = replace(change, held=None)
    ruling.change = case.still_different(change, row, merged)
    if shape is not None and change.left is not None:  # what was said before is what tells that it is back
        of_row = ruling.change.said if ruling.change is not None and ruling.change.said is not None else said
        ruling.change = replace(change, said=of_row | {shape.end: said[shape.end]})
    ruling.again = change.held is not None and not change.taken_in  # what it ended for may be withdrawn
    if shape is None and ruling.change is None and _differ(record, said, case.mapped):
        ruling.change = change  # a later profile may map what it does not yet
    return ruling


def _takes_in(case: Case, shape: Shape, row: Row, said: Row, record: Row) -> bool:
    """Tell whether a row says, as its source did not before, that a record has ended when it did."""
    of_row, here = row[shape.end], record[shape.end]
    if shape.end not in case.mapped or of_row == said[shape.end]:
        return False
    return bool(of_row == here) or _means(case, shape.end, row, of_row, here)


def _known_by_another_key(case: Case, place: RowPlace, key: str, row: Row, adopted: str) -> Ruling:
    """Decide about a new row that says what one that is withdrawn had said, of another day.

    What a hand has changed of the record stands as if the source still had its first row.
    """
    record, change = case.records.pop(adopted), replace(case.changes.pop(adopted), key=key)
    assert change.said is not None  # noqa: S101  # otherwise no row has said it
    case.ruled.pop(adopted, None)
    case.records[key], case.changes[key] = record | {"id": key}, change
    case.adopted.add(key)
    ruling = _known(case, place, key, row, change, change.said | {"id": key}, case.records[key])
    ruling.adopts = record
    return ruling


def _against_hands(
    case: Case, place: RowPlace, key: str, row: Row, record: Row | None, *, changed: HandChange | None = None
) -> Ruling:
    """Decide about a row whose record no hand has changed, or whose record a hand has removed."""
    ruling = Ruling(place, key, row=row)
    shape = shape_of(case.record_type, row)
    if shape is None:
        return ruling
    if record is not None and all(record[name] == row[name] for name in case.mapped):
        return ruling
    subject = [row[name] for name in shape.subject]
    last = _last_change(case, subject, shape) or changed
    if last is None:
        return ruling
    begins, ends = day_of(row[shape.start]), row[shape.end] and day_of(row[shape.end])
    others = overlapping(case, key, row, shape)
    if _heard_of(case, last, subject, shape):
        end_for(case, ruling, others, row, shape)
        return ruling
    if ends is not None and ends <= last.day:  # what has been; it may reach into the day of the change
        first = min((one[shape.start] for _, one in others), default=None)
        if first is not None and apart(first, row[shape.end]) <= case.rules.adopt_days:
            ruling.row = row | {shape.end: max(just_before(first), row[shape.start])}
            known = HandChange(key, last.about, last.hand, last.changed_at, dict(row))
            ruling.change = case.still_different(known, row, ruling.row)
            return ruling
        if not others:
            return ruling
    if begins > last.day:
        end_for(case, ruling, others, row, shape)
    elif begins < last.day and record is None:
        ruling.outcome, ruling.row = Outcome.SUPERSEDED, None
        ruling.again, ruling.because = True, last.key
    elif _stands(case, last.changed_at):
        ruling.outcome, ruling.again, ruling.because = Outcome.CONTRADICTED, True, last.key
        ruling.row = None if record is None else row | {name: record[name] for name in case.mapped}
    else:
        ruling.outcome = Outcome.OVERRULED
        end_for(case, ruling, others, row, shape)
    return ruling


def _last_change(case: Case, subject: Sequence[Any], shape: Shape) -> HandChange | None:
    """Return the last change of what excludes a row."""
    found = (
        one
        for one in case.changes.values()
        if not (one.hand is Hand.UPKEEP and case.is_back(one))
        and (of := one.said or case.records.get(one.key)) is not None
        and [of[name] for name in shape.subject] == subject
    )
    return max(found, key=lambda one: one.changed_at, default=None)


def _heard_of(case: Case, change: HandChange, subject: Sequence[Any], shape: Shape) -> bool:
    """Tell whether the source has adopted what a change began: what it says now, it says knowing of it."""
    for key, record in case.will_be().items():
        start, known = record[shape.start], case.changes.get(key)
        if key in case.adopted:
            adopted = True
        elif known is None:
            adopted = record["loaded_from"] is not None
        else:  # only an adopted record has another beginning than its source says
            adopted = known.said is not None and known.said[shape.start] != start
        began = change.moment if isinstance(start, datetime) else change.day
        if adopted and start == began and [record[name] for name in shape.subject] == subject:
            return True
    return False


def _excluded(case: Case, row: Row) -> bool:
    """Tell whether a row about a record that has gone cannot stand beside what there is now."""
    shape = shape_of(case.record_type, row)
    others = (one for key, one in case.will_be().items() if key not in case.vanishing)
    return shape is not None and any(exclude(shape, row, one) for one in others)


def _means(case: Case, name: str, row: Row, of_row: Any, here: Any) -> bool:
    """Tell whether a beginning or end of a row is about that of the record."""
    shape = shape_of(case.record_type, row)
    if shape is None or name not in (shape.start, shape.end) or of_row is None or here is None:
        return False
    return apart(of_row, here) <= case.rules.adopt_days


def _stands(case: Case, changed_at: datetime) -> bool:
    return case.rules.change_stands and case.now - changed_at < timedelta(days=case.rules.stand_days)


def _differ(record: Row, said: Row, mapped: Sequence[str]) -> bool:
    """Tell whether a hand has changed what the source says nothing about."""
    others = [name for name in said if name not in mapped and name not in ORIGIN and name != "added_from"]
    return any(record[name] != said[name] for name in others if name in record)


def _gravest(outcomes: set[Outcome]) -> Outcome | None:
    order = (Outcome.OVERRULED, Outcome.CONTRADICTED, Outcome.SUPERSEDED, Outcome.ADOPTED)
    return next((one for one in order if one in outcomes), None)
