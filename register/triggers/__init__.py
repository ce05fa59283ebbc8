"""What keeps the figures of the register: triggers, so that no writer can forget it (docs/adr/0021).

A listing is one more at the moment it begins and one less at the moment it ends: at its end, or at the
beginning of the day of its resident's death, whichever is first. A place in a queue likewise. A request
counts while it waits. A resident is a patient of a doctor while `contacts.doctors` says so. What has been
folded stands at one moment before all others.

`register.schema` takes the triggers away before it changes tables, and makes them again after. Who changes
one adds a revision, if only an empty one.
"""

from sqlalchemy import Connection, text

from register.triggers import patients, postgresql, sqlite

_STATEMENTS = {"sqlite": sqlite.STATEMENTS, "postgresql": postgresql.STATEMENTS}
"""Dialect -> name of a trigger -> the statements that make it."""

_MADE = {
    "sqlite": text(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'figures!_%' ESCAPE '!'"
    ),
    "postgresql": text(
        "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
        " WHERE relnamespace = current_schema()::regnamespace AND tgname LIKE 'figures!_%' ESCAPE '!'"
    ),
}
"""What finds the names of the triggers there are."""

_PATIENTS = {"sqlite": sqlite.PATIENTS, "postgresql": postgresql.PATIENTS}

ALL_PATIENTS = {
    dialect: text(f"INSERT INTO patient_period ({patients.COLUMNS}) {found}")
    for dialect, found in _PATIENTS.items()
}
"""What works out all times that somebody is a patient of a doctor."""

WRONG_PATIENTS = {
    dialect: text(
        f"SELECT (SELECT count(*) FROM (SELECT {patients.COLUMNS} FROM patient_period"
        f" EXCEPT SELECT * FROM ({found}) AS found) AS too_much)"
        f" + (SELECT count(*) FROM (SELECT * FROM ({found}) AS found"
        f" EXCEPT SELECT {patients.COLUMNS} FROM patient_period) AS missing)"
    )
    for dialect, found in _PATIENTS.items()
}
"""How many of those times that are kept are not what they should be, or are not kept."""

patients_of = sqlite.patients_of

_REMOVE = {"sqlite": "DROP TRIGGER {}", "postgresql": "DROP FUNCTION {} CASCADE"}


def missing(connection: Connection) -> set[str]:
    """Return the names of triggers that should be there and are not."""
    return set(_STATEMENTS[connection.dialect.name]) - set(_made(connection))


def make(connection: Connection) -> None:
    """Make the triggers, those that are there anew."""
    remove(connection)
    for statements in _STATEMENTS[connection.dialect.name].values():
        for statement in statements:
            connection.exec_driver_sql(statement)


def remove(connection: Connection) -> None:
    """Take the triggers away: until they are made again the figures do not follow what is changed."""
    for name in _made(connection):
        connection.exec_driver_sql(_REMOVE[connection.dialect.name].format(name))


def _made(connection: Connection) -> list[str]:
    return list(connection.scalars(_MADE[connection.dialect.name]))
