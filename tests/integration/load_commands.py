"""An upload of a regional listing service and the register it goes into, for tests of the load commands."""

from pathlib import Path

import pytest
from sqlalchemy import select

from contracts.identifiers import HsaId
from register.database import Register
from register.tables import fixed_contact
from tests.databases import keep
from tests.integration.contact_commands import EMIL, fill
from tests.producers import CENTRE
from tests.records import BO, CLARA, DAN, unit, works_at

__all__ = ["BO", "CLARA", "DAN", "NO_DOCTOR_THERE", "NOT_LISTED", "doctors", "row", "upload", "world"]

NO_DOCTOR_THERE = "HSA-id saknas för läkare hos vårdcentral"
NOT_LISTED = "Personnummer matchar inte vårdcentral vårdval"
"""The two messages of the upload, as the requirements write them (rows S001-053, S001-055, S001-056)."""

HEADER = "Personnummer;Enhet;Läkare;Datum"
OTHER = unit("other")

PROFILE = f"""
[profile]
name = "upload"
title = "Upload of fasta läkarkontakter"
[load]
faulty = "refuse"
[format]
delimiter = ";"
[[file]]
name = "doctors*.csv"
record = "fixed_contact"
current = true
[file.checks]
employed = "{NO_DOCTOR_THERE}"
listed = "{NOT_LISTED}"
[file.fields]
person_id = "Personnummer"
type_code = {{ constant = "2" }}
unit = "Enhet"
staff = "Läkare"
valid_from = {{ column = "Datum", default = "today", formats = ["relative", "%Y-%m-%d"] }}
"""


def world(register: Register, folder: Path, patch: pytest.MonkeyPatch, *, faulty: str = "refuse") -> Path:
    """Fill a register with a region, and return the profile of an upload into it."""
    fill(register, folder, patch)
    keep(register, OTHER, works_at(EMIL, OTHER))
    profile = folder / "upload.toml"
    profile.write_text(PROFILE.replace('"refuse"', f'"{faulty}"'), "utf-8")
    return profile


def row(person: str, unit: HsaId = CENTRE.hsa_id, doctor: HsaId = EMIL.hsa_id, day: str = "") -> str:
    """Return a row of the upload."""
    return f"{person};{unit};{doctor};{day}"


def upload(folder: Path, *rows: str, name: str = "doctors.csv") -> Path:
    """Write a file of the upload and return where it is."""
    path = folder / name
    path.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    return path


def doctors(register: Register) -> set[str]:
    """Return the residents who have a doctor that the register had not before."""
    with register.reading() as connection:
        found = connection.scalars(
            select(fixed_contact.c.person_id).where(fixed_contact.c.staff_key == EMIL.hsa_id)
        )
        return set(found)
