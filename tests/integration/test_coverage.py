"""Coverage of the fixed contacts by source: the figures, and what ``quality --coverage`` prints."""

import csv
from collections import Counter
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, update
from typer.testing import CliRunner

from contacts.coverage import Coverage, Detail, coverage
from contacts.findings import FindingKind, findings
from contacts.kept import kept_contacts
from contracts.clock import swedish_now
from contracts.codes import LOCAL_CONTACT_TYPES
from fastkontakt.cli import app
from mapping.loads.batches import last_loads
from register import schema
from register.database import Register
from register.model import Audience, FixedContact, Resident
from register.tables import fixed_contact, import_batch, import_file
from tests.databases import audit_rows, empty, keep, opened
from tests.integration import oracle
from tests.integration.oracle_of_contacts import routes
from tests.integration.worlds import World, worlds
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
    hsa,
    phone,
    residents,
    team,
    unit,
)
from tests.strength import sized

DAY = timedelta(days=1)
LOADED = datetime(2026, 3, 9, 22, 30)
"""When loads were finished, UTC."""

SOURCES = {1: "ehr", 2: "ehr", 3: "home-care"}
"""The source of each file; the first two are of different loads."""


def load(connection: Connection, number: int, source: str, **values: Any) -> None:
    """Keep a load of one file, which has the same number."""
    about = {
        "title": source,
        "policy": "delta",
        "state": "loaded",
        "started_at": LOADED,
        "finished_at": LOADED,
        "loaded_by": "nightly",
        "records": "{}",
    }
    file = {"name": f"{source}.csv", "rows": 10, "approved": 10, "faulty": 0}
    of_file = {name: values.pop(name) for name in list(values) if name in file}
    connection.execute(insert(import_batch).values({"id": number, "source": source, **about, **values}))
    connection.execute(insert(import_file).values({"id": number, "batch_id": number, **file, **of_file}))


def bring(connection: Connection, contact_id: str, file: int) -> None:
    """Let a contact be from a file."""
    connection.execute(
        update(fixed_contact).where(fixed_contact.c.id == contact_id).values(loaded_from=file, loaded_line=1)
    )


def details(world: World, one: FixedContact) -> set[Detail]:
    """Return what there is to know about a contact, told from the records alone."""
    who, at = oracle.staff(world, one.staff), oracle.unit(world, one.unit)
    above = oracle.care_unit(world, at)
    group = next((each for each in world.teams if each.id == one.team), None)
    own, secret = routes(world, direct=one.direct_number_visible, staff=one.staff, unit=one.unit)
    of_team = routes(world, team=group.id)[0] if group else []
    of_units = [routes(world, unit=each.hsa_id) for each in (at, above)]
    shown = [route for open_to_all, _ in of_units for route in open_to_all]
    for_staff = [route for _, others in of_units for route in others]
    of_provider, _ = routes(world, provider=above.provider)

    def has_phone(found: list[Any]) -> bool:
        return any(route.system == "phone" for route in found)

    found: dict[Detail, Any] = {
        Detail.NAME: who.given_name and who.surname,
        Detail.HSA_ID: who.hsa_id,
        Detail.BEFATTNING: who.befattning,
        Detail.TITLE: who.title,
        Detail.DIRECT_PHONE: has_phone(own + secret),
        Detail.DIRECT_PHONE_SHOWN: has_phone(own),
        Detail.TEAM: group,
        Detail.TEAM_PHONE: has_phone(of_team),
        Detail.TEAM_HOURS: any(route.hours for route in of_team),
        Detail.COMMENT: one.external_notes or (group and group.external_notes),
        Detail.UNIT_ADDRESS: at.visiting_address or above.visiting_address,
        Detail.UNIT_TOWN: at.visiting_town or above.visiting_town,
        Detail.UNIT_PHONE: has_phone(shown),
        Detail.UNIT_STAFF_PHONE: has_phone(for_staff),
        Detail.UNIT_E_SERVICE: any(route.system == "url" for route in shown),
        Detail.REACHABLE: [*own, *of_team, *shown, *of_provider],
    }
    return {detail for detail, there in found.items() if there}


def expected(world: World, files: dict[str, int | None]) -> list[Coverage]:
    """Return the figures, counted over the records one by one."""
    shown = {one.person_id for one in world.residents if not one.protected and not one.is_deceased(TODAY)}
    contacts: Counter[tuple[str | None, str]] = Counter()
    have: dict[tuple[str | None, str], Counter[Detail]] = {}
    for one in world.contacts:
        if one.person_id in shown and oracle.valid(one) and one.type_code not in LOCAL_CONTACT_TYPES:
            file = files[one.id]
            group = SOURCES[file] if file else None, one.type_code
            contacts[group] += 1
            have.setdefault(group, Counter()).update(details(world, one))
    order = sorted(contacts, key=lambda group: (group[0] is None, group))
    return [
        Coverage(*group, contacts[group], {detail: have[group][detail] for detail in Detail})
        for group in order
    ]


def test_random_registers(register: Register) -> None:
    """The figures are those of counting record by record."""
    on_sqlite = register.engine.dialect.name == "sqlite"

    @settings(max_examples=sized(quick=15, full=40) if on_sqlite else sized(quick=4, full=10))
    @given(worlds(), st.data())
    def check(world: World, data: st.DataObject) -> None:
        files = {one.id: data.draw(st.sampled_from([None, *SOURCES]), label=one.id) for one in world.contacts}
        empty(register)
        keep(register, *world.records())
        with register.writing() as connection:
            for number, source in SOURCES.items():
                load(connection, number, source)
            for contact_id, file in files.items():
                if file:
                    bring(connection, contact_id, file)
        with register.reading() as connection:
            counted = coverage(connection, NOW)
        # S003-104: the figures are those of counting record by record
        assert counted == expected(world, files)
        found = Counter(finding.kind for kept in kept_contacts(register, NOW) for finding in findings(kept))
        unreached = sum(one.contacts - one.have[Detail.REACHABLE] for one in counted)
        assert unreached == found[FindingKind.NO_ROUTE]

    check()


CLINIC = unit("clinic", visiting_address="Storgatan 1", visiting_town="Provköping")
WARD = unit("ward", care_unit=CLINIC.hsa_id)
LONE = unit("lone")
DORA = doctor("dahl", befattning="201010", title="Överläkare")
NORA = doctor("nora")
GROUP = team("blue", CLINIC, external_notes="Vardagar")


def region(register: Register, now: datetime) -> None:
    """Keep a region with contacts of two sources and one that a command made, and a source just refused."""
    began = {"valid_from": now.date() - DAY}
    keep(
        register,
        *(PROVIDER, CLINIC, WARD, LONE, DORA, NORA, GROUP),
        *residents(ANNA, BO, EVA),
        Resident(CLARA, COUNTY, protected=True),
        Resident(DAN, COUNTY, deceased_on=now.date()),
        phone("1", unit=CLINIC.hsa_id),
        phone("2", staff=DORA.hsa_id, unit=WARD.hsa_id, audience=Audience.BY_CHOICE),
        phone("3", team=GROUP.id, hours="Mon-Fri 08:00-12:00"),
        phone("4", unit=CLINIC.hsa_id, audience=Audience.STAFF),
        contact("F1", ANNA, DORA, WARD, **began, team=GROUP.id, direct_number_visible=True),
        contact("F2", BO, DORA, WARD, **began),
        contact("F3", EVA, NORA, LONE, **began),
        contact("F4", EVA, NORA, LONE, **began, type_code="3"),
        contact("F5", EVA, NORA, LONE, **began, type_code="77"),
        contact("F6", EVA, NORA, LONE, **began, type_code="contact-nurse"),
        contact("F7", CLARA, NORA, LONE, **began),
        contact("F8", DAN, NORA, LONE, **began),
        contact("F9", BO, NORA, LONE, valid_from=began["valid_from"] - DAY, valid_to=began["valid_from"]),
    )
    with register.writing() as connection:
        load(connection, 1, "ehr")
        load(connection, 2, "home-care", finished_at=LOADED - DAY)
        load(connection, 3, "ehr", state="refused", rows=7, faulty=2, loaded_by="anna")
        load(connection, 4, "typed-names", state="refused", rows=5, faulty=5)
        for file, contact_ids in ((1, ("F1", "F2", "F3", "F6", "F7", "F8", "F9")), (2, ("F4",))):
            for contact_id in contact_ids:
                bring(connection, contact_id, file)


def test_last_load_of_each_source(register: Register) -> None:
    """What a source said without an HSA-id is refused, and shows as faulty rows."""
    region(register, NOW)
    with register.reading() as connection:
        found = [
            (one.source, one.state, one.loaded_by, one.rows, one.faulty) for one in last_loads(connection)
        ]
        assert last_loads(connection)[1].finished_at == LOADED - DAY
    # S003-105: what a source said without an HSA-id shows as faulty rows
    assert found == [
        ("ehr", "refused", "anna", 7, 2),
        ("home-care", "loaded", "nightly", 10, 0),
        ("typed-names", "refused", "nightly", 5, 5),
    ]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings of the region."""
    file = tmp_path / "fastkontakt.toml"
    url = f"sqlite:///{tmp_path / 'register.sqlite3'}"
    file.write_text(f'[database]\nurl = "{url}"\n', encoding="utf-8")
    with opened(url) as register:
        schema.upgrade(register)
        region(register, swedish_now())
    return file


def run(config: Path, *options: str) -> Any:
    return CliRunner().invoke(app, ["quality", "--config", str(config), *options])


def printed(config: Path, *options: str) -> str:
    result = run(config, "--coverage", *options)
    assert result.exit_code == 0, result.output
    return str(result.stdout)


def test_tables_as_the_survey_has_them(config: Path) -> None:
    """Yes for all, a dash for none, else how many."""
    person, place, loads = printed(config).split("\n\n")
    rows = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in person.splitlines()]
    assert rows[0][:8] == [
        *("källa", "kontakttyp", "antal", "namn", "HSA-id", "befattning", "titel", "direkttelefon"),
    ]
    doctors = [*("ehr", "2 fast läkarkontakt i primärvård", "3", "ja", "ja"), *["67 % (2)"] * 3, "33 % (1)"]
    # S003-104, S003-106: share with name, HSA-id and the rest, by source
    assert rows[1] == [*doctors, *["33 % (1)"] * 4]
    nobody_knows = ["1", "ja", "ja", *["-"] * 8]
    assert rows[2] == ["home-care", "3 fast omsorgskontakt i hemtjänsten", *nobody_knows]
    assert rows[3] == ["(kommandon och anrop)", "77", *nobody_knows]
    assert len(rows) == 4
    assert "67 % (2)" in place.splitlines()[1]
    assert [line.split()[0] for line in loads.splitlines()] == ["källa", "ehr", "home-care", "typed-names"]
    assert loads.splitlines()[1].split()[1:] == ["2026-03-09", "23:30", "avvisad", "anna", "7", "2"]


def test_csv_is_one_table(config: Path) -> None:
    rows = list(csv.DictReader(StringIO(printed(config, "--csv", "-"))))
    assert [(row["källa"], row["antal"], row["läge"]) for row in rows] == [
        ("ehr", "3", "avvisad"),
        ("home-care", "1", "inläst"),
        ("(kommandon och anrop)", "1", ""),
        ("typed-names", "0", "avvisad"),
    ]
    assert (rows[0]["kan nås"], rows[0]["kan nås %"]) == ("2", "66.7")
    assert (rows[0]["vård till vård"], rows[0]["besöksadress"], rows[0]["e-tjänst"]) == ("2", "2", "0")
    assert (rows[3]["namn"], rows[3]["felaktiga rader"]) == ("", "5")


def test_one_source(config: Path) -> None:
    rows = list(csv.DictReader(StringIO(printed(config, "--csv", "-", "--source", "home-care"))))
    assert [row["källa"] for row in rows] == ["home-care"]
    assert "ehr" not in printed(config, "--source", "typed-names")
    unknown = run(config, "--coverage", "--source", "nobody")
    assert unknown.exit_code == 1
    assert "nobody" in unknown.stderr


@pytest.mark.parametrize("options", [("--coverage", "--persons"), ("--source", "ehr")])
def test_options_that_do_not_go_together(config: Path, options: tuple[str, ...]) -> None:
    assert run(config, *options).exit_code == 2


def test_names_nobody(config: Path) -> None:
    """The audit log says that figures were looked at; neither they nor the log name anybody."""
    everything = printed(config) + printed(config, "--csv", "-", "--by", "boss")
    for told in (ANNA, BO, CLARA, DAN, EVA, "Dahl", "Nora", str(hsa("dahl")), "010-"):
        assert told not in everything
    with opened(f"sqlite:///{config.parent / 'register.sqlite3'}") as register:
        rows = [(row["person_id"], row["contract"], row["actor_id"]) for row in audit_rows(register)]
    assert rows[-1] == ("-", "fastkontakt quality", "boss")


@pytest.mark.parametrize(("without", "told"), [(1, "99 % (399)"), (399, "1 % (1)"), (200, "50 % (200)")])
@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_some_is_neither_all_nor_none(register: Register, tmp_path: Path, without: int, told: str) -> None:
    """However few it is that lack something, or have it."""
    keep(
        register,
        *(PROVIDER, CLINIC, DORA, NORA),
        *residents(ANNA),
        *(
            contact(f"F{number}", ANNA, NORA if number < without else DORA, CLINIC, type_code="1")
            for number in range(400)
        ),
    )
    file = tmp_path / "fastkontakt.toml"
    file.write_text(f'[database]\nurl = "{register.engine.url}"\n', encoding="utf-8")
    assert told in printed(file).splitlines()[1]
