"""The triggers on SQLite, which count row by row.

SQLite has one writer, so the figures have one row for each moment. An ``INSERT OR REPLACE`` would remove rows
without a word to the triggers: nobody is to use it.
"""

from collections.abc import Iterator

from register.triggers.counted import ADDED, FIRST, INTO, PERIODS, WAITING

_FOLDED = f"coalesce((SELECT until FROM figures_folded), {FIRST})"

_NEVER = "'never'"
"""Comes after every moment in the order of texts."""

_SIGNS = {"NEW": 1, "OLD": -1}
"""How much the row before and after a change counts."""


def _at(moment: str) -> str:
    """Return the moment that a change at a moment is kept at."""
    return f"CASE WHEN {moment} > {_FOLDED} THEN {moment} ELSE {FIRST} END"


def _end(ends: str, died: str) -> str:
    """Return when a row ends to count, for a column of its end and a day of death."""
    midnight = f"{died} || ' 00:00:00.000000'"
    return f"min(coalesce({ends}, {_NEVER}), coalesce({midnight}, {_NEVER}))"


def _row(row: str, kind: str, begins: str, ends: str) -> str:
    """Count the row of a trigger before or after the change."""
    # By the small index of the dead: residents are all over their table.
    died = (
        "(SELECT deceased_on FROM resident INDEXED BY ix_resident_deceased"
        f" WHERE person_id = {row}.person_id AND deceased_on IS NOT NULL)"
    )
    begins, end, sign = f"{row}.{begins}", _end(f"{row}.{ends}", died), _SIGNS[row]
    key = f"{row}.unit_key, {row}.code, {row}.code_system, '{kind}'"
    return (
        f"{INTO} SELECT {key}, {_at(begins)}, 0, {sign} WHERE {begins} < {end} {ADDED};"
        f" {INTO} SELECT {key}, {_at('ended')}, 0, {-sign} FROM (SELECT {end} AS ended)"
        f" WHERE {begins} < ended AND ended <> {_NEVER} {ADDED};"
    )


def _of_period(table: str, kind: str, begins: str, ends: str) -> Iterator[tuple[str, str]]:
    """Yield the triggers of a table whose rows count for a time."""
    columns = ("unit_key", "code", "code_system", "person_id", begins, ends)
    new, old = (_row(row, kind, begins, ends) for row in _SIGNS)
    # A row that had ended when figures were folded last: one more and one less at the same moment.
    counts = {row: f"({row}.{ends} IS NULL OR {row}.{ends} > {_FOLDED})" for row in _SIGNS}
    differ = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in columns)
    yield f"AFTER INSERT ON {table} WHEN {counts['NEW']}", new
    yield f"AFTER DELETE ON {table} WHEN {counts['OLD']}", old
    yield f"AFTER UPDATE OF {', '.join(columns)} ON {table} WHEN {differ}", f"{old} {new}"


def _of_request() -> Iterator[tuple[str, str]]:
    new, old = (
        " ".join(
            f"{INTO} SELECT {row}.unit_key, {row}.code, {row}.code_system, '{kind}', {FIRST}, 0, {sign}"
            f" WHERE {condition.format(row)} {ADDED};"
            for kind, condition in WAITING.items()
        )
        for row, sign in _SIGNS.items()
    )
    columns = "unit_key, code, code_system, state, queue_place_id"
    yield "AFTER INSERT ON listing_request", new
    yield "AFTER DELETE ON listing_request", old
    yield f"AFTER UPDATE OF {columns} ON listing_request", f"{old} {new}"


def _of_death() -> Iterator[tuple[str, str]]:
    yield (
        "AFTER UPDATE OF deceased_on ON resident WHEN OLD.deceased_on IS NOT NEW.deceased_on",
        " ".join(_all_of_resident(row, *period) for period in PERIODS for row in _SIGNS),
    )


def _all_of_resident(row: str, table: str, kind: str, begins: str, ends: str) -> str:
    """Count all that a resident has, with the day of death before or after the change."""
    found = (
        f"SELECT unit_key, code, code_system, {begins} AS begins, {_end(ends, f'{row}.deceased_on')} AS ended"
        f" FROM {table} WHERE person_id = {row}.person_id"
    )
    return (
        f"{INTO} SELECT unit_key, code, code_system, '{kind}', {_at('moment')} AS at, 0,"
        f" sum(amount) * {_SIGNS[row]} FROM ("
        "SELECT unit_key, code, code_system, begins AS moment, 1 AS amount"
        f" FROM ({found}) WHERE begins < ended"
        f" UNION ALL SELECT unit_key, code, code_system, ended, -1 FROM ({found}) WHERE begins < ended"
        f") WHERE moment <> {_NEVER} GROUP BY unit_key, code, code_system, at {ADDED};"
    )


def _named(table: str, triggers: Iterator[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    for when, body in triggers:
        name = f"figures_{table}_{when.split()[1].lower()}"
        yield name, [f"CREATE TRIGGER {name} {when} BEGIN {body} END"]


STATEMENTS = {
    name: statements
    for table, triggers in (
        *((period[0], _of_period(*period)) for period in PERIODS),
        ("listing_request", _of_request()),
        ("resident", _of_death()),
    )
    for name, statements in _named(table, triggers)
}
"""Name of a trigger -> the statements that make it."""
