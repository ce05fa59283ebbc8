"""What holds where a source and a hand, a call or staff, have both spoken of a record (docs/adr/0018).

Rules only: nothing here asks the database. A row is weighed against what the register has and what the source
had said before the change, column by column. In short: who has said something new is right; who has only not
heard of the other is not asked.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from mapping.loads.bulk import ORIGIN
from mapping.loads.cases import Case, HandChange, Outcome, Ruling
from mapping.loads.periods import Row, Shape, apart, before, day_of, just_before, shape_of
from mapping.loads.staging import RowPlace

_OF_THE_HAND = ("counts_as_change", "documented_at")
"""Columns of how a record came to be: they stay as the hand wrote them when a source adopts it."""


def rule(case: Case, key: str, row: Row) -> Ruling:
    """Decide about one row of a case: first those of whose records a hand has changed something."""
    ruling = _ruling(case, key, row)
    case.rulings[key] = ruling
    own = ruling.adopts or key
    if ruling.row is not None and own in case.records:
        case.ruled[own] = case.records[own] | {name: ruling.row[name] for name in case.mapped}
    return ruling


def keep_reasons(case: Case) -> None:
    """Keep what is known of changes that rows are set aside for, though their own rows may have settled them.

    Otherwise the next look at the same rows would find nothing against them, and take them in.
    """
    reasons = {one.because for one in case.rulings.values()}
    for ruling in case.rulings.values():
        settled = ruling.adopts or ruling.key
        if settled in reasons and ruling.change is None and ruling.row is not None:
            change, here = case.changes[settled], case.records.get(settled)
            said = {**(change.said or here or {}), **{name: ruling.row[name] for name in case.mapped}}
            ruling.change = HandChange(ruling.key, change.about, change.hand, change.changed_at, said)


def _ruling(case: Case, key: str, row: Row) -> Ruling:
    place = RowPlace(row["loaded_from"], row["loaded_line"])
    change, record = case.changes.get(key), case.records.get(key)
    if change is not None and change.said is not None:
        return _known(case, place, key, row, change, change.said, record)
    if record is None:
        adopted = _adoptable(case, row)
        if adopted is not None:
            return _adopt(case, place, key, row, adopted)
    return _against_hands(case, place, key, row, record)


def _known(
    case: Case, place: RowPlace, key: str, row: Row, change: HandChange, said: Row, record: Row | None
) -> Ruling:
    """Decide about a row of whose record a hand has changed something: a three-way comparison."""
    if record is None:  # removed by the hand
        if all(row[name] == said[name] for name in case.mapped):
            return Ruling(place, key, Outcome.SUPERSEDED, None, change)
        ruling = _against_hands(case, place, key, row, None, changed=change)
        ruling.change = ruling.change or (None if ruling.row is not None else change)
        return ruling
    merged, outcomes = dict(row), set[Outcome]()
    for name in case.mapped:
        of_row, of_source, here = row[name], said[name], record[name]
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
            stands = _stands(case, change.changed_at)
            merged[name] = here if stands else of_row
            outcomes.add(Outcome.CONTRADICTED if stands else Outcome.OVERRULED)
    ruling = Ruling(place, key, _gravest(outcomes), merged)
    if Outcome.CONTRADICTED in outcomes:
        ruling.again, ruling.change = True, change
        return ruling
    shape = shape_of(case.record_type, merged)
    if shape is not None and Outcome.OVERRULED in outcomes:
        merged = ruling.row = _short_of(case, key, merged, shape)
        overlapping = _overlapping(case, key, merged, shape)
        if any(_stands(case, case.changes[one].changed_at) for one, _ in overlapping):
            kept = row | {name: record[name] for name in case.mapped}
            return Ruling(place, key, Outcome.CONTRADICTED, kept, change, again=True)
        _let_give_way(case, ruling, overlapping, merged, shape)
    ruling.change = _still_different(case, change, row, merged)
    if shape is None and ruling.change is None and _differ(record, said, case.mapped):
        ruling.change = change  # a later profile may map what it does not yet
    return ruling


def _adoptable(case: Case, row: Row) -> str | None:
    """Return the key of the hand's record that a new row means: the same, begun on about the same day."""
    shape = shape_of(case.record_type, row)
    if shape is None:
        return None
    same = (*shape.subject, *shape.meaning)
    near = [
        (apart(record[shape.start], row[shape.start]), key)
        for key, record in case.made_by_hand
        if all(record[name] == row[name] for name in same) and _can_be(case, record, row, shape)
    ]
    near = [one for one in near if one[0] <= case.rules.adopt_days]
    return min(near)[1] if near else None


def _can_be(case: Case, record: Row, row: Row, shape: Shape) -> bool:
    """Tell whether the end of a row lets it be a hand's record: it may not have heard of the record's."""
    here, of_row = record[shape.end], row[shape.end]
    if not before(record[shape.start], of_row):
        return False
    return here is None or of_row is None or apart(here, of_row) <= case.rules.adopt_days


def _adopt(case: Case, place: RowPlace, key: str, row: Row, adopted: str) -> Ruling:
    """Let a row's source have the record of a hand; when it began, and how, stays as the hand wrote it."""
    record, change = case.records[adopted], case.changes[adopted]
    shape = shape_of(case.record_type, row)
    assert shape is not None  # noqa: S101  # only what has one is adoptable
    merged = {**record, **{name: row[name] for name in (*case.mapped, "id", *ORIGIN)}}
    for name in (shape.start, *(one for one in _OF_THE_HAND if one in record)):
        merged[name] = record[name]
    here, of_row = record[shape.end], row[shape.end]
    merged[shape.end] = of_row if here is None else here
    case._taken.add(adopted)
    own = {name: row[name] for name in row if name in record and name not in ORIGIN}
    said = {**record, **own}
    ruling = Ruling(place, key, Outcome.ADOPTED, merged, adopts=adopted)
    known = HandChange(key, change.about, change.hand, change.changed_at, said)
    ruling.change = _still_different(case, known, row, merged)
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
    last = max(
        (
            one
            for one in case.changes.values()
            if (of := one.said or case.records.get(one.key)) is not None
            and [of[name] for name in shape.subject] == subject
        ),
        key=lambda one: one.changed_at,
        default=changed,
    )
    if last is None:
        return ruling
    begins, ends = day_of(row[shape.start]), row[shape.end] and day_of(row[shape.end])
    overlapping = _overlapping(case, key, row, shape)
    if _heard_of(case, last, subject, shape):
        _let_give_way(case, ruling, overlapping, row, shape)
        return ruling
    if ends is not None and ends <= last.day:  # what has been; it may reach into the day of the change
        first = min((one[shape.start] for _, one in overlapping), default=None)
        if first is not None and apart(first, row[shape.end]) <= case.rules.adopt_days:
            ruling.row = row | {shape.end: max(just_before(first), row[shape.start])}
            ruling.change = _still_different(
                case, HandChange(key, last.about, last.hand, last.changed_at, dict(row)), row, ruling.row
            )
            return ruling
        if not overlapping:
            return ruling
    if begins > last.day:
        _let_give_way(case, ruling, overlapping, row, shape)
    elif begins < last.day and record is None:
        ruling.outcome, ruling.row = Outcome.SUPERSEDED, None
        ruling.again, ruling.because = True, last.key
    elif _stands(case, last.changed_at):
        ruling.outcome, ruling.again, ruling.because = Outcome.CONTRADICTED, True, last.key
        ruling.row = None if record is None else row | {name: record[name] for name in case.mapped}
    else:
        ruling.outcome = Outcome.OVERRULED
        _let_give_way(case, ruling, overlapping, row, shape)
    return ruling


def _heard_of(case: Case, change: HandChange, subject: Sequence[Any], shape: Shape) -> bool:
    """Tell whether the source has adopted what a change began: what it says now, it says knowing of it."""
    for key, record in case.records.items():
        start, known = record[shape.start], case.changes.get(key)
        if known is None:
            adopted = record["loaded_from"] is not None
        else:  # only an adopted record has another beginning than its source says
            adopted = known.said is not None and known.said[shape.start] != start
        began = change.moment if isinstance(start, datetime) else change.day
        if adopted and start == began and [record[name] for name in shape.subject] == subject:
            return True
    return False


def _short_of(case: Case, key: str, row: Row, shape: Shape) -> Row:
    """Let a row end before a hand's record that began about when it ends: that is what has ended it."""
    if row[shape.end] is None:
        return row
    near = [
        record[shape.start]
        for _, record in _overlapping(case, key, row, shape)
        if record[shape.start] > row[shape.start]
        and apart(record[shape.start], row[shape.end]) <= case.rules.adopt_days
    ]
    return row | {shape.end: max(just_before(min(near)), row[shape.start])} if near else row


def _overlapping(case: Case, key: str, row: Row, shape: Shape) -> list[tuple[str, Row]]:
    """Return the other records that a hand made or changed and that the row excludes."""
    others = ((one, case.records[one]) for one in sorted(case.changes) if one != key and one in case.records)
    return [
        (one, record)
        for one, record in others
        if all(record[name] == row[name] for name in shape.subject)
        and before(row[shape.start], case.ruled.get(one, record)[shape.end])
        and before(case.ruled.get(one, record)[shape.start], row[shape.end])
    ]


def _let_give_way(
    case: Case, ruling: Ruling, records: Iterable[tuple[str, Row]], row: Row, shape: Shape
) -> None:
    """End records when a row begins; those of hands that began with it or later go entirely."""
    for key, record in records:
        after: Row | None = None
        if record[shape.start] < row[shape.start]:
            after = record | {shape.end: just_before(row[shape.start])}
        elif case.changes[key].said is not None:
            continue  # the source says both; what excludes what there is found as in any load
        ruling.give_way.append((record, after))
        if after is None:
            del case.records[key]
            continue
        case.records[key] = case.ruled[key] = after
        own = case.rulings.get(key)
        if own is not None and own.row is not None:
            own.row = own.row | {shape.end: after[shape.end]}


def _means(case: Case, name: str, row: Row, of_row: Any, here: Any) -> bool:
    """Tell whether a beginning or end of a row is about that of the record."""
    shape = shape_of(case.record_type, row)
    if shape is None or name not in (shape.start, shape.end) or of_row is None or here is None:
        return False
    return apart(of_row, here) <= case.rules.adopt_days


def _stands(case: Case, changed_at: datetime) -> bool:
    return case.rules.change_stands and case.now - changed_at < timedelta(days=case.rules.stand_days)


def _still_different(case: Case, change: HandChange, row: Row, merged: Row) -> HandChange | None:
    """Return the change with what the source says now; None when both say the same."""
    if all(row[name] == merged[name] for name in case.mapped):
        return None
    said = {**(change.said or {}), **{name: row[name] for name in case.mapped}}
    return HandChange(change.key, change.about, change.hand, change.changed_at, said)


def _differ(record: Row, said: Row, mapped: Sequence[str]) -> bool:
    """Tell whether a hand has changed what the source says nothing about."""
    others = [name for name in said if name not in mapped and name not in ORIGIN and name != "added_from"]
    return any(record[name] != said[name] for name in others if name in record)


def _gravest(outcomes: set[Outcome]) -> Outcome | None:
    order = (Outcome.OVERRULED, Outcome.CONTRADICTED, Outcome.SUPERSEDED, Outcome.ADOPTED)
    return next((one for one in order if one in outcomes), None)
