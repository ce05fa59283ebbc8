"""The triggers on PostgreSQL, which count once a statement, over all rows that it changed.

Each process counts in rows of its own (``writer``), so that writers never wait for each other's figures.
"""

from collections.abc import Iterator

from register.triggers import patients
from register.triggers.counted import ADDED, FIRST, INTO, PERIODS, WAITING

_FIRST = f"{FIRST}::timestamp"

_FOLDED = f"coalesce((SELECT until FROM figures_folded), {_FIRST})"

_TABLES = {
    "INSERT": "NEW TABLE AS added",
    "UPDATE": "OLD TABLE AS removed NEW TABLE AS added",
    "DELETE": "OLD TABLE AS removed",
}
"""Event -> the rows that a trigger is given."""


def _changed(event: str, columns: str) -> str:
    """Return what selects columns of the rows of an event, each with the ``sign`` it counts with."""
    added, removed = f"SELECT {columns}, 1 AS sign FROM added", f"SELECT {columns}, -1 AS sign FROM removed"
    return {"INSERT": added, "UPDATE": f"{added} UNION ALL {removed}", "DELETE": removed}[event]


def _count(kind: str, periods: str) -> str:
    """Count rows with a ``sign`` that count from ``begins`` to ``ends``."""
    return (
        f"{INTO} SELECT unit_key, code, code_system, '{kind}',"
        f" CASE WHEN moment > {_FOLDED} THEN moment ELSE {_FIRST} END AS at, pg_backend_pid(), sum(amount)"
        f" FROM ({periods}) AS period CROSS JOIN LATERAL"
        " (VALUES (begins, sign), (ends, -sign)) AS change (moment, amount)"
        " WHERE moment IS NOT NULL AND (ends IS NULL OR begins < ends)"
        f" GROUP BY unit_key, code, code_system, at HAVING sum(amount) <> 0 {ADDED};"
    )


def _of_period(table: str, kind: str, begins: str, ends: str) -> Iterator[tuple[str, str, str]]:
    """Yield the triggers of a table whose rows count for a time."""
    columns = f"unit_key, code, code_system, person_id, {begins}, {ends}"
    for event in _TABLES:
        # A load changes many rows in what is not counted; LEAST passes over what is NULL.
        periods = (
            f"SELECT unit_key, code, code_system, {begins} AS begins,"
            f" LEAST({ends}, resident.deceased_on::timestamp) AS ends, sign"
            f" FROM (SELECT {columns}, sum(sign) AS sign FROM ({_changed(event, columns)}) AS changed"
            f" GROUP BY {columns} HAVING sum(sign) <> 0) AS changed JOIN resident USING (person_id)"
        )
        body = _count(kind, periods)
        if table == "listing":
            body += _patients(_people(event, columns, f"{patients.IS_PV} AND {_HAS_DOCTOR}"))
        yield table, event, body


def _of_requests() -> Iterator[tuple[str, str, str]]:
    for event in _TABLES:
        yield (
            "listing_request",
            event,
            " ".join(
                f"{INTO} SELECT unit_key, code, code_system, '{kind}', {_FIRST}, pg_backend_pid(), sum(sign)"
                f" FROM ({_changed(event, '*')}) AS changed WHERE {condition.format('changed')}"
                f" GROUP BY unit_key, code, code_system HAVING sum(sign) <> 0 {ADDED};"
                for kind, condition in WAITING.items()
            ),
        )


def _of_deaths() -> Iterator[tuple[str, str, str]]:
    deaths = (
        "added JOIN removed USING (person_id) CROSS JOIN LATERAL"
        " (VALUES (added.deceased_on::timestamp, 1), (removed.deceased_on::timestamp, -1))"
        " AS death (died, sign)"
    )
    yield (
        "resident",
        "UPDATE",
        " ".join(
            _count(
                kind,
                f"SELECT unit_key, code, code_system, {begins} AS begins, LEAST({ends}, died) AS ends, sign"
                f" FROM {deaths} JOIN {table} USING (person_id)"
                " WHERE added.deceased_on IS DISTINCT FROM removed.deceased_on",
            )
            for table, kind, begins, ends in PERIODS
        )
        + _patients(
            "SELECT person_id FROM added JOIN removed USING (person_id)"
            " WHERE added.deceased_on IS DISTINCT FROM removed.deceased_on"
        ),
    )


def _periods(of: str = "") -> str:
    never = f"{patients.NEVER}::timestamp"
    return patients.periods(
        "contact.valid_from::timestamp",
        f"coalesce((contact.valid_to + 1)::timestamp, {never})",
        f"coalesce(resident.deceased_on::timestamp, {never})",
        "LEAST",
        "GREATEST",
        of,
    )


PATIENTS = _periods()
"""Works out the rows of ``patient_period``."""


def _patients(people: str) -> str:
    """Work out anew when the residents that a query finds are patients."""
    of = "IN (SELECT unnest(people))"
    return (
        f"people := ARRAY({people}); IF cardinality(people) > 0 THEN"
        f" DELETE FROM patient_period WHERE person_id {of};"
        f" INSERT INTO patient_period ({patients.COLUMNS}) {_periods(of)};"
        " END IF;"
    )


def _people(event: str, columns: str, where: str) -> str:
    """Return what finds the residents of changed rows, those left out that only changed in other columns."""
    return (
        f"SELECT DISTINCT person_id FROM (SELECT {columns} FROM ({_changed(event, columns)}) AS changed"
        f" GROUP BY {columns} HAVING sum(sign) <> 0) AS changed WHERE {where}"
    )


_HAS_DOCTOR = (
    "EXISTS (SELECT FROM fixed_contact AS contact"
    f" WHERE contact.person_id = changed.person_id AND contact.{patients.IS_DOCTOR})"
)


def _of_patients() -> Iterator[tuple[str, str, str]]:
    """Yield the triggers that count the rows of ``patient_period``, and those of what makes patients."""
    for event in ("INSERT", "DELETE"):
        yield (
            "patient_period",
            event,
            f"{INTO} SELECT {patients.KEY}, CASE WHEN moment > {_FOLDED} THEN moment ELSE {_FIRST} END AS at,"
            f" pg_backend_pid(), sum(amount) FROM ({_changed(event, '*')}) AS period CROSS JOIN LATERAL"
            " (VALUES (begins, sign), (ends, -sign)) AS change (moment, amount)"
            f" WHERE moment < {patients.NEVER}"
            f" GROUP BY unit_key, staff_key, at HAVING sum(amount) <> 0 {ADDED};",
        )
    contact = "person_id, type_code, staff_key, unit_key, valid_from, valid_to"
    for event in _TABLES:
        yield "fixed_contact", event, _patients(_people(event, contact, patients.IS_DOCTOR))
    yield (
        "unit",
        "UPDATE",
        _patients(
            "SELECT DISTINCT person_id FROM fixed_contact JOIN added ON added.hsa_key = unit_key"
            " JOIN removed ON removed.hsa_key = added.hsa_key"
            f" WHERE {patients.IS_DOCTOR} AND added.care_unit_key IS DISTINCT FROM removed.care_unit_key"
        ),
    )


def _made(table: str, event: str, body: str) -> tuple[str, list[str]]:
    name = f"figures_{table}_{event.lower()}"
    return name, [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ DECLARE people text[]; BEGIN {body} RETURN NULL; END $$",
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {_TABLES[event]}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
    ]


STATEMENTS = dict(
    _made(*trigger)
    for triggers in (
        *(_of_period(*period) for period in PERIODS),
        _of_requests(),
        _of_deaths(),
        _of_patients(),
    )
    for trigger in triggers
)
"""Name of a trigger -> the statements that make it."""
