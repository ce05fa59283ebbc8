"""Staged rows to records: what differs from the register is written, the rest left alone."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Table, and_, delete, exists, insert, select
from sqlalchemy.sql.selectable import Select

from contacts import index_marks
from mapping.loads.batches import RecordCounts
from mapping.loads.bulk import ORIGIN
from mapping.loads.load_log import LoadLog, RecordChange, RecordRow, with_values
from mapping.loads.staging import Stage
from register.database import INSERT
from register.model import FixedContact, Listing
from register.tables import fixed_contact

_AT_A_TIME = 1000


def apply(stage: Stage, journal: LoadLog) -> RecordCounts:
    """Write the rows of a stage, of which none is as the register has it, and return what became of them."""
    total = stage.count()
    changed = 0
    for changes in _changes(stage):
        journal.note(stage.record_type, changes)
        changed += len(changes)
    _mark_new(stage, journal)
    _write(stage, journal)
    _write_values(stage)
    return RecordCounts(added=total - changed, changed=changed)


def _changes(stage: Stage) -> Iterator[list[RecordChange]]:
    """Yield, some at a time, the records that the rows change."""
    names = [column.name for column in stage.target.c]
    new = [stage.table.c[name].label(f"new_{name}") for name in stage.replaced]
    statement = select(*stage.target.c, *new).join_from(stage.table, stage.target, stage.same)
    found = stage.connection.execute(statement.execution_options(yield_per=_AT_A_TIME))
    for rows in found.partitions():
        befores = [dict(zip(names, row, strict=False)) for row in rows]
        afters = [
            before | dict(zip(stage.replaced, row[len(names) :], strict=True))
            for before, row in zip(befores, rows, strict=True)
        ]
        yield list(zip(*_with_values(stage, befores, afters), strict=True))


def _with_values(
    stage: Stage, befores: list[RecordRow], afters: list[RecordRow]
) -> tuple[list[RecordRow], list[RecordRow]]:
    if stage.values is None:
        return befores, afters
    return with_values(stage.connection, stage.record_type, befores), stage.with_values(afters)


def _mark_new(stage: Stage, journal: LoadLog) -> None:
    """Have the engagement index looked over for residents of whom there is a new contact or listing."""
    if stage.record_type is FixedContact:
        people: Select[tuple[str]] = select(stage.table.c.person_id).where(~stage.known).distinct()
        index_marks.mark_selected(stage.connection, people, journal.now)
    elif stage.record_type is Listing:
        listed = select(stage.table.c.person_id).where(~stage.known)
        index_marks.mark_where(stage.connection, fixed_contact.c.person_id.in_(listed), journal.now)


def _write(stage: Stage, journal: LoadLog) -> None:
    file = stage.table.c.loaded_from + journal.first_file
    values = {column.name: column for column in stage.table.c} | {"loaded_from": file, "added_from": file}
    # Without a WHERE SQLite takes ON CONFLICT for the condition of a join.
    rows = select(*values.values()).where(stage.table.c.loaded_line.is_not(None))
    statement = INSERT[stage.connection.dialect.name](stage.target).from_select(list(values), rows)
    replaced = {name: statement.excluded[name] for name in (*stage.replaced, *ORIGIN)}
    stage.connection.execute(
        statement.on_conflict_do_update(index_elements=list(stage.target.primary_key), set_=replaced)
    )


def _write_values(stage: Stage) -> None:
    """Make the values of records those of their rows."""
    if stage.values is None or stage.side is None:
        return
    of, key = stage.side.table, [column.name for column in stage.target.primary_key]

    def staged(table: Table) -> ColumnElement[bool]:
        return exists().where(and_(*(stage.table.c[name] == table.c[name] for name in key)))

    alike = and_(*(of.c[column.name] == stage.values.c[column.name] for column in of.c))
    stage.connection.execute(delete(of).where(staged(of), ~exists().where(alike)))
    missing = select(*(stage.values.c[column.name] for column in of.c)).where(
        staged(stage.values), ~exists().where(alike)
    )
    stage.connection.execute(insert(of).from_select([column.name for column in of.c], missing.distinct()))
