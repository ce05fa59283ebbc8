"""More of a doctor in carelisting: our element after title, valid by its own schema and 2.1's."""

from dataclasses import replace
from importlib.resources import files

import pytest
import xmlschema
from lxml import etree

from contracts.catalogue import by_name
from contracts.schemas import built_in
from mapping.answers.doctor_extension import NAMESPACE
from register.database import Register
from register.model import Audience, Record
from tests.asking import ask_ok, get_listing, outline
from tests.databases import keep
from tests.messages import person
from tests.producers import make_producer
from tests.records import (
    ANNA,
    PROVIDER,
    contact,
    doctor,
    listing,
    phone,
    residents,
    team,
    unit,
    works_at,
)

CLINIC = unit("clinic", offers_choice_of_personnel=True)
DORA = replace(doctor("dahl"), befattning="201011", title="Distriktsläkare")
TEAM = team("T1", CLINIC, name="Team Väst")
SCHEMA = str(files("xsd") / "fastkontakt_carelisting_doctor" / "fastkontakt_carelisting_doctor_1.0.xsd")
ON = {"doctor_extension": True}
BEFATTNING = """
<d:befattning><d:code>201011</d:code><d:codeSystem>1.2.752.129.2.2.1.4</d:codeSystem>
<d:displayName>Distriktsläkare/Specialist allmänmedicin</d:displayName></d:befattning>"""


def direct(audience: Audience) -> Record:
    return phone("1", audience=audience, staff=DORA.hsa_id, unit=CLINIC.hsa_id)


def fill(register: Register, *records: Record, visible: bool = True) -> None:
    link = contact("F", ANNA, DORA, CLINIC, team=TEAM.id, direct_number_visible=visible)
    keep(register, PROVIDER, CLINIC, DORA, TEAM, works_at(DORA, CLINIC), *residents(ANNA))
    keep(register, listing("L", ANNA, CLINIC), link, *records)


def personnel(register: Register, on: bool = True) -> etree._Element:
    facility = f"<healthcareFacilityHSAId>{CLINIC.hsa_id}</healthcareFacilityHSAId>"
    app = make_producer(register, carelisting=ON if on else {})
    return ask_ok(app, "GetAvailableHealthcarePersonnel", person("personId", ANNA), facility)


def listed(register: Register, on: bool = True) -> etree._Element:
    return get_listing(make_producer(register, carelisting=ON if on else {}))


def extension(answer: etree._Element) -> etree._Element | None:
    """Return our element after seeing that it is last, and valid by its own schema and by the contract's."""
    (entry,) = answer.iterfind(".//{*}healthcarePersonnel")
    found = list(answer.iter(f"{{{NAMESPACE}}}doctor"))
    contract = by_name(etree.QName(answer).localname.removesuffix("Response"))
    assert built_in().valid(contract, answer)
    assert built_in().problems(contract, answer) == []
    if not found:
        return None
    (one,) = found
    assert [etree.QName(child).localname for child in entry] == ["id", "name", "title", "doctor"]
    assert etree.XMLSchema(file=SCHEMA).validate(one)
    xmlschema.XMLSchema10(SCHEMA).validate(one)
    return one


def expected(content: str) -> list[str]:
    parser = etree.XMLParser(remove_blank_text=True)
    return outline(etree.fromstring(f'<d:doctor xmlns:d="{NAMESPACE}">{content}</d:doctor>', parser))


def test_off_unless_it_is_turned_on(sqlite_register: Register) -> None:
    fill(sqlite_register, direct(Audience.BY_CHOICE))
    assert extension(listed(sqlite_register, on=False)) is None
    assert extension(personnel(sqlite_register, on=False)) is None


@pytest.mark.parametrize(
    ("audience", "visible", "shown"),
    [
        (Audience.PATIENT, False, True),
        (Audience.BY_CHOICE, True, True),
        (Audience.BY_CHOICE, False, False),
        (Audience.STAFF, True, False),
    ],
)
def test_in_get_listing(sqlite_register: Register, audience: Audience, visible: bool, shown: bool) -> None:
    """The direct number only where this resident may see it."""
    fill(sqlite_register, direct(audience), visible=visible)
    answer = listed(sqlite_register)
    one = extension(answer)
    assert one is not None
    number = "<d:directPhone>010-1</d:directPhone>" if shown else ""
    # S003-110: direct number, team and befattning stand in the doctor's element
    assert outline(one) == expected(f"{number}<d:team>Team Väst</d:team>{BEFATTNING}")
    # S003-059, S003-061: the direct number only where this resident may see it
    assert ("010-1" in etree.tostring(answer, encoding="unicode")) == shown


@pytest.mark.parametrize("audience", list(Audience))
def test_among_the_doctors_to_choose_no_number_is_told(sqlite_register: Register, audience: Audience) -> None:
    """The befattning alone; a number and a team belong to a patient, whom nobody is yet."""
    fill(sqlite_register, direct(audience))
    one = extension(personnel(sqlite_register))
    assert one is not None
    # S003-110: the befattning of the doctors to choose from
    assert outline(one) == expected(BEFATTNING)


def test_only_phones_and_only_the_doctors_own(sqlite_register: Register) -> None:
    others = (
        replace(phone("2", staff=DORA.hsa_id, unit=CLINIC.hsa_id), system="url"),
        phone("3", unit=CLINIC.hsa_id),
        phone("4", team=TEAM.id),
    )
    fill(
        sqlite_register, direct(Audience.PATIENT), phone("5", staff=DORA.hsa_id, unit=CLINIC.hsa_id), *others
    )
    one = extension(listed(sqlite_register))
    assert one is not None
    assert [number.text for number in one.iterfind("{*}directPhone")] == ["010-1", "010-5"]


def test_nothing_to_tell_makes_no_element(sqlite_register: Register) -> None:
    plain = replace(DORA, befattning=None)
    fill(sqlite_register, plain)
    keep(sqlite_register, contact("F", ANNA, DORA, CLINIC))
    assert extension(listed(sqlite_register)) is None
    assert extension(personnel(sqlite_register)) is None


def test_a_befattning_that_the_list_lacks(sqlite_register: Register) -> None:
    fill(sqlite_register, replace(DORA, befattning="999999"))
    one = extension(personnel(sqlite_register))
    assert one is not None
    assert [child.text for child in one.iterfind("{*}befattning/{*}*")] == ["999999", "1.2.752.129.2.2.1.4"]


def test_a_listing_without_doctor_has_none(sqlite_register: Register) -> None:
    keep(sqlite_register, PROVIDER, CLINIC, *residents(ANNA), listing("L", ANNA, CLINIC))
    assert list(listed(sqlite_register).iter(f"{{{NAMESPACE}}}doctor")) == []
