"""Registers of a size that is asked for: residents who each have a listing and a doctor.

Up to 1 095 744 person numbers are made like the official test identities (`tests.bench.region`). Those beyond
are of a scheme of the bench's own: days of birth from 1800 to 1839, each as a personnummer and as a
samordningsnummer, with all thousand serials and the right check digit. Person numbers were introduced in 1947
for those who lived then, so none of these was ever given to anybody.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any

from sqlalchemy import text

from contracts.codes import DOCTOR_CONTACT, PV
from contracts.identifiers import HsaId
from register import schema
from register.model import ContactRoute, Employment, Staff, UnitListingType
from tests.bench import region
from tests.bench.serving.request import Request, get_care_managers, get_listing
from tests.databases import keep, opened
from tests.people import check_digit

SOURCE_SYSTEM = "SE2321000131-FASTKONTAKT"
MOST_ASKED = 2000
"""Residents who are asked about: from all over the register, so that it is not always the same pages."""

_DOCTORS_A_UNIT = 5
_SINCE = datetime(2024, 5, 6, 8, 0)
_BATCH = 20_000

_FIRST_BIRTH = date(1800, 1, 1)
_DAYS_OF_BIRTH = (date(1839, 12, 31) - _FIRST_BIRTH).days + 1
_TEST_NUMBERS = region.residents(region.MOST_ROWS)

MOST_RESIDENTS = _TEST_NUMBERS + _DAYS_OF_BIRTH * 2 * 1000

_COLUMNS = {
    "resident": "person_id, home_county, protected",
    "listing": "id, person_id, unit_key, code, code_system, valid_from, counts_as_change",
    "fixed_contact": "id, person_id, type_code, staff_key, unit_key, valid_from, documented_at, "
    "direct_number_visible, life_threatening",
}


def people(number: int) -> Iterator[str]:
    """Yield this many person numbers.

    Args:
        number: How many; at most `MOST_RESIDENTS`.
    """
    official = (person_id for person_id, _ in region.people(min(number, _TEST_NUMBERS)))
    return chain(official, islice(beyond_official(), max(0, number - _TEST_NUMBERS)))


def beyond_official() -> Iterator[str]:
    """Yield the person numbers of the bench's own scheme, day by day."""
    for day in range(_DAYS_OF_BIRTH):
        born = _FIRST_BIRTH + timedelta(days=day)
        for added in (0, 60):  # a samordningsnummer has 60 added to the day
            beginning = f"{born:%Y%m}{born.day + added:02}"
            for serial in range(1000):
                yield f"{beginning}{serial:03}{check_digit(f'{beginning[2:]}{serial:03}')}"


def fill(url: str, residents: int, *, with_doctor: bool = True) -> None:
    """Make the tables and rows of a register of this many residents.

    Args:
        url: The database, without tables.
        residents: How many; at most `MOST_RESIDENTS`.
        with_doctor: Whether each has a doctor.
    """
    doctors = [
        Staff(HsaId(f"SE2321000131-D{number:012}"), "Dora", f"Doktor {number}", befattning="203010")
        for number in range(len(region.UNITS) * _DOCTORS_A_UNIT)
    ]
    with opened(url) as register:
        schema.upgrade(register)
        places = [(doctor, region.UNITS[number // _DOCTORS_A_UNIT]) for number, doctor in enumerate(doctors)]
        keep(
            register,
            region.PROVIDER,
            *region.UNITS,
            *doctors,
            *(UnitListingType(one.hsa_id, PV.code, PV.system) for one in region.UNITS),
            *(Employment(one.hsa_id, at.hsa_id, selectable_as_doctor=True) for one, at in places),
            *(
                ContactRoute(f"U{one.hsa_id}", "phone", "010-441 00 00", unit=one.hsa_id)
                for one in region.UNITS
            ),
        )
        # Through the driver: a register of the whole country is to be there within minutes.
        connection = register.engine.raw_connection()
        try:
            tables = list(_COLUMNS) if with_doctor else ["resident", "listing"]
            _insert(connection, register.engine.dialect.name, residents, tables)
        finally:
            connection.close()
        if register.engine.dialect.name == "postgresql":
            with register.engine.connect() as one:
                one.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def _insert(connection: Any, dialect: str, residents: int, tables: Sequence[str]) -> None:
    cursor = connection.cursor()
    left = enumerate(people(residents))
    while batch := list(islice(left, _BATCH)):
        if dialect == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        for table in tables:
            rows = [_row(table, number, person_id) for number, person_id in batch]
            names = f"{table} ({_COLUMNS[table]})"
            if dialect == "sqlite":
                marks = ", ".join("?" * len(rows[0]))
                cursor.executemany(f"INSERT INTO {names} VALUES ({marks})", rows)  # noqa: S608 - constants
            else:
                with cursor.copy(f"COPY {names} FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
        cursor.execute("COMMIT")


def _row(table: str, number: int, person_id: str) -> tuple[Any, ...]:
    unit = number % len(region.UNITS)
    unit_key = region.UNITS[unit].hsa_id.key
    if table == "resident":
        return person_id, region.COUNTY, False
    if table == "listing":
        since = f"{_SINCE:%Y-%m-%d %H:%M:%S}.000000"
        return f"L{number}", person_id, unit_key, PV.code, PV.system, since, False
    doctor = unit * _DOCTORS_A_UNIT + number // len(region.UNITS) % _DOCTORS_A_UNIT
    documented = f"{_SINCE:%Y-%m-%d %H:%M:%S}.000000"
    staff_key = HsaId(f"SE2321000131-D{doctor:012}").key
    first = str(_SINCE.date())
    return f"C{number}", person_id, DOCTOR_CONTACT, staff_key, unit_key, first, documented, False, False


def settings(folder: Path, url: str, *, changes: int = 3) -> Path:
    """Write the settings of a service on such a register, and return their file.

    Args:
        folder: Where they are written.
        url: The register.
        changes: How many changes a resident may make in a year.
    """
    file = folder / "fastkontakt.toml"
    file.write_text(
        f"[database]\nurl = '{url}'\n[regions.{region.COUNTY}]\nmax_changes_per_year = {changes}\n"
        f"[care_managers]\nsource_system_id = '{SOURCE_SYSTEM}'\n",
        "utf-8",
    )
    return file


def asked(contract: str, residents: int) -> tuple[Request, ...]:
    """Return calls about residents from all over such a register."""
    each = max(1, residents // MOST_ASKED)
    chosen = islice(people(residents), 0, None, each)
    if contract == "GetCareManagers":
        return tuple(get_care_managers(one, SOURCE_SYSTEM) for one in chosen)
    return tuple(get_listing(one, region.COUNTY) for one in chosen)
