"""The figures of the register as a whole: folding what has passed, and comparing them with a count.

`register.triggers` keeps them: whoever changes a listing, a queue place, a request or a day of death changes
the figures with it, in the same transaction. What a figure is at a moment is the sum of its amounts up to
then, so that a listing that begins or ends at a date needs nobody to do anything that day (docs/adr/0021).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Row,
    Select,
    Table,
    TableClause,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from contracts.codes import DOCTOR_CONTACT
from register import triggers
from register.database import INSERT, Register
from register.tables import (
    figure,
    figures_folded,
    listing,
    listing_request,
    patient_period,
    patients_held,
    queue_place,
    resident,
)

FIRST = datetime(1, 1, 1)
"""The moment that what has been folded stands at."""

NEVER = datetime(9999, 12, 31)
"""The end of what has none that is known, where an end must be."""

PATIENTS = "patients"
"""The kind of figure that is kept of a doctor and not of a listing type."""

KEPT = timedelta(hours=1)
"""How long a moment that has passed is kept apart: the clocks of several machines are not that different."""

_UNTIL = bindparam("until", type_=DateTime)
_FIRST = bindparam("first", FIRST, DateTime)

FOLDED = select(func.max(figures_folded.c.until)).scalar_subquery()
"""The moment before which the kept figures do not know what was: they have been folded up to it."""

_KEY = (figure.c.unit_key, figure.c.code, figure.c.code_system, figure.c.kind)


class _Midnight(FunctionElement[datetime]):
    """The moment at which a day begins."""

    type = DateTime()
    inherit_cache = True


@compiles(_Midnight, "sqlite")
def _midnight_as_text(element: _Midnight, compiler: SQLCompiler, **arguments: Any) -> str:
    return f"({compiler.process(element.clauses, **arguments)} || ' 00:00:00.000000')"


@compiles(_Midnight, "postgresql")
def _midnight_as_timestamp(element: _Midnight, compiler: SQLCompiler, **arguments: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **arguments)} AS TIMESTAMP)"


def _changes(
    kind: str, table: Table, begins: Column[datetime], ends: Column[datetime]
) -> tuple[Select[Any], Select[Any]]:
    """Return the changes of a figure by rows that count for a time: where they begin, where they end."""
    key: tuple[ColumnElement[Any], ...] = (
        table.c.unit_key,
        table.c.code,
        table.c.code_system,
        literal_column(f"'{kind}'").label("kind"),
    )
    died = _Midnight(resident.c.deceased_on)
    end: ColumnElement[Any] = case((or_(resident.c.deceased_on.is_(None), ends <= died), ends), else_=died)
    rows = table.join(resident, resident.c.person_id == table.c.person_id)
    return (
        select(*key, begins.label("moment"), literal_column("1").label("amount"))
        .select_from(rows)
        .where(or_(end.is_(None), begins < end)),
        select(*key, end, literal_column("-1")).select_from(rows).where(begins < end),
    )


def _waiting(kind: str, *also: ColumnElement[bool]) -> Select[Any]:
    """Return a change for each listing request that waits."""
    return select(
        listing_request.c.unit_key,
        listing_request.c.code,
        listing_request.c.code_system,
        literal_column(f"'{kind}'"),
        _FIRST,
        literal_column("1"),
    ).where(listing_request.c.state == literal_column("'waiting'"), *also)


def _patients(moment: Column[datetime], amount: int) -> Select[Any]:
    """Return a change at the beginning, or the end, of each time that somebody is a patient."""
    return select(
        patient_period.c.unit_key,
        patient_period.c.staff_key,
        literal_column(f"'{DOCTOR_CONTACT}'"),
        literal_column(f"'{PATIENTS}'"),
        moment,
        literal_column(str(amount)),
    )


_COUNTED = (
    *_changes("listed", listing, listing.c.valid_from, listing.c.valid_to),
    *_changes("queuing", queue_place, queue_place.c.queued_at, queue_place.c.left_at),
    _patients(patient_period.c.begins, 1),
    _patients(patient_period.c.ends, -1).where(patient_period.c.ends < NEVER),
    _waiting("requested"),
    _waiting("requested_from_queue", listing_request.c.queue_place_id.is_not(None)),
)

COUNTED = union_all(*_COUNTED).subquery("counted")
"""What the figures should be, worked out of all that is counted: with the columns of `figure`."""

_both = union_all(*_COUNTED, select(*_KEY, figure.c.moment, -figure.c.amount)).subquery("both")
_key = (_both.c.unit_key, _both.c.code, _both.c.code_system, _both.c.kind)
_moment = case((_both.c.moment > _UNTIL, _both.c.moment), else_=_FIRST)

_MISSING = (
    select(*_key, _moment.label("moment"), func.sum(_both.c.amount).label("amount"))
    .group_by(*_key, _moment)
    .having(func.sum(_both.c.amount) != 0)
    .order_by(*_key, _moment)
)
"""What the kept figures lack of those that are counted; below zero where they have too much."""

_PAST = and_(figure.c.moment <= _UNTIL, or_(figure.c.moment > _FIRST, figure.c.writer != 0))

_DUE: Select[Any] = (
    select(literal_column("1")).where(figure.c.moment > _FIRST, figure.c.moment <= _UNTIL).limit(1)
)
"""Whether something has passed that is not folded. By the index on the moment."""

_FOLD = select(*_KEY, func.sum(figure.c.amount)).where(_PAST).group_by(*_KEY)
"""What has passed since it was folded last."""


def fold_due(register: Register, now: datetime) -> None:
    """Fold what has passed, if there is anything: the figures then take a row each, and those to come.

    Args:
        register: The register.
        now: The present, Swedish local time.
    """
    with register.reading() as connection:
        due = connection.scalar(_DUE, {"until": now - KEPT})
    if due:
        with register.writing() as connection:
            fold(connection, now)


def fold(connection: Connection, now: datetime) -> None:
    """Fold what has passed. No figure is another for it, but what was before can no longer be told from it.

    Args:
        connection: A connection of `Register.writing`.
        now: The present, Swedish local time.
    """
    folded = connection.scalar(select(FOLDED))
    until = {"until": now - KEPT}
    if folded is not None and folded >= until["until"]:
        return
    found = connection.execute(_FOLD, until).all()
    connection.execute(delete(figure).where(_PAST), until)
    _add(connection, [(*row[:4], FIRST, row[4]) for row in found])
    connection.execute(delete(figures_folded))
    connection.execute(insert(figures_folded), until)


def differences(connection: Connection) -> list[Row[Any]]:
    """Return what the kept figures lack of those that are counted, by figure and moment.

    It reads everything that is counted.

    Args:
        connection: A connection to the register.
    """
    return list(connection.execute(_MISSING, {"until": connection.scalar(select(FOLDED)) or FIRST}))


@contextmanager
def patients_at_once(connection: Connection, table: TableClause, others: Sequence[str]) -> Iterator[None]:
    """Work out when residents are patients once for all rows that are written in the context.

    The triggers of SQLite would do it for each row, which takes longer than writing it. Those of PostgreSQL
    do it once a statement.

    Args:
        connection: A connection of `Register.writing`.
        table: A temporary table with the ``person_id`` of the rows.
        others: Residents that rows have been about until now.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.execute(insert(patients_held).values(number=1))
    yield
    connection.execute(delete(patients_held))
    of_rows = f"IN (SELECT person_id FROM {table.name})"  # noqa: S608 - a name of ours
    for statement in triggers.patients_of(of_rows):
        connection.exec_driver_sql(statement)
    for statement in triggers.patients_of("= ?"):
        for person_id in others:
            connection.exec_driver_sql(statement, (person_id,))


def wrong_patients(connection: Connection) -> int:
    """Return how many times of patients differ from what contacts and listings say, and so the figures.

    It reads all contacts with doctors.

    Args:
        connection: A connection to the register.
    """
    return int(connection.scalar(triggers.WRONG_PATIENTS[connection.dialect.name]) or 0)


def repair(connection: Connection) -> None:
    """Make the triggers anew, and the figures what a count says.

    Args:
        connection: A connection of `Register.writing`.
    """
    triggers.make(connection)
    connection.execute(delete(patient_period))
    connection.execute(triggers.ALL_PATIENTS[connection.dialect.name])
    found = differences(connection)
    _add(connection, found)


def begin(connection: Connection, now: datetime) -> None:
    """Count what a register holds that has just got its tables, or others than before.

    Args:
        connection: A connection of `Register.writing`.
        now: The present, Swedish local time.
    """
    if connection.scalar(select(listing.c.id).limit(1)) is not None:
        fold(connection, now)  # all that has passed is then one row for each figure
    repair(connection)


def _add(connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
    """Add to the figures: rows of their key, the moment and the amount."""
    if not rows:
        return
    put = INSERT[connection.dialect.name](figure)
    added = put.on_conflict_do_update(
        index_elements=list(figure.primary_key), set_={"amount": figure.c.amount + put.excluded.amount}
    )
    names = [column.name for column in (*_KEY, figure.c.moment, figure.c.amount)]
    connection.execute(added, [dict(zip(names, row, strict=True)) | {"writer": 0} for row in rows])
