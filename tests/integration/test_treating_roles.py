"""Treating roles (behandlande roll): selectable per unit, moved and ended in groups."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from contracts.codes import TREATING_ROLE
from contracts.identifiers import HsaId
from register import schema
from register.database import Register
from register.tables import audit_metadata, employment
from tests.databases import opened
from tests.integration import load_commands
from tests.integration.contact_commands import EMIL, done, fill, refused, run, shown
from tests.producers import CENTRE, DOCTOR
from tests.records import ANNA, BO, CLARA, lower

UNIT, DORA, OTHER = str(lower(CENTRE.hsa_id)), str(DOCTOR.hsa_id), str(EMIL.hsa_id)


@pytest.fixture
def region(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    fill(register, tmp_path, monkeypatch)
    return register


def named(*options: str) -> list[str]:
    """HSA-ids of the staff listed with these options."""
    return [
        line.split(",")[0] for line in done("doctors", "list", UNIT, "--csv", "-", *options).splitlines()[1:]
    ]


def patients_of(staff: str, *options: str) -> list[str]:
    return [
        line.split(",")[0] for line in done("doctors", "patients", UNIT, staff, *options).splitlines()[1:]
    ]


def test_treating_roles_are_made_selectable_and_kept_in_groups(region: Register) -> None:
    """As care contacts are; the rest of the resident's stays."""
    role = ("--kind", "treating-role", "--csv", "-")
    add = ("contacts", "add", "--type", TREATING_ROLE, "--unit", UNIT, "--staff", DORA)
    # S000-012: only who is selectable can be given the role
    assert "cannot be chosen as treating role" in refused(*add, BO)
    assert named("--treating-roles") == []
    for who in (DORA, OTHER):
        done("doctors", "set", UNIT, who, "--treating-role")
    # S000-012: made selectable
    assert named("--treating-roles") == [DORA, OTHER]
    for person in (ANNA, BO, CLARA):
        done(*add, person)
    # S000-012: and then it can be given to patients
    assert patients_of(DORA, *role) == sorted([ANNA, BO, CLARA])
    assert "Tilldelad har patienter" in refused("doctors", "set", UNIT, DORA, "--no-treating-role")
    assert done("doctors", "move-marked", UNIT, DORA, OTHER, ANNA, BO, *role[:2]) == "Moved: 2\n"
    # S000-053: those marked are moved to another holder
    assert (patients_of(DORA, *role), patients_of(OTHER, *role)) == ([CLARA], sorted([ANNA, BO]))
    assert done("doctors", "end-marked", UNIT, OTHER, BO, *role[:2]) == "Ended: 1\n"
    # S000-052: those marked are put away
    assert patients_of(OTHER, *role) == [ANNA]
    assert done("doctors", "end-marked", UNIT, DORA, "--all", *role[:2]) == "Ended: 1\n"
    done("doctors", "set", UNIT, DORA, "--no-treating-role")
    # S000-051: made not selectable
    assert named("--treating-roles") == [OTHER]
    assert shown(region, ANNA)[0] == [DORA], "the doctor stays"
    ended = done("contacts", "show", BO, "--history")
    # S000-052: and kept in the history
    assert ended.count("Behandlande roll") >= 2, "put away, not deleted"


@pytest.mark.parametrize("paused", [False, True])
def test_a_treating_role_is_not_moved_to_whom_it_cannot_be_given(region: Register, paused: bool) -> None:
    """Not selectable, or paused: nobody is moved."""
    done("doctors", "set", UNIT, DORA, "--treating-role")
    done("contacts", "add", ANNA, "--type", TREATING_ROLE, "--unit", UNIT, "--staff", DORA)
    if paused:
        done("doctors", "set", UNIT, OTHER, "--treating-role", "--pause")
    kind = ("--kind", "treating-role")
    said = refused("doctors", "move-marked", UNIT, DORA, OTHER, "--all", *kind)
    assert ("paused" if paused else "cannot be chosen as treating role") in said
    assert patients_of(DORA, *kind, "--csv", "-") == [ANNA]


def test_an_upload_that_checks_who_works_where_checks_who_is_selectable(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = load_commands.world(register, tmp_path, monkeypatch)
    profile.write_text(profile.read_text("utf-8").replace('"2"', f'"{TREATING_ROLE}"'), "utf-8")
    file = tmp_path / "doctors.csv"
    file.write_text(f"{load_commands.HEADER}\n{load_commands.row(BO)}\n", "utf-8")
    assert load_commands.NO_DOCTOR_THERE in run("import", str(profile), str(file)).stdout
    assert patients_of(OTHER, "--kind", TREATING_ROLE, "--csv", "-") == []
    done("doctors", "set", UNIT, OTHER, "--treating-role")
    done("import", str(profile), str(file))
    assert patients_of(OTHER, "--kind", TREATING_ROLE, "--csv", "-") == [BO]


def test_who_has_such_patients_is_selectable_after_an_upgrade(empty_database: str) -> None:
    """Revision 0015: nobody who can be given a treating role today loses it by the new rule."""
    with opened(empty_database) as register:
        with register.writing() as connection, register.auditing() as audit_connection:
            if connection.dialect.name == "sqlite":
                audit_metadata.create_all(audit_connection)
            config = Config()
            config.set_main_option("script_location", "register:migrations")
            config.attributes["connection"] = connection
            config.attributes["audit_connection"] = audit_connection
            command.upgrade(config, "0013")
            for statement in OLD_ROWS:
                connection.execute(text(statement), {"anna": ANNA} if ":anna" in statement else {})
        schema.upgrade(register)
        with register.reading() as connection:
            found = connection.execute(
                employment.select()
                .order_by(employment.c.staff_key)
                .with_only_columns(employment.c.staff_key, employment.c.selectable_as_treating_role)
            )
            assert [tuple(row) for row in found] == [(HsaId("A"), True), (HsaId("B"), False)]


OLD_ROWS = (
    "INSERT INTO care_provider (hsa_key, hsa_id, name) VALUES ('P', 'P', 'P')",
    "INSERT INTO unit (hsa_key, hsa_id, name, provider_key, county, listable, offers_queue,"
    " offers_choice_of_personnel) VALUES ('U', 'U', 'U', 'P', '14', true, true, true)",
    "INSERT INTO staff (hsa_key, hsa_id, given_name, surname, protected) VALUES"
    " ('A', 'A', 'A', 'A', false), ('B', 'B', 'B', 'B', false)",
    "INSERT INTO employment (staff_key, unit_key, selectable_as_doctor, selectable_as_care_contact, paused,"
    " external) VALUES ('A', 'U', true, false, false, false), ('B', 'U', true, false, false, false)",
    "INSERT INTO resident (person_id, protected) VALUES (:anna, false)",
    "INSERT INTO fixed_contact (id, person_id, type_code, staff_key, unit_key, valid_from, documented_at,"
    " direct_number_visible) VALUES ('r', :anna, 'treating-role', 'A', 'U', '2025-01-01',"
    " '2025-01-01 00:00:00.000000', false), ('c', :anna, '1', 'B', 'U', '2025-01-01',"
    " '2025-01-01 00:00:00.000000', false)",
)
