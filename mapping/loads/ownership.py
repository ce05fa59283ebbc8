"""Rows of a load that meet what a call or staff have changed: found, decided (`rulings`), and carried out.

It is done before anything else that compares a stage with the register, so that no row is refused for what a
call did. What is written, the knowledge of the changes among it, is written down for an undo.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert

from contracts.clock import swedish, utc
from mapping.loads.cases import Case, HandChange, Outcome, Rules, Ruling
from mapping.loads.decisions import decide, known
from mapping.loads.load_log import LoadLog
from mapping.loads.periods import RULED, Row
from mapping.loads.staging import RowPlace, Stage
from mapping.loads.statements import ownership as statements
from mapping.loads.vanished import Vanished
from mapping.sources.profile import Load
from register.columns import TABLES
from register.hands import Hand, Left, key_of
from register.model import Record
from register.row_texts import as_json, from_json
from register.tables import changed_record, listing_request

_AT_A_TIME = 1000
"""Residents, or employments, that are decided together."""


def settle(stage: Stage, load_log: LoadLog, load: Load, gone: Vanished | None, now: datetime) -> list[Ruling]:
    """Decide about the rows that meet the change of a hand, and carry it out.

    The stage keeps what is to be applied: rows that are set aside are taken out, others say what was decided.
    Cost: one look for each row, and what is known of each resident whom a hand has changed something for.

    Args:
        stage: The rows of a section.
        load_log: That of the load.
        load: What the profile says of it.
        gone: The records of the type that the source has in no row any more, if it can be told.
        now: The present, Swedish local time.

    Returns:
        The rulings with an outcome, and those whose row the next load must look at again.
    """
    if stage.record_type not in RULED:
        return []
    connection = stage.connection
    about = list(connection.scalars(statements.touched(stage.table, stage.target)))
    if not about:
        return []
    if "person_id" in stage.table.c:
        stage.index_residents()
    rules = Rules(load.contradicted == "change", load.stand_days, load.adopt_days)
    found: list[Ruling] = []
    for start in range(0, len(about), _AT_A_TIME):
        some = about[start : start + _AT_A_TIME]
        cases = _cases(stage, rules, some, gone, utc(now))
        rows: dict[str, list[tuple[str, Row]]] = {one: [] for one in some}
        for one, key, row in _rows(stage, some):
            rows[one].append((key, _completed(cases[one], key, row)))
        decided = [(cases[one], decide(cases[one], rows[one]), dict(rows[one])) for one in some]
        _carry_out(stage, load_log, decided)
        rulings = (ruling for _, case, _ in decided for ruling in case.rulings.values())
        found += [one for one in rulings if one.outcome is not None or one.again]
    return found


def ended_by_upkeep(connection: Connection, record_types: Iterable[type[Record]]) -> set[RowPlace]:
    """Return where rows were looked at whose records have ended by the resident's death or move.

    The next load looks at them again: what ended them may be taken back, also in the same load.
    """
    names = {TABLES[one].name for one in record_types if one in RULED}
    found = (json.loads(text) for text in connection.scalars(statements.held(names)))
    return {
        RowPlace(one["loaded_from"], one["loaded_line"])
        for one in found
        if one.get("loaded_from") and "home_county" in one and not one.get("taken_in")
    }


def _rows(stage: Stage, about: Sequence[str]) -> Iterable[tuple[str, str, dict[str, Any]]]:
    for row in stage.connection.execute(statements.rows(stage.table, stage.target, about)).mappings():
        key = key_of(stage.target, columns := dict(row))
        yield columns.get("person_id", key), key, columns


def _completed(case: Case, key: str, row: Row) -> Row:
    """Return a row with the end that its record has, where the source says no ends."""
    record, end = case.records.get(key), case.unsaid_end(row)
    return row if record is None or end is None else row | {end: record[end]}


def _cases(
    stage: Stage, rules: Rules, about: Sequence[str], gone: Vanished | None, now: datetime
) -> dict[str, Case]:
    cases = {one: Case(stage.record_type, stage.mapped, rules, {}, {}, now) for one in about}
    for row in stage.connection.execute(statements.records(stage.target, about)).mappings():
        key = key_of(stage.target, columns := dict(row))
        case = cases.get(columns.get("person_id", key))
        if case is not None:
            case.records[key] = columns
    for row in stage.connection.execute(statements.changes(stage.target, about)).mappings():
        said, held = (row[name] and from_json(stage.target, row[name]) for name in ("said", "held"))
        cases[row["about"]].changes[row["key"]] = HandChange(
            row["key"], row["about"], Hand(row["hand"]), row["changed_at"], said, held
        )
    if "person_id" in stage.table.c:
        for row in stage.connection.execute(statements.residents(about)).mappings():
            died = row["deceased_on"] is not None and row["deceased_on"] <= swedish(now).date()
            cases[row["person_id"]].is_now = None if died else Left(row["home_county"])
    if gone is not None and "person_id" in stage.table.c:
        for key, one in stage.connection.execute(statements.vanishing(gone.keys, stage.target)):
            if one in cases:
                cases[one].vanishing.add(key)
    return cases


def _carry_out(
    stage: Stage, load_log: LoadLog, decided: Sequence[tuple[Case, Case, Mapping[str, Row]]]
) -> None:
    """Write what was decided of cases: as they were, as they are decided, and their rows as read."""
    changed = []
    for before, after, rows in decided:
        for key, ruling in after.rulings.items():
            if ruling.ends:
                load_log.end(stage.record_type, ruling.ends)
            if ruling.adopts is not None:
                _rename(stage, load_log, ruling, ruling.adopts)
            if ruling.row != rows[key]:
                changed.append(ruling)
        for key, ruling in after.rulings.items():
            load_log.end(stage.record_type, _unsaid_ends(after, key, ruling))
        _know(stage, load_log, before.changes, known(after))
    stage.drop(one.place for one in changed)
    again = [
        {column.name: one.row[column.name] for column in stage.table.c}
        for one in changed
        if one.row is not None
    ]
    if again:
        stage.connection.execute(insert(stage.table), again)


def _unsaid_ends(case: Case, key: str, ruling: Ruling) -> list[tuple[Row, Row | None]]:
    """Return what is to be written of a record's end that the row, as it is applied, says nothing of."""
    record, row = case.records.get(key), ruling.row
    end = None if row is None else case.unsaid_end(row)
    if record is None or row is None or end is None or row[end] == record[end]:
        return []
    return [(record, record | {end: row[end]})]


def _rename(stage: Stage, load_log: LoadLog, ruling: Ruling, record: Mapping[str, Any]) -> None:
    """Give a hand's record the key by which the source knows it. An undo makes it the hand's again."""
    connection, target = stage.connection, stage.target
    file = load_log.first_file + ruling.place.file
    own = {"id": ruling.key, "loaded_from": file, "loaded_line": ruling.place.line, "added_from": file}
    connection.execute(insert(target), {**record, **own})
    load_log.tell(target, [{"key_id": ruling.key}])
    if target.name == "queue_place":
        places = {"queue_place_id": record["id"]}, {"queue_place_id": ruling.key}
        load_log.add_beside(listing_request, [places])
        connection.execute(statements.place_of_request(), {"old": record["id"], "new": ruling.key})
    load_log.end(stage.record_type, [(dict(record), None)])


def _know(
    stage: Stage,
    load_log: LoadLog,
    before: Mapping[str, HandChange],
    after: Mapping[str, HandChange],
) -> None:
    """Write down what is known of changes from now on."""
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) == after.get(key):
            continue
        own = {"record": stage.target.name, "key": key}
        old, new = (
            None if one is None else _columns(stage, one) for one in (before.get(key), after.get(key))
        )
        load_log.add_beside(changed_record, [(old or own, new)])
        stage.connection.execute(
            delete(changed_record).where(
                changed_record.c.record == stage.target.name, changed_record.c.key == key
            )
        )
        if new is not None:
            stage.connection.execute(insert(changed_record), new)


def _columns(stage: Stage, change: HandChange) -> dict[str, Any]:
    return {
        "record": stage.target.name,
        "key": change.key,
        "about": change.about,
        "hand": change.hand,
        "changed_at": change.changed_at,
        "said": None if change.said is None else as_json(change.said),
        "held": None if change.held is None else as_json(change.held),
    }


def counted(rulings: Iterable[Ruling]) -> Counter[Outcome]:
    """Return how many rows had each outcome."""
    return Counter(one.outcome for one in rulings if one.outcome is not None)
