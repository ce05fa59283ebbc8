"""All rows about a resident decided together, so that no two records are left that exclude each other.

What a row says is weighed by itself (`rulings`), in an order that does not depend on the files: a row is news
only beside what the others have settled. Then what will be is looked at as a whole. A row that cannot stand
beside the rest is set aside and reported, and the others are decided anew without it: a load is not refused
for what a hand did.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from mapping.loads.adoption import adoptable
from mapping.loads.cases import Case, HandChange
from mapping.loads.ends import end, exclude
from mapping.loads.periods import Row, Shape, just_before, one_at_a_time, shape_of
from mapping.loads.rulings import rule, set_aside


def decide(case: Case, rows: Sequence[tuple[str, Row]]) -> Case:
    """Return the case with a ruling for each row.

    Args:
        case: What is known, with nothing decided.
        rows: The rows by the keys of their records, in the order of the files.
    """
    aside: set[str] = set()
    while True:
        decided = case.fresh()
        _rule_all(decided, rows, aside)
        _end_vanishing(decided)
        excluded = _excluded(decided, aside)
        if excluded is None:
            _keep_reasons(decided)
            return decided
        aside.add(excluded)


def _rule_all(case: Case, rows: Sequence[tuple[str, Row]], aside: set[str]) -> None:
    """Decide about rows whose records a hand has changed, then those that mean a hand's, then the rest.

    Of the rest the later ones come first.
    """
    left = []
    for key, row in rows:
        change = case.changes.get(key)
        if change is not None and change.said is not None and key not in aside:
            rule(case, key, row)
        elif key not in aside:
            left.append((key, row))
    for key, row in left:
        if key not in case.records and adoptable(case, row) is not None:
            rule(case, key, row)
    left = [one for one in left if one[0] not in case.rulings]
    start = next((shape.start for _, row in left if (shape := shape_of(case.record_type, row))), None)
    if start is not None:  # what the source says of now tells whether it knows of a change
        left.sort(key=lambda one: one[1][start], reverse=True)
    for key, row in left:
        rule(case, key, row)
    for key, row in rows:
        if key in aside:  # for what the others have left to set it aside for
            set_aside(case, key, row)


def _end_vanishing(case: Case) -> None:
    """End what the source withdraws for what a row has adopted as it is: such a row is not written."""
    for key in sorted(case.adopted):
        row, ruling = case.ruled.get(key), case.rulings[key]
        shape = one_at_a_time(case.record_type, case.records[key]) if key in case.records else None
        if row is None or shape is None or any(row[name] != case.records[key][name] for name in case.mapped):
            continue
        for other in sorted(case.vanishing & case.records.keys()):
            record = case.records[other]
            if exclude(shape, row, record):
                end(case, ruling, other, _ended(record, row, shape), shape)


def _ended(record: Row, row: Row, shape: Shape) -> Row | None:
    if record[shape.start] < row[shape.start]:
        return record | {shape.end: just_before(row[shape.start])}
    return None


def _excluded(case: Case, aside: set[str]) -> str | None:
    """Return the key of a row that cannot be followed beside what there is; None when all can.

    Of two the one that no hand has made, and of those the earlier: what is so now is the later.
    """
    will_be = {key: one for key, one in sorted(case.will_be().items()) if key not in case.vanishing}
    for one, other in combinations(will_be, 2):
        shape = one_at_a_time(case.record_type, will_be[one])
        if shape is None or not exclude(shape, will_be[one], will_be[other]):
            continue
        rows = [key for key in (one, other) if key not in aside and _changes(case, key)]
        if rows:
            return min(rows, key=lambda key: (key in case.adopted, will_be[key][shape.start], key))
    return None


def _changes(case: Case, key: str) -> bool:
    """Tell whether a row makes of its record what it was not."""
    ruling, record = case.rulings.get(key), case.records.get(key)
    if ruling is None or ruling.row is None:
        return False
    own = ruling.row
    return ruling.adopts is not None or record is None or any(own[one] != record[one] for one in case.mapped)


def _keep_reasons(case: Case) -> None:
    """Keep what is known of changes that rows are set aside for, though their own rows may have settled them.

    Otherwise the next look at the same rows would find nothing against them, and take them in.
    """
    reasons = {one.because for one in case.rulings.values()}
    for key, ruling in case.rulings.items():
        if key in reasons and ruling.change is None and ruling.row is not None:
            change, here = case.changes[key], case.records.get(key)
            said = {**(change.said or here or {}), **{name: ruling.row[name] for name in case.mapped}}
            ruling.change = replace(change, said=said)


def known(case: Case) -> dict[str, HandChange]:
    """Return what is known of changes by hands from now on, by the keys of the records."""
    of_rows = {key: one.change for key, one in case.rulings.items() if one.change is not None}
    return {**{key: one for key, one in case.changes.items() if key not in case.rulings}, **of_rows}
