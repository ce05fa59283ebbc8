"""Two health centres with doctors of every kind and listed patients, for uploads of fast läkarkontakt."""

from datetime import timedelta
from typing import Any

from register import tables
from register.database import Register
from register.model import Staff, Unit
from tests.databases import keep
from tests.integration.shipped import rows
from tests.people import people
from tests.records import OTHER_ID, PROVIDER, TODAY, doctor, listing, residents, unit, works_at

NAME = "listing-upload"
DAY = timedelta(days=1)

NO_DOCTOR = "HSA-id saknas för läkare hos vårdcentral"
NOT_LISTED = "Personnummer matchar inte vårdcentral vårdval"

CENTRE, CLINIC = unit("centre"), unit("clinic")
DORA, ERIC, FRIDA, GUS, NORA = (doctor(name) for name in ("dora", "eric", "frida", "gus", "nora"))
STRANGER = doctor("stranger")
"""Not in the register."""

*_PATIENTS, NOT_THERE = people(31)
AT_CENTRE, AT_CLINIC = _PATIENTS[:20], _PATIENTS[20:]
"""Listed at the one and at the other; `OTHER_ID`, a samordningsnummer, is listed at the centre."""

HEADER = "Personnummer;HSA-id enhet;HSA-id läkare;Datum"


def row(person: str, staff: Staff = DORA, at: Unit = CENTRE, day: str = "") -> str:
    """Return a row of an upload."""
    return f"{person};{at.hsa_id};{staff.hsa_id};{day}"


def prepare(register: Register) -> None:
    """Put everything in the register that an upload refers to."""
    keep(register, PROVIDER, CENTRE, CLINIC, DORA, ERIC, FRIDA, GUS, NORA)
    keep(
        register,
        works_at(DORA, CENTRE),
        works_at(DORA, CLINIC),
        works_at(ERIC, CENTRE, max_patients=2),
        works_at(FRIDA, CENTRE, paused=True),
        works_at(GUS, CENTRE, valid_to=TODAY - DAY),
        works_at(NORA, CENTRE, selectable_as_doctor=False, selectable_as_care_contact=True),
    )
    keep(register, *residents(*AT_CENTRE, *AT_CLINIC, OTHER_ID))
    keep(register, *(listing(f"L{number}", person, CENTRE) for number, person in enumerate(AT_CENTRE)))
    keep(register, *(listing(f"K{number}", person, CLINIC) for number, person in enumerate(AT_CLINIC)))
    keep(register, listing("S", OTHER_ID, CENTRE))


def contacts(register: Register) -> list[tuple[Any, ...]]:
    """Return person, staff, unit, first and last day of all fixed contacts."""
    columns = ("person_id", "staff_key", "unit_key", "valid_from", "valid_to")
    return rows(register, tables.fixed_contact, *columns)


def key(one: Staff | Unit) -> str:
    """Return how the register refers to staff or a unit."""
    return one.hsa_id.key
