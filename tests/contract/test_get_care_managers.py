"""GetCareManagers 1.0: a whole answer, who it is about and who is asked (facts section 8)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from contracts import oids
from register.database import Register
from register.model import Audience, CareProvider, ContactRoute, Resident, Staff
from tests.asking import ask, care_managers, outline, response, values
from tests.databases import keep
from tests.messages import person
from tests.producers import SOURCE_SYSTEM, make_producer
from tests.records import (
    ANNA,
    CLARA,
    COUNTY,
    LONG_AGO,
    OTHER_ID,
    PROVIDER,
    contact,
    doctor,
    hsa,
    lower,
    residents,
    team,
    unit,
)

DAY = timedelta(days=1)
RESERVE_NUMBER = "98240301AA06"
CLINIC, CENTRE = unit("clinic"), unit("centre")
NORA = doctor("nora")

WHOLE = f"""
<careManager>
  <c:careManagerHeader>
    <c:accessControlHeader>
      <c:accountableHealthcareProviderId>
        <c:root>1.2.752.129.2.1.4.1</c:root><c:extension>SE2321000131-region</c:extension>
      </c:accountableHealthcareProviderId>
      <c:accountableCareUnitId>
        <c:root>1.2.752.129.2.1.4.1</c:root><c:extension>SE2321000131-Clinic</c:extension>
      </c:accountableCareUnitId>
      <c:patientId><c:root>1.2.752.129.2.1.3.1</c:root><c:extension>{ANNA}</c:extension></c:patientId>
      <c:careProcessId><c:root>1.2.752.113.9</c:root><c:extension>Process-7</c:extension></c:careProcessId>
      <c:blockComparisonTime>20260105080930</c:blockComparisonTime>
    </c:accessControlHeader>
    <c:sourceSystemId>
      <c:root>1.2.752.129.2.1.4.1</c:root><c:extension>SE2321000131-system</c:extension>
    </c:sourceSystemId>
  </c:careManagerHeader>
  <c:code>
    <c:code>1</c:code>
    <c:codeSystem>1.2.752.129.5.1.69</c:codeSystem>
    <c:displayName>fast vårdkontakt</c:displayName>
  </c:code>
  <c:practitioner>
    <c:hsaId><c:root>1.2.752.129.2.1.4.1</c:root><c:extension>SE2321000131-Nora</c:extension></c:hsaId>
    <c:name>Nora Åsa Öberg</c:name>
    <c:qualification>
      <c:code>206011</c:code>
      <c:codeSystem>1.2.752.129.2.2.1.4</c:codeSystem>
      <c:displayName>Distriktssköterska</c:displayName>
      <c:originalText>Samordnare</c:originalText>
    </c:qualification>
  </c:practitioner>
  <c:careTeam>
    <c:id><c:root>1.2.752.113.11.0.2.1.2</c:root><c:extension>Team-1</c:extension></c:id>
    <c:name>Äldreteamet</c:name>
    <c:internalNotes>Möte på måndagar</c:internalNotes>
    <c:externalNotes>Vi svarar hela dagen</c:externalNotes>
    <c:contact>
      <c:telecom>
        <c:system><c:code>phone</c:code><c:codeSystem>2.16.840.1.113883.4.642.1.72</c:codeSystem></c:system>
        <c:value>010-30</c:value>
      </c:telecom>
    </c:contact>
  </c:careTeam>
  <c:period><c:start>20260101</c:start><c:end>20261231</c:end></c:period>
  <c:internalNotes>Anhörig ringer</c:internalNotes>
  <c:externalNotes>Ring gärna
på förmiddagen</c:externalNotes>
  <c:managingCareGiver>
    <c:hsaId><c:root>1.2.752.129.2.1.4.1</c:root><c:extension>SE2321000131-region</c:extension></c:hsaId>
    <c:name>Regionen</c:name>
    <c:contact>
      <c:telecom>
        <c:system><c:code>phone</c:code><c:codeSystem>2.16.840.1.113883.4.642.1.72</c:codeSystem></c:system>
        <c:value>010-40</c:value>
      </c:telecom>
    </c:contact>
  </c:managingCareGiver>
  <c:managingCareUnit>
    <c:hsaId><c:root>1.2.752.129.2.1.4.1</c:root><c:extension>SE2321000131-Clinic</c:extension></c:hsaId>
    <c:name>Vårdcentralen Ågatan</c:name>
    <c:contact>
      <c:telecom>
        <c:system><c:code>phone</c:code><c:codeSystem>2.16.840.1.113883.4.642.1.72</c:codeSystem></c:system>
        <c:value>010-20</c:value>
      </c:telecom>
      <c:telecom>
        <c:system><c:code>url</c:code><c:codeSystem>2.16.840.1.113883.4.642.1.72</c:codeSystem></c:system>
        <c:value>https://e-tjanster.example.se/tid?enhet=1&amp;s=2</c:value>
      </c:telecom>
      <c:address>
        <c:type><c:code>physical</c:code><c:codeSystem>2.16.840.1.113883.4.642.3.69</c:codeSystem></c:type>
        <c:line>Ågatan 1</c:line>
        <c:city>Göteborg</c:city>
      </c:address>
    </c:contact>
    <c:contact>
      <c:address>
        <c:type><c:code>postal</c:code><c:codeSystem>2.16.840.1.113883.4.642.3.69</c:codeSystem></c:type>
        <c:line>Box 1</c:line>
        <c:city>Mölndal</c:city>
        <c:postalCode>431 30</c:postalCode>
      </c:address>
    </c:contact>
  </c:managingCareUnit>
  <c:careProvidingCareUnit>
    <c:hsaId><c:root>1.2.752.129.2.1.4.1</c:root><c:extension>SE2321000131-Branch</c:extension></c:hsaId>
    <c:name>Hemsjukvården</c:name>
    <c:contact>
      <c:address>
        <c:type><c:code>physical</c:code><c:codeSystem>2.16.840.1.113883.4.642.3.69</c:codeSystem></c:type>
        <c:line>Åvägen 2</c:line>
      </c:address>
    </c:contact>
  </c:careProvidingCareUnit>
  <c:contact>
    <c:telecom>
      <c:system><c:code>phone</c:code><c:codeSystem>2.16.840.1.113883.4.642.1.72</c:codeSystem></c:system>
      <c:value>010-10</c:value>
    </c:telecom>
  </c:contact>
</careManager>
"""


def test_a_whole_answer(sqlite_register: Register) -> None:
    """Every element of internal_record_mapping.csv, in the spelling of the source."""
    clinic = unit(
        "Clinic",
        name="Vårdcentralen Ågatan",
        visiting_address="Ågatan 1",
        visiting_town="Göteborg",
        postal_address="Box 1",
        postal_code="431 30",
        postal_town="Mölndal",
    )
    branch = unit("Branch", name="Hemsjukvården", care_unit=lower(clinic.hsa_id), visiting_address="Åvägen 2")
    nora = Staff(hsa("Nora"), "Nora", "Öberg", "Åsa", befattning="206011", title="Samordnare")
    elders = team(
        "Team-1",
        branch,
        name="Äldreteamet",
        internal_notes="Möte på måndagar",
        external_notes="Vi svarar hela dagen",
    )
    keep(
        sqlite_register,
        PROVIDER,
        clinic,
        branch,
        nora,
        elders,
        *residents(ANNA),
        contact(
            "F1",
            ANNA,
            nora,
            branch,
            type_code="1",
            team=elders.id,
            valid_from=date(2026, 1, 1),
            valid_to=date(2026, 12, 31),
            documented_at=datetime(2026, 1, 5, 8, 9, 30),
            external_notes="Ring gärna\npå förmiddagen",
            internal_notes="Anhörig ringer",
            direct_number_visible=True,
            care_process_root="1.2.752.113.9",
            care_process_id="Process-7",
        ),
        ContactRoute("1", "phone", "010-10", Audience.BY_CHOICE, staff=nora.hsa_id, unit=branch.hsa_id),
        ContactRoute("2", "phone", "010-20", unit=clinic.hsa_id),
        ContactRoute("3", "url", "https://e-tjanster.example.se/tid?enhet=1&s=2", unit=clinic.hsa_id),
        ContactRoute("4", "phone", "010-30", team=elders.id),
        ContactRoute("5", "phone", "010-40", provider=PROVIDER.hsa_id),
    )
    (answer,) = care_managers(make_producer(sqlite_register))
    assert outline(answer.getparent()) == outline(response("GetCareManagers", WHOLE))


def test_as_little_as_possible(sqlite_register: Register) -> None:
    """What the source does not have is left out, and nothing is sent empty."""
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        NORA,
        *residents(ANNA),
        contact("F1", ANNA, NORA, CLINIC, type_code="1"),
    )
    (item,) = care_managers(make_producer(sqlite_register))
    assert [child.tag.partition("}")[2] for child in item] == [
        "careManagerHeader",
        "code",
        "practitioner",
        "period",
        "managingCareGiver",
        "managingCareUnit",
    ]
    assert values(item, "practitioner/name") == ["Dora Nora"]
    assert values(item, "careManagerHeader/accessControlHeader/careProcessId/root") == []
    assert all(len(one) or one.text for one in item.iter())


@pytest.mark.parametrize(
    ("befattning", "title", "qualification"),
    [
        ("206011", None, [["206011"], [oids.BEFATTNING], ["Distriktssköterska"], []]),
        ("999999", "Samordnare", [["999999"], [oids.BEFATTNING], ["Samordnare"], ["Samordnare"]]),
        ("999999", None, [["999999"], [oids.BEFATTNING], [], []]),
        (None, "Samordnare", [[], [], [], ["Samordnare"]]),
        (None, None, [[], [], [], []]),
    ],
    ids=["code", "code not in the list, with title", "code not in the list", "title alone", "neither"],
)
def test_qualification(
    sqlite_register: Register, befattning: str | None, title: str | None, qualification: list[list[str]]
) -> None:
    """The packaged list is older than the one in force: its gaps are passed on."""
    nora = replace(NORA, befattning=befattning, title=title)
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        nora,
        *residents(ANNA),
        contact("F1", ANNA, nora, CLINIC, type_code="1"),
    )
    (item,) = care_managers(make_producer(sqlite_register))
    parts = ("code", "codeSystem", "displayName", "originalText")
    # S003-058, S003-073: the befattning by code, code system and name; a code newer than our list too
    assert [values(item, f"practitioner/qualification/{part}") for part in parts] == qualification


@pytest.mark.parametrize(
    ("own", "others", "asked", "header"),
    [
        (ANNA, (), ANNA, (oids.PERSONNUMMER, ANNA)),
        (ANNA, (OTHER_ID,), OTHER_ID, (oids.PERSONNUMMER, ANNA)),
        (OTHER_ID, (), OTHER_ID, (oids.SAMORDNINGSNUMMER, OTHER_ID)),
        (ANNA, (RESERVE_NUMBER,), RESERVE_NUMBER, (oids.PERSONNUMMER, ANNA)),
        (RESERVE_NUMBER, (OTHER_ID,), RESERVE_NUMBER, (oids.SAMORDNINGSNUMMER, OTHER_ID)),
        (RESERVE_NUMBER, (), RESERVE_NUMBER, None),
    ],
    ids=["own", "linked", "samordningsnummer", "linked reserve number", "own reserve number", "that alone"],
)
def test_patient_in_the_header(
    sqlite_register: Register, own: str, others: tuple[str, ...], asked: str, header: tuple[str, str] | None
) -> None:
    """The resident's own identity, but never a reserve number, which the header may not carry."""
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        NORA,
        Resident(own, COUNTY, other_ids=others),
        Resident(CLARA, COUNTY),
        contact("F1", own, NORA, CLINIC, type_code="1"),
    )
    app = make_producer(sqlite_register)
    patient = "careManagerHeader/accessControlHeader/patientId/*"
    assert [values(one, patient) for one in care_managers(app, asked)] == ([list(header)] if header else [])
    assert care_managers(app, CLARA) == []


@pytest.mark.parametrize("address", [SOURCE_SYSTEM, SOURCE_SYSTEM.lower(), str(hsa("other")), "5565594230"])
def test_logical_addresses(sqlite_register: Register, address: str) -> None:
    """The source system's own and those that are set, whatever the letter case."""
    other = CareProvider(hsa("municipality"), "Kommunen")
    at = unit("home", provider=other.hsa_id)
    keep(
        sqlite_register,
        other,
        at,
        NORA,
        *residents(ANNA),
        contact("F1", ANNA, NORA, at, type_code="3", documented_at=LONG_AGO),
    )
    settings = {"source_system_id": SOURCE_SYSTEM, "logical_addresses": (str(hsa("OTHER")), "5565594230")}
    app = make_producer(sqlite_register, care_managers=settings)
    (item,) = care_managers(app, address=address)
    # S002-006: one source system answers for the contacts, at each address that is set
    assert values(item, "careManagerHeader/sourceSystemId/extension") == [SOURCE_SYSTEM]
    strange = ask(app, "GetCareManagers", person("patientId", ANNA), address=COUNTY)
    assert "FK202" in strange.findtext("faultstring")
