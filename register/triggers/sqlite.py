"""The triggers on SQLite, which count row by row.

SQLite has one writer, so the figures have one row for each moment. An ``INSERT OR REPLACE`` would remove rows
without a word to the triggers: nobody is to use it.
"""

from collections.abc import Iterator

from contracts.codes import DOCTOR_CONTACT
from register.triggers import patients
from register.triggers.counted import ADDED, FIRST, INTO, PERIODS, WAITING

_FOLDED = f"coalesce((SELECT until FROM figures_folded), {FIRST})"

_NEVER = "'never'"
"""Comes after every moment in the order of texts."""

_NOT_HELD = "NOT EXISTS (SELECT 1 FROM patients_held)"
"""Nobody is writing many rows just now, after which patients are worked out at once."""

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
        " ".join(
            [
                *(_all_of_resident(row, *period) for period in PERIODS for row in _SIGNS),
                _patients("= NEW.person_id"),
            ]
        ),
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


def _periods(of: str = "") -> str:
    return patients.periods(
        "contact.valid_from || ' 00:00:00.000000'",
        f"coalesce(date(contact.valid_to, '+1 day') || ' 00:00:00.000000', {patients.NEVER})",
        f"coalesce(resident.deceased_on || ' 00:00:00.000000', {patients.NEVER})",
        "min",
        "max",
        of,
    )


PATIENTS = _periods()
"""Works out the rows of ``patient_period``."""


def patients_of(people: str) -> tuple[str, str]:
    """Return the statements that work out anew when some residents are patients.

    Args:
        people: Who, as ``person_id`` is to be compared.
    """
    return (
        f"DELETE FROM patient_period WHERE person_id {people}",
        f"INSERT INTO patient_period ({patients.COLUMNS}) {_periods(people)}",
    )


def _patients(people: str) -> str:
    return " ".join(f"{statement};" for statement in patients_of(people))


def _of_patient() -> Iterator[tuple[str, str]]:
    """Yield the triggers that count the rows of ``patient_period``."""
    for event, row, sign in (("INSERT", "NEW", 1), ("DELETE", "OLD", -1)):
        key = f"{row}.unit_key, {row}.staff_key, '{DOCTOR_CONTACT}', '{patients.KIND}'"
        yield (
            f"AFTER {event} ON patient_period WHEN {row}.ends > {_FOLDED}",
            f"{INTO} SELECT {key}, {_at(f'{row}.begins')}, 0, {sign} WHERE true {ADDED};"
            f" {INTO} SELECT {key}, {row}.ends, 0, {-sign} WHERE {row}.ends < {patients.NEVER} {ADDED};",
        )


def _of_contact() -> Iterator[tuple[str, str]]:
    """Yield the triggers of what makes patients: contacts, listings, and units that belong to others."""
    new, old, either = "= NEW.person_id", "= OLD.person_id", "IN (NEW.person_id, OLD.person_id)"
    columns = ("person_id", "type_code", "staff_key", "unit_key", "valid_from", "valid_to")
    differ = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in columns)
    is_doctor = f"'{DOCTOR_CONTACT}'"
    yield f"AFTER INSERT ON fixed_contact WHEN NEW.type_code = {is_doctor} AND {_NOT_HELD}", _patients(new)
    yield f"AFTER DELETE ON fixed_contact WHEN OLD.type_code = {is_doctor} AND {_NOT_HELD}", _patients(old)
    yield (
        f"AFTER UPDATE OF {', '.join(columns)} ON fixed_contact"
        f" WHEN {_NOT_HELD} AND {is_doctor} IN (NEW.type_code, OLD.type_code) AND ({differ})",
        _patients(either),
    )


def _of_listing() -> Iterator[tuple[str, str]]:
    has_doctor = (
        f"{_NOT_HELD} AND EXISTS (SELECT 1 FROM fixed_contact WHERE person_id {{}} AND {patients.IS_DOCTOR})"
    )
    new, old, either = "= NEW.person_id", "= OLD.person_id", "IN (NEW.person_id, OLD.person_id)"
    columns = ("person_id", "unit_key", "code", "code_system", "valid_from", "valid_to")
    differ = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in columns)
    yield f"AFTER INSERT ON listing WHEN {has_doctor.format(new)}", _patients(new)
    yield f"AFTER DELETE ON listing WHEN {has_doctor.format(old)}", _patients(old)
    yield (
        f"AFTER UPDATE OF {', '.join(columns)} ON listing WHEN ({differ}) AND {has_doctor.format(either)}",
        _patients(either),
    )


def _of_unit() -> Iterator[tuple[str, str]]:
    there = f"IN (SELECT person_id FROM fixed_contact WHERE unit_key = NEW.hsa_key AND {patients.IS_DOCTOR})"
    yield (
        "AFTER UPDATE OF care_unit_key ON unit WHEN OLD.care_unit_key IS NOT NEW.care_unit_key",
        _patients(there),
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
        ("patient_period", _of_patient()),
        ("fixed_contact", _of_contact()),
        ("listing_patients", _of_listing()),
        ("unit", _of_unit()),
    )
    for name, statements in _named(table, triggers)
}
"""Name of a trigger -> the statements that make it."""
