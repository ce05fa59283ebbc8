"""Staged rows to records: what differs from the register is written, the rest left alone."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

from sqlalchemy import join

from contacts import index_marks
from mapping.loads.batches import RecordCounts
from mapping.loads.load_log import RECORDS_AT_A_TIME, LoadLog, RecordChange, with_values
from mapping.loads.staging import Stage
from mapping.loads.statements import apply as statements
from mapping.loads.statements import staging
from mapping.loads.statements.shared import about
from register import feed, figures
from register.model import FixedContact, Listing, Resident


def drop_known_of_others(stage: Stage, load_log: LoadLog) -> int:
    """Take out rows about a record that is not the source's own, and return how many."""
    known = statements.delete_known_of_others(stage.table, stage.target, load_log.source, load_log.first_file)
    return stage.connection.execute(known).rowcount


def drop_unchanged(stage: Stage, load_log: LoadLog) -> int:
    """Take out rows that change nothing of their record, and return how many.

    The source's own records know such a row from then on as the last that spoke of them.
    """
    kept_values = stage.side.table if stage.side is not None else None
    unchanged = (stage.table, stage.target, stage.mapped, stage.values, kept_values)
    stage.connection.execute(
        statements.update_origins(*unchanged, source=load_log.source, first_file=load_log.first_file)
    )
    return stage.connection.execute(statements.delete_unchanged(*unchanged)).rowcount


def apply(stage: Stage, load_log: LoadLog) -> RecordCounts:
    """Write the rows of a stage, of which none is as the register has it, and return what became of them."""
    total = stage.connection.execute(staging.number(stage.table)).scalar_one()
    changed = 0
    for changes in _changes(stage):
        load_log.add(stage.record_type, changes)
        changed += len(changes)
    _mark_new(stage, load_log)
    _tell_of_residents(stage, load_log)
    write = statements.write_records(
        stage.table, stage.target, stage.mapped, load_log.first_file, stage.connection.dialect.name
    )
    with _patients_at_once(stage):
        stage.connection.execute(write)
    _tell(stage, load_log)
    _write_values(stage)
    return RecordCounts(added=total - changed, changed=changed)


def _changes(stage: Stage) -> Iterator[list[RecordChange]]:
    """Yield, some at a time, the records that the rows change."""
    names = [column.name for column in stage.target.c]
    statement = statements.changed(stage.table, stage.target, stage.mapped)
    found = stage.connection.execute(statement.execution_options(yield_per=RECORDS_AT_A_TIME))
    for rows in found.partitions():
        befores = [dict(zip(names, row, strict=False)) for row in rows]
        afters = [
            before | dict(zip(stage.mapped, row[len(names) :], strict=True))
            for before, row in zip(befores, rows, strict=True)
        ]
        if stage.values is not None:
            befores = with_values(stage.connection, stage.record_type, befores)
            afters = with_values(stage.connection, stage.record_type, afters, stage.values)
        yield list(zip(befores, afters, strict=True))


def _patients_at_once(stage: Stage) -> AbstractContextManager[None]:
    """Have what the rows make of patients worked out once for all of them."""
    if stage.record_type not in (FixedContact, Listing):
        return nullcontext()
    found = statements.people_of_records(stage.table, stage.target)
    others = stage.connection.scalars(found).all()
    return figures.patients_at_once(stage.connection, stage.table, others)


def _mark_new(stage: Stage, load_log: LoadLog) -> None:
    """Have the engagement index looked over for residents of whom there is a new contact or listing."""
    if stage.record_type is FixedContact:
        people = statements.people_with_new_contacts(stage.table, stage.target)
        index_marks.mark_selected(stage.connection, people, load_log.now)
    elif stage.record_type is Listing:
        people = statements.contacts_of_newly_listed(stage.table, stage.target)
        index_marks.mark_selected(stage.connection, people, load_log.now)


def _tell(stage: Stage, load_log: LoadLog) -> None:
    """Tell other systems what the rows have made of their records. Cost: n, found by their keys."""
    met = join(stage.table, stage.target, about(stage.table, stage.target))
    new = stage.target.c.added_from >= load_log.first_file
    feed.add(stage.connection, stage.target, load_log.origin, of=met, begun=new)


def _tell_of_residents(stage: Stage, load_log: LoadLog) -> None:
    """Tell other systems of known residents who move, die or become protected. Cost as that of `_tell`."""
    if stage.record_type is Resident:
        met = join(stage.table, stage.target, about(stage.table, stage.target))
        county, deceased_on, protected = (
            stage.table.c[name] if name in stage.mapped else None
            for name in ("home_county", "deceased_on", "protected")
        )
        feed.add_residents(
            stage.connection,
            load_log.origin,
            of=met,
            county=county,
            deceased_on=deceased_on,
            protected=protected,
        )


def _write_values(stage: Stage) -> None:
    """Make the values of records those of their rows."""
    if stage.values is None or stage.side is None:
        return
    tables = (stage.table, stage.target, stage.values, stage.side.table)
    stage.connection.execute(statements.delete_gone_values(*tables))
    stage.connection.execute(statements.insert_new_values(*tables))
