"""``fastkontakt quality``: what it reads from the register, and what it prints."""

import csv
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contacts import kept
from contacts.kept import KeptContacts, kept_contacts
from contracts.clock import swedish_now
from fastkontakt.cli import app
from register import schema
from register.database import Register
from register.model import Resident
from tests.databases import keep, opened
from tests.records import (
    ANNA,
    BO,
    CLARA,
    COUNTY,
    DAN,
    EVA,
    NOW,
    PROVIDER,
    TODAY,
    contact,
    doctor,
    listing,
    phone,
    residents,
    unit,
)

DAY = timedelta(days=1)
CLINIC, CENTRE, CLOSED = unit("clinic"), unit("centre"), unit("closed", valid_to=TODAY - DAY)
DORA, NORA = doctor("dahl"), doctor("nora", protected=True)


def read(register: Register) -> list[KeptContacts]:
    return list(kept_contacts(register, NOW))


@pytest.mark.parametrize("at_a_time", [1, 2, 500])
def test_every_contact_of_today_is_read_once(
    register: Register, monkeypatch: pytest.MonkeyPatch, at_a_time: int
) -> None:
    """Whether it is shown or not; residents who are never shown are left out."""
    monkeypatch.setattr(kept, "_PERSONS", kept._PERSONS.limit(at_a_time))
    keep(
        register,
        PROVIDER,
        CLINIC,
        CENTRE,
        CLOSED,
        DORA,
        NORA,
        *residents(ANNA, BO, EVA),
        Resident(CLARA, COUNTY, protected=True),
        Resident(DAN, COUNTY, deceased_on=TODAY),
        listing("L1", ANNA, CLINIC),
        phone("1", unit=CLINIC.hsa_id),
        phone("2", staff=DORA.hsa_id, unit=CENTRE.hsa_id),
        contact("F1", ANNA, DORA, CLINIC),
        contact("F2", ANNA, DORA, CENTRE),
        contact("F3", ANNA, NORA, CLOSED, type_code="1"),
        contact("F4", ANNA, NORA, CLINIC, type_code="1", valid_to=TODAY - DAY),
        contact("F5", BO, NORA, CLINIC, type_code="1", valid_from=TODAY + DAY),
        contact("F6", EVA, NORA, CLINIC, type_code="1", valid_to=TODAY),
        contact("F7", CLARA, NORA, CLINIC, type_code="1"),
        contact("F8", DAN, NORA, CLINIC, type_code="1"),
    )
    found = {one.person_id: one for one in read(register)}
    assert len(read(register)) == len(found) == 2
    anna, eva = found[ANNA], found[EVA]
    assert [one.contact.id for one in anna.contacts] == ["F1", "F2", "F3"]
    assert anna.listed == {"F1"}
    assert anna.open == {"F1", "F2"}
    assert [[route.value for route in one.unit_routes] for one in anna.contacts] == [["010-1"], [], []]
    assert [[route.value for route in one.own_routes] for one in anna.contacts] == [[], ["010-2"], []]
    assert [one.contact.id for one in eva.contacts] == ["F6"]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Settings of a register with two residents whose contacts nobody can reach."""
    file = tmp_path / "fastkontakt.toml"
    url = f"sqlite:///{tmp_path / 'register.sqlite3'}"
    limit = '[care_managers]\nsource_system_id = "SE2321000131-system"\nmax_care_contacts = 1\n'
    file.write_text(f'[database]\nurl = "{url}"\n{limit}', encoding="utf-8")
    began = swedish_now().date() - DAY
    with opened(url) as register:
        schema.upgrade(register)
        keep(
            register,
            PROVIDER,
            CLINIC,
            DORA,
            *residents(ANNA, BO),
            contact("F1", ANNA, DORA, CLINIC, type_code="1", valid_from=began),
            contact("F2", BO, DORA, CLINIC, type_code="1", valid_from=began),
            contact("F3", BO, DORA, CLINIC, type_code="1", valid_from=began),
        )
    return file


def printed(settings: Path, *options: str) -> str:
    result = CliRunner().invoke(app, ["quality", "--config", str(settings), *options])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_counts_per_finding_and_unit(settings: Path) -> None:
    """Without a person number unless it is asked for."""
    lines = [line.split() for line in printed(settings).splitlines()]
    assert lines == [
        ["finding", "unit", "name", "number"],
        ["no_route", str(CLINIC.hsa_id), "Clinic", "3"],
        ["too_many_care_contacts", str(CLINIC.hsa_id), "Clinic", "2"],
    ]
    table = list(csv.reader(StringIO(printed(settings, "--csv", "-"))))
    assert table == lines


def test_a_line_for_each_contact(settings: Path) -> None:
    rows = list(csv.DictReader(StringIO(printed(settings, "--csv", "-", "--persons"))))
    assert [(row["finding"], row["person"], row["contact"]) for row in rows] == [
        ("no_route", BO, "F2"),
        ("no_route", BO, "F3"),
        ("no_route", ANNA, "F1"),
        ("too_many_care_contacts", BO, "F2"),
        ("too_many_care_contacts", BO, "F3"),
    ]
    assert ANNA in printed(settings, "--persons")
