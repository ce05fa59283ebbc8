"""A region for the tests of the commands that keep contacts, and how to run them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from contracts.clock import swedish_now
from fastkontakt.cli import app
from register.database import Register
from register.model import Resident
from tests.asking import care_managers, get_listing, values
from tests.databases import audit_rows, keep
from tests.messages import actor
from tests.producers import CENTRE, DOCTOR, SMALL_REGION, SOURCE_SYSTEM, make_producer
from tests.records import (
    BO,
    CLARA,
    COUNTY,
    DAN,
    EVA,
    LONG_AGO,
    contact,
    doctor,
    listing,
    lower,
    residents,
    works_at,
)

EMIL = doctor("emil", title="Allmän läkare")
STAFF = (str(CENTRE.hsa_id), str(lower(DOCTOR.hsa_id)), str(EMIL.hsa_id))
"""The unit and its two doctors."""


def fill(register: Register, folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Keep a region: Anna and Eva (protected) have a doctor, Bo and Clara none; Dan is not listed."""
    keep(
        register,
        *SMALL_REGION,
        EMIL,
        *residents(BO, CLARA, DAN),
        Resident(EVA, home_county=COUNTY, protected=True),
        works_at(EMIL, CENTRE),
        listing("L2", BO, CENTRE, valid_from=LONG_AGO.replace(year=2025)),
        listing("L3", CLARA, CENTRE),
        listing("L5", EVA, CENTRE),
        contact("F5", EVA, DOCTOR, CENTRE),
    )
    keep(register, works_at(DOCTOR, CENTRE, selectable_as_care_contact=True))
    settings = folder / "settings.toml"
    url = register.engine.url.render_as_string(hide_password=False)
    settings.write_text(
        f'[database]\nurl = "{url}"\n[regions.{COUNTY}]\nname = "Gävleborg"\n'
        f'[care_managers]\nsource_system_id = "{SOURCE_SYSTEM}"\n',
        "utf-8",
    )
    patch.setenv("FASTKONTAKT_CONFIG", str(settings))


def run(*arguments: str) -> Result:
    """Run a command; nothing but an exit may come out of it."""
    result = CliRunner().invoke(app, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def done(*arguments: str) -> str:
    """Run a command that succeeds, and return what it prints."""
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str) -> str:
    """Run a command that is not carried out, and return its one line."""
    result = run(*arguments)
    assert result.exit_code == 1, result.output
    assert result.stderr.count("\n") == 1
    return result.stderr


def shown(register: Register, person: str) -> tuple[list[str], list[str]]:
    """Return the doctor GetListing shows now, and the staff GetCareManagers shows."""
    producer = make_producer(register, now=swedish_now())
    listed = get_listing(producer, person, by=actor("CITIZEN", person))
    found = care_managers(producer, person)
    return (
        values(listed, "listings/healthcarePersonnel/id"),
        [value for one in found for value in values(one, "practitioner/hsaId/extension")],
    )


def audited(register: Register) -> list[tuple[str, str, str | None]]:
    """Return command, person and user of every audit row of a command."""
    return [
        (row["contract"], row["person_id"], row["actor_id"])
        for row in audit_rows(register)
        if row["contract"].startswith("fastkontakt")
    ]
