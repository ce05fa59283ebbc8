"""What the register must say about the fixed contacts of a load, and whom they supersede.

The rules are those of the upload of fast läkarkontakt (seed 001, "Ladda upp via fil"; requirement rows
S001-012, S001-015, S001-019, S001-055, S001-056). A link that began before today is checked against today:
what is uploaded is who the contact is now (S001-044).
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from mapping.loads.batches import RecordCounts
from mapping.loads.load_log import RECORDS_AT_A_TIME, LoadLog, RecordChange
from mapping.loads.staging import RowFault, RowPlace, Stage
from mapping.loads.statements import contact_rules as statements
from mapping.loads.vanished import ended_before
from mapping.sources.section import ProfileSection
from register.conditions import at
from register.model import FixedContact

_NOT_EMPLOYED = "the staff cannot be chosen for this contact at the unit on that day"
_NOT_LISTED = "the resident is not listed (PV) at the unit on that day"
_PAUSED = "the staff takes no new patients at the unit"
_BEYOND_CAP = "the staff has as many patients at the unit as the cap allows"


def drop_known(stage: Stage, today: date) -> int:
    """Take out the rows that name a contact whom the resident has on that day, and return how many.

    A day that has passed means the present one.
    """
    return stage.connection.execute(statements.delete_known(stage.table, today)).rowcount


def faults(
    stage: Stage, section: ProfileSection, load_log: LoadLog, now: datetime
) -> Iterator[list[RowFault]]:
    """Yield the faults of contacts that are not as the profile wants the register to say about them.

    The caller takes the rows out before it asks for the next: who is refused takes no doctor's room.
    """
    checks = section.checks
    if checks.listed is not None:
        yield [
            RowFault(place, "person_id", _message(checks.listed, _NOT_LISTED))
            for place in stage.places(statements.not_listed(stage.table, now))
        ]
    if checks.employed is not None:
        yield [
            RowFault(place, "staff", _message(checks.employed, _NOT_EMPLOYED))
            for place in stage.places(statements.not_employed(stage.table, now.date()))
        ]
    if section.current:
        others = statements.superseding_others(stage.table, load_log.source, load_log.first_file)
        yield [
            RowFault(
                place,
                None,
                "another source has brought the contact whom this one would replace; end it there",
            )
            for place in stage.places(others)
        ]
        yield [
            RowFault(
                RowPlace(file, line),
                "valid_from",
                "the resident has another contact of the type who began on that day or after it",
                f" ({day})",
            )
            for file, line, day in stage.connection.execute(statements.begun_later(stage.table, now.date()))
        ]
    if checks.within_cap is not None:
        yield [
            RowFault(place, "staff", _message(checks.within_cap, _PAUSED))
            for place in stage.places(statements.paused(stage.table))
        ]
        yield [
            RowFault(place, "staff", _message(checks.within_cap, _BEYOND_CAP), f" ({cap})")
            for place, cap in _beyond_cap(stage, now)
        ]


def _message(check: str | bool, usual: str) -> str:
    return usual if check is True else str(check)


def _beyond_cap(stage: Stage, now: datetime) -> Iterator[tuple[RowPlace, int]]:
    """Yield the doctors' contacts that are more than the cap allows, the last of the file, and the cap.

    Who has the doctor already and is moved to another by the load makes room.
    """
    caps: dict[tuple[Any, Any], int] = {}
    room: dict[tuple[Any, Any], int] = {}
    for *doctor, cap, patients in stage.connection.execute(statements.capped_doctors(stage.table), at(now)):
        caps[*doctor], room[*doctor] = cap, cap - patients
    for *doctor, file, line in stage.connection.execute(statements.of_capped_doctors(stage.table)):
        room[*doctor] -= 1
        if room[*doctor] < 0:
            yield RowPlace(file, line), caps[*doctor]


def end_superseded(stage: Stage, load_log: LoadLog) -> RecordCounts:
    """End the contacts whom those of the stage supersede, the day before (requirement row S000-032)."""
    counts = RecordCounts()
    found = stage.connection.execute(
        statements.superseded(stage.table).execution_options(yield_per=RECORDS_AT_A_TIME)
    )
    for rows in found.mappings().partitions():
        changes: list[RecordChange] = []
        for row in rows:
            before = dict(row)
            first_day = before.pop("superseded_from")
            changes.append((before, ended_before(before, first_day)))
        counts = counts.plus(load_log.end(FixedContact, changes))
    return counts
