"""What the description of information about fixed contacts asks of the answers, and no other test proves."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import select

from contracts.codes import LOCAL_CONTACT_TYPES
from contracts.identifiers import HsaId
from contracts.oids import FIXED_CONTACT_TYPE
from mapping.loads.pipeline import load
from mapping.sources.profile import load_profile
from mapping.sources.report import FileReport, LoadState
from producer.wsgi import Producer
from register.database import Register
from register.model import CareProvider, ContactRoute, Record, Resident, Staff
from register.tables import fixed_contact
from tests.asking import ask_ok, care_managers, get_listing, values
from tests.databases import keep
from tests.messages import actor, code, create_listing, envelope, path, person
from tests.producers import make_producer
from tests.records import (
    ANNA,
    BO,
    COUNTY,
    FINN,
    NOW,
    OTHER_COUNTY,
    PROVIDER,
    TODAY,
    contact,
    doctor,
    hsa,
    listing,
    phone,
    residents,
    team,
    unit,
    works_at,
)
from tests.wsgi import post

DAY = timedelta(days=1)
MUNICIPALITY = CareProvider(hsa("kommun"), "Kommunen")
PRIVATE = CareProvider(HsaId("SE5560000000-omsorg"), "Omsorg i hemmet AB")

CENTRE = unit(
    "centre",
    name="Hälsocentralen Ängen",
    visiting_address="Storgatan 1",
    visiting_town="Mölnlycke",
    offers_choice_of_personnel=True,
)
WARD = unit(
    "ward",
    name="Avdelning 7",
    listable=False,
    visiting_address="Sjukhusvägen 2",
    visiting_town="Östersund",
)
DORA = Staff(hsa("dora"), "Dora", "Dahl", middle_name="Maria", befattning="201011")
NORA = Staff(hsa("nora"), "Nora", "Ek", middle_name="Åsa", befattning="206011")
TEAM = team("T7", WARD, name="Hjärtteamet")

REGION: tuple[Record, ...] = (
    *(PROVIDER, MUNICIPALITY, PRIVATE, CENTRE, WARD, DORA, NORA, TEAM),
    *residents(ANNA),
    listing("L1", ANNA, CENTRE),
)
DORA_IS_DOCTOR = contact("F1", ANNA, DORA, CENTRE)
NORA_IS_CARE_CONTACT = contact("F2", ANNA, NORA, WARD, type_code="1", team=TEAM.id)
ROUTES = (
    phone("1", unit=CENTRE.hsa_id),
    ContactRoute("2", "url", "https://1177.example.org/centre", unit=CENTRE.hsa_id),
    phone("3", unit=WARD.hsa_id),
    ContactRoute("4", "url", "https://1177.example.org/ward", unit=WARD.hsa_id),
)


def item(app: Producer, type_code: str) -> etree._Element:
    """Return the one contact of a type that Anna has."""
    (found,) = (one for one in care_managers(app) if values(one, "code/code") == [type_code])
    return found


@pytest.mark.parametrize(
    ("type_code", "steps", "told"),
    [
        pytest.param("2", "practitioner/name", ["Dora Maria Dahl"], id="S003-056: name"),
        pytest.param("2", "practitioner/hsaId/extension", [str(DORA.hsa_id)], id="S003-057: HSA-id"),
        pytest.param("2", "practitioner/qualification/code", ["201011"], id="S003-058: befattning"),
        pytest.param(
            "2",
            "practitioner/qualification/codeSystem",
            ["1.2.752.129.2.2.1.4"],
            id="S003-058: code system of befattning",
        ),
        pytest.param("2", "managingCareUnit/hsaId/extension", [str(CENTRE.hsa_id)], id="S003-064: unit"),
        pytest.param("2", "managingCareUnit/name", ["Hälsocentralen Ängen"], id="S003-065: unit name"),
        pytest.param(
            "2", "managingCareUnit/contact/address/line", ["Storgatan 1"], id="S003-066: visiting address"
        ),
        pytest.param(
            "2", "managingCareUnit/contact/address/type/code", ["physical"], id="S003-066: its type"
        ),
        pytest.param("2", "managingCareUnit/contact/address/city", ["Mölnlycke"], id="S003-067: town"),
        pytest.param(
            "2",
            "managingCareUnit/contact/telecom[2]/value",
            ["https://1177.example.org/centre"],
            id="S003-068: e-service",
        ),
        pytest.param(
            "2", "managingCareUnit/contact/telecom[1]/value", ["010-1"], id="S003-069: public phone"
        ),
        pytest.param("1", "practitioner/name", ["Nora Åsa Ek"], id="S003-071, S003-023: name"),
        pytest.param("1", "practitioner/hsaId/extension", [str(NORA.hsa_id)], id="S003-072: HSA-id"),
        pytest.param("1", "practitioner/qualification/code", ["206011"], id="S003-073: befattning"),
        pytest.param(
            "1",
            "practitioner/qualification/codeSystem",
            ["1.2.752.129.2.2.1.4"],
            id="S003-073: code system of befattning",
        ),
        pytest.param("1", "careTeam/name", ["Hjärtteamet"], id="S003-076: team name"),
        pytest.param("1", "careTeam/id/*", ["1.2.752.113.11.0.2.1.2", "T7"], id="S003-077: team id"),
        pytest.param("2", "careTeam", [], id="S003-076: no team, no name"),
        pytest.param("1", "managingCareUnit/name", ["Avdelning 7"], id="S003-080: unit name"),
        pytest.param(
            "1", "managingCareUnit/contact/address/line", ["Sjukhusvägen 2"], id="S003-081: visiting address"
        ),
        pytest.param("1", "managingCareUnit/contact/address/city", ["Östersund"], id="S003-082: town"),
        pytest.param(
            "1",
            "managingCareUnit/contact/telecom[2]/value",
            ["https://1177.example.org/ward"],
            id="S003-083: e-service",
        ),
        pytest.param(
            "1", "managingCareUnit/contact/telecom[1]/value", ["010-3"], id="S003-084: public phone"
        ),
    ],
)
def test_what_is_told_of_doctor_and_care_contact(
    sqlite_register: Register, type_code: str, steps: str, told: list[str]
) -> None:
    """Who it is, by name, HSA-id and profession, and how to reach the unit."""
    keep(sqlite_register, *REGION, DORA_IS_DOCTOR, NORA_IS_CARE_CONTACT, *ROUTES)
    # S001-002, S001-003, S002-011: who it is by name, HSA-id and profession, and how to reach the unit
    assert values(item(make_producer(sqlite_register), type_code), steps) == told


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        pytest.param("healthcarePersonnel/name", ["Dora Maria Dahl"], id="S003-056, S003-109: name"),
        pytest.param("healthcarePersonnel/id", [str(DORA.hsa_id)], id="S003-057: HSA-id"),
        pytest.param("healthcareFacility/id", [str(CENTRE.hsa_id)], id="S003-064: unit"),
        pytest.param("healthcareFacility/name", ["Hälsocentralen Ängen"], id="S003-065: unit name"),
    ],
)
def test_what_is_told_of_the_doctor_with_the_listing(
    sqlite_register: Register, steps: str, told: list[str]
) -> None:
    """The care contact is not: carelisting has the doctor alone."""
    keep(sqlite_register, *REGION, DORA_IS_DOCTOR, NORA_IS_CARE_CONTACT, *ROUTES)
    assert values(get_listing(make_producer(sqlite_register)), f"listings/{steps}") == told


@pytest.mark.parametrize(
    ("type_code", "display"),
    [
        ("1", "fast vårdkontakt"),
        ("2", "fast läkarkontakt i primärvård"),
        ("3", "fast omsorgskontakt i hemtjänsten"),
        ("4", "fast vårdkontakt med övergripande samordningsansvar"),
    ],
)
def test_one_contract_tells_of_the_lawful_kinds(
    sqlite_register: Register, type_code: str, display: str
) -> None:
    """What no national contract had room for is conveyed, and named for the resident."""
    keep(sqlite_register, *REGION, contact("F1", ANNA, DORA, CENTRE, type_code=type_code))
    (found,) = care_managers(make_producer(sqlite_register))
    # S003-111: each lawful kind is conveyed by one contract
    # S004-004: each by its own code and name
    assert values(found, "code/*") == [type_code, "1.2.752.129.5.1.69", display]


@pytest.mark.parametrize(
    "provider", [PROVIDER, MUNICIPALITY, PRIVATE], ids=["region", "municipality", "private"]
)
@pytest.mark.parametrize("type_code", ["1", "3"])
def test_each_provider_answers_for_its_own_contacts(
    sqlite_register: Register, provider: CareProvider, type_code: str
) -> None:
    """Any provider, with a named person."""
    at = unit("there", provider=provider.hsa_id, listable=False)
    keep(sqlite_register, *REGION, at, contact("F1", ANNA, NORA, at, type_code=type_code))
    (found,) = care_managers(make_producer(sqlite_register))
    header = "careManagerHeader/accessControlHeader"
    # S003-004, S003-024, S003-045: region, municipality and private providers each answer for theirs
    assert values(found, f"{header}/accountableHealthcareProviderId/extension") == [str(provider.hsa_id)]
    assert values(found, f"{header}/accountableCareUnitId/extension") == [str(at.hsa_id)]
    assert values(found, "managingCareGiver/hsaId/extension") == [str(provider.hsa_id)]
    assert values(found, "managingCareGiver/name") == [provider.name]
    # S003-005, S003-043: with a named person
    assert values(found, "practitioner/name") == ["Nora Åsa Ek"]


def test_the_home_care_contact_works_in_the_executing_unit(sqlite_register: Register) -> None:
    """A named undersköterska; the executing unit besides the one that answers for it."""
    home_care = unit("hemtjänst", name="Hemtjänsten", provider=MUNICIPALITY.hsa_id, listable=False)
    north = unit("norr", name="Hemtjänst norr", provider=MUNICIPALITY.hsa_id, care_unit=home_care.hsa_id)
    nora = replace(NORA, befattning="207010")
    keep(sqlite_register, *REGION, home_care, north, contact("F1", ANNA, nora, north, type_code="3"))
    keep(sqlite_register, nora)
    (found,) = care_managers(make_producer(sqlite_register))
    # S003-048: the executing unit is told besides the one that answers for it
    assert values(found, "careProvidingCareUnit/name") == ["Hemtjänst norr"]
    assert values(found, "careProvidingCareUnit/hsaId/extension") == [str(north.hsa_id)]
    assert values(found, "managingCareUnit/name") == ["Hemtjänsten"]
    assert values(found, "practitioner/name") == ["Nora Åsa Ek"]
    # S003-048: and that the named person is undersköterska
    assert values(found, "practitioner/qualification/displayName") == ["Undersköterska, hemvård/hemsjukvård"]


def doctors(app: Producer) -> tuple[list[str], list[str]]:
    """Return the HSA-ids of Anna's doctor in GetListing and in GetCareManagers."""
    of_type = [one for one in care_managers(app) if values(one, "code/code") == ["2"]]
    return (
        values(get_listing(app), "listings/healthcarePersonnel/id"),
        [id for one in of_type for id in values(one, "practitioner/hsaId/extension")],
    )


def test_the_doctor_is_of_the_unit_the_resident_is_listed_at(sqlite_register: Register) -> None:
    """The same unit in both contracts, and no doctor of any other.

    What the register holds is what is answered, from the next request on.
    """
    other = unit("other", name="Kliniken")
    keep(sqlite_register, *REGION, other, DORA_IS_DOCTOR)
    app = make_producer(sqlite_register)
    listed_at = values(get_listing(app), "listings/healthcareFacility/id")
    # S003-013, S003-064: the doctor's unit is the one of the listing
    assert values(item(app, "2"), "managingCareUnit/hsaId/extension") == listed_at == [str(CENTRE.hsa_id)]
    keep(sqlite_register, replace(DORA_IS_DOCTOR, unit=other.hsa_id))
    # S001-005: what is changed in the register shows in the next answer
    assert doctors(app) == ([], [])


@pytest.mark.parametrize("provider", [PROVIDER, PRIVATE], ids=["region", "private"])
def test_only_a_unit_the_region_pays_for_has_doctors(
    sqlite_register: Register, provider: CareProvider
) -> None:
    """Whoever runs it, it must be one that residents can be listed at.

    Without an agreement with the region nobody can be listed there, and so nobody has a doctor there,
    although the source says so; a care contact does not depend on it.
    """
    at = unit("there", provider=provider.hsa_id, listable=False)
    link = contact("F1", ANNA, DORA, at)
    care_contact = contact("F2", ANNA, NORA, at, type_code="1")
    keep(sqlite_register, *{PROVIDER, provider}, at, DORA, NORA, *residents(ANNA), link, care_contact)
    app = make_producer(sqlite_register)

    def choose() -> str | None:
        body = envelope(create_listing(ANNA, at.hsa_id), COUNTY)
        return post(app, path("CreateListing"), body).result[0]

    # S003-016: nobody is listed with whom the region has no agreement
    assert choose() == "ERROR"
    # S003-003: and nobody has a doctor there
    assert doctors(app) == ([], [])
    assert values(item(app, "1"), "managingCareGiver/hsaId/extension") == [str(provider.hsa_id)]

    keep(sqlite_register, replace(at, listable=True))
    assert choose() == "OK"
    keep(sqlite_register, link)
    # S003-016: with an agreement, whoever runs the unit
    assert doctors(app) == ([str(DORA.hsa_id)], [str(DORA.hsa_id)])


@pytest.mark.parametrize(
    ("type_code", "befattning", "title"),
    [
        pytest.param("2", "202010", None, id="S003-006: specialist in an unknown speciality"),
        pytest.param("2", "206011", None, id="S003-006: nurse as doctor"),
        pytest.param("2", None, None, id="S003-006: nothing known"),
        pytest.param("3", "207024", None, id="home care: without the title"),
        pytest.param("3", None, "Undersköterska", id="home care: title in free text"),
    ],
)
def test_a_title_that_does_not_fit_hides_nobody(
    sqlite_register: Register, type_code: str, befattning: str | None, title: str | None
) -> None:
    """It is for the data-quality report; the resident still sees the contact."""
    keep(sqlite_register, *REGION, contact("F1", ANNA, NORA, CENTRE, type_code=type_code))
    keep(sqlite_register, replace(NORA, befattning=befattning, title=title))
    # S003-008: a contact whose title is not known to fit is still shown; fastkontakt quality tells of it
    assert values(item(make_producer(sqlite_register), type_code), "practitioner/name") == ["Nora Åsa Ek"]


@pytest.mark.parametrize("resident", [ANNA, FINN], ids=["of the region", "of another region"])
@pytest.mark.parametrize("offered", [True, False])
def test_a_doctor_can_be_chosen_where_the_region_lets_it(
    sqlite_register: Register, resident: str, offered: bool
) -> None:
    """By everybody, wherever in the country.

    A unit may leave out the digital choice; a doctor chosen all the same is refused.
    """
    centre = replace(CENTRE, offers_choice_of_personnel=offered)
    keep(sqlite_register, PROVIDER, centre, DORA, works_at(DORA, centre))
    keep(sqlite_register, Resident(ANNA, COUNTY), Resident(FINN, OTHER_COUNTY))
    app = make_producer(sqlite_register, regions={COUNTY: {"home_region": "later"}, OTHER_COUNTY: {}})
    where = f"<healthcareFacilityHSAId>{centre.hsa_id}</healthcareFacilityHSAId>"
    answer = ask_ok(app, "GetAvailableHealthcarePersonnel", person("personId", resident), where)
    choice = values(answer, "healthcarePersonnel/id")
    # S003-010: by residents of any county
    assert choice == ([str(DORA.hsa_id)] if offered else [])
    home = OTHER_COUNTY if resident == FINN else COUNTY
    wish = create_listing(resident, centre.hsa_id, doctor=DORA.hsa_id, home=home, new=COUNTY)
    result, _ = post(app, path("CreateListing"), envelope(wish, COUNTY)).result
    # S001-063: a unit may leave out the digital choice
    assert (result == "ERROR") == (not offered)
    listed = get_listing(app, resident, by=actor("REGION", PROVIDER.hsa_id))
    # The listing of another region's resident waits for that region's answer.
    has = choice if resident == ANNA else []
    assert values(listed, "listings/healthcarePersonnel/id") == has


def test_a_patient_in_life_danger_who_comes_to_another_unit(sqlite_register: Register) -> None:
    """The doctor at the new unit from that day, who may be the fast läkarkontakt too."""
    disa = doctor("disa", befattning="202010")
    keep(
        sqlite_register,
        *REGION,
        disa,
        DORA_IS_DOCTOR,
        contact("F2", ANNA, disa, WARD, type_code="1", life_threatening=True, valid_to=TODAY - DAY),
        contact("F3", ANNA, DORA, CENTRE, type_code="1", life_threatening=True, valid_from=TODAY),
    )
    app = make_producer(sqlite_register)
    found = item(app, "1")
    assert values(found, "practitioner/hsaId/extension") == [str(DORA.hsa_id)]
    # S003-034: the doctor of the new unit from that day
    assert values(found, "managingCareUnit/hsaId/extension") == [str(CENTRE.hsa_id)]
    assert values(found, "period/*") == ["20260310"]
    # S003-034: who may be the fast läkarkontakt too
    assert values(item(app, "2"), "practitioner/hsaId/extension") == [str(DORA.hsa_id)]
    yesterday = make_producer(sqlite_register, now=NOW - DAY)
    assert values(item(yesterday, "1"), "managingCareUnit/hsaId/extension") == [str(WARD.hsa_id)]


def test_the_caller_is_told_what_it_checks_consent_and_blocks_by(sqlite_register: Register) -> None:
    """Of each contact on its own, when two providers cooperate."""
    home_care = unit("hemtjänst", provider=MUNICIPALITY.hsa_id, listable=False)
    north = unit("norr", provider=MUNICIPALITY.hsa_id, care_unit=home_care.hsa_id)
    keep(
        sqlite_register,
        *(*REGION, home_care, north),
        contact("F1", ANNA, DORA, WARD, type_code="1", documented_at=datetime(2026, 1, 5, 8, 9, 30)),
        contact("F2", ANNA, NORA, north, type_code="1", documented_at=datetime(2026, 2, 6, 7, 0, 0)),
    )
    steps = (
        "accountableHealthcareProviderId/extension",
        "accountableCareUnitId/extension",
        "patientId/extension",
        "blockComparisonTime",
    )
    header = "careManagerHeader/accessControlHeader"
    told = [
        [text for step in steps for text in values(one, f"{header}/{step}")]
        for one in care_managers(make_producer(sqlite_register))
    ]
    # S003-037: provider, unit, patient and time of each contact, which consent and blocks are checked by
    assert told == [
        [str(PROVIDER.hsa_id), str(WARD.hsa_id), ANNA, "20260105080930"],
        [str(MUNICIPALITY.hsa_id), str(home_care.hsa_id), ANNA, "20260206070000"],
    ]


PROFILE = """
[profile]
name = "source"
title = "Source"
[[file]]
name = "doctors.csv"
record = "staff"
fields = { hsa_id = "HSA-id", given_name = "Given name", surname = "Surname" }
[[file]]
name = "links.csv"
record = "fixed_contact"
[file.fields]
person_id = "Person"
type_code = { constant = "2" }
staff = "HSA-id"
unit = "Unit"
valid_from = "From"
documented_at = "From"
[[file]]
name = "home_care*.csv"
record = "fixed_contact"
when = { column = "Role", values = ["omsorgskontakt", "kontakt"] }
[file.fields]
person_id = "Person"
type_code = { column = "Role", values = { omsorgskontakt = "3" } }
staff = "HSA-id"
unit = "Unit"
valid_from = "From"
documented_at = "From"
"""


def loaded(register: Register, folder: Path, name: str, *rows: str) -> FileReport:
    """Write a file as a source does, load it and return the report."""
    (folder / "source.toml").write_text(PROFILE, "utf-8")
    (folder / name).write_text("\n".join(rows), "utf-8")
    (report,) = load(register, load_profile(folder / "source.toml"), [folder / name], today=TODAY).files
    return report


@pytest.mark.parametrize("id", [str(hsa("disa")), ""], ids=["with", "without"])
def test_a_doctor_whose_hsa_id_the_source_lacks_is_not_shown(
    sqlite_register: Register, tmp_path: Path, id: str
) -> None:
    """Its rows are refused and told of; the listing is shown without doctor."""
    keep(sqlite_register, *REGION)
    link = f"{ANNA};{id};{CENTRE.hsa_id};2026-03-01"
    reports = (
        loaded(sqlite_register, tmp_path, "doctors.csv", "HSA-id;Given name;Surname", f"{id};Disa;Lind"),
        loaded(sqlite_register, tmp_path, "links.csv", "Person;HSA-id;Unit;From", link),
    )
    app = make_producer(sqlite_register)
    if id:
        # S001-004: a link that the source documents is shown
        assert doctors(app) == ([id], [id])
        return
    for report in reports:
        assert report.state is LoadState.REFUSED
        # S003-102: a row without HSA-id is refused and told of
        assert [(one.line, one.column) for one in report.problems] == [(2, "HSA-id")]
    # S003-102: and no doctor is shown
    assert doctors(app) == ([], [])
    assert values(get_listing(app), "listings/healthcareFacility/id") == [str(CENTRE.hsa_id)]


HOME_CARE_COLUMNS = "Person;Role;HSA-id;Unit;From"


def test_of_what_a_home_care_system_knows_the_home_care_contact_alone_is_sent(
    sqlite_register: Register, tmp_path: Path
) -> None:
    """Who declined has no contact; those who decide on support are never sent."""
    keep(sqlite_register, *REGION, *residents(BO))
    at = f"{WARD.hsa_id};2026-03-01"
    report = loaded(
        sqlite_register,
        tmp_path,
        "home_care.csv",
        HOME_CARE_COLUMNS,
        f"{ANNA};omsorgskontakt;{NORA.hsa_id};{at}",
        f"{ANNA};biståndshandläggare;{DORA.hsa_id};{at}",
        f"{ANNA};LSS-handläggare;{DORA.hsa_id};{at}",
        f"{ANNA};socialsekreterare;{DORA.hsa_id};{at}",
        f"{BO};avböjt omsorgskontakt;;;2026-03-01",
    )
    assert report.state is LoadState.LOADED
    app = make_producer(sqlite_register)
    (found,) = care_managers(app)
    # S003-054: those who decide on support are not sent
    assert values(found, "code/code") == ["3"]
    # S003-044: who the contact is
    assert values(found, "practitioner/hsaId/extension") == [str(NORA.hsa_id)]
    # S003-044: of who declined, which the source system documents, nothing is sent
    assert care_managers(app, BO) == []


def test_a_role_that_the_profile_gives_no_type_is_not_sent(sqlite_register: Register, tmp_path: Path) -> None:
    """Nothing is guessed, the file is refused."""
    keep(sqlite_register, *REGION)
    row = f"{ANNA};kontakt;{NORA.hsa_id};{WARD.hsa_id};2026-03-01"
    report = loaded(sqlite_register, tmp_path, "home_care.csv", HOME_CARE_COLUMNS, row)
    # S003-002: a role that has been given no type is refused, not guessed
    assert (report.state, report.problems[0].column) == (LoadState.REFUSED, "Role")
    assert care_managers(make_producer(sqlite_register)) == []


@pytest.mark.parametrize("role", LOCAL_CONTACT_TYPES)
def test_other_roles_than_the_lawful_ones_are_kept_and_not_sent(sqlite_register: Register, role: str) -> None:
    """Neither without filter nor when asked for by the code of the register."""
    keep(sqlite_register, *REGION, contact("F1", ANNA, NORA, WARD, type_code=role))
    app = make_producer(sqlite_register)
    assert care_managers(app) == []
    # S003-002: not sent when asked for either
    assert care_managers(app, ANNA, code("careManagerType", role, FIXED_CONTACT_TYPE)) == []
    with sqlite_register.reading() as connection:
        # S000-047, S003-051: and kept
        assert connection.scalars(select(fixed_contact.c.type_code)).all() == [role]
