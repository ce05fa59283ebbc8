"""The portal beside the demo service, page by page, as a resident, a guardian and staff see it."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests
from lxml import html

from fastkontakt import demo_data
from fastkontakt.portal import make_portal
from tests.e2e.processes import Server, serving
from tests.portal import Visit

LISTED, MANY_CONTACTS, QUEUING = "195709263080", "194003189083", "199002222397"
CHILD, GUARDIAN, NOT_LISTED, TWO_COUNTIES = "201702022383", "199406062381", "200208012393", "196711222940"
PROTECTED, BROKEN, NO_DOCTOR = "200001252386", "195206172339", "196101182803"


@pytest.fixture
def visit(demo: Server) -> Visit:
    return _visit(demo)


@pytest.fixture
def changing(tmp_path: Path) -> Iterator[Visit]:
    """A visit that may change something: the service is started for it."""
    with serving("--demo", cwd=tmp_path) as server:
        yield _visit(server)


def _visit(server: Server) -> Visit:
    settings = demo_data.demo_settings(None)
    call = settings.call.model_copy(update={"endpoint": server.base})
    return Visit(make_portal(settings, call))


def _all_valid(visit: Visit) -> bool:
    return bool(visit.verdicts) and all("giltigt enligt schemat" in one for one in visit.verdicts)


def test_a_resident_sees_where_she_is_listed_and_who_her_doctor_is(visit: Visit) -> None:
    visit.choose(LISTED)
    for words in ("Vårdcentralen Ängsblomman", "Åsa Öberg", "Byten kvar i år"):
        assert words in visit.main
    assert _all_valid(visit)
    assert visit.wrong == []


def test_who_queues_sees_her_place_and_the_wait(visit: Visit) -> None:
    visit.choose(QUEUING)
    assert "Du står i kö Vårdcentralen Smörblomman" in visit.main
    assert "Din plats i kön2" in visit.main
    assert "60 dagar" in visit.main


def test_listings_in_another_county_are_asked_for_there(visit: Visit) -> None:
    visit.choose(TWO_COUNTIES)
    assert "Vårdcentralen Vänerstrand" in visit.main
    assert visit.page.xpath("//aside//h3/text()") == [
        "GetListingCounty till 14",
        "GetListing till 14",
        "GetListing till 17",
    ]


def test_who_is_not_listed_is_told_so(visit: Visit) -> None:
    assert "Du är inte listad på någon vårdcentral" in visit.choose(NOT_LISTED).main


def test_a_guardian_sees_the_child(visit: Visit) -> None:
    visit.choose(CHILD, "Vårdnadshavare")
    assert f"ditt barn {CHILD}" in visit.main
    assert "Barnhälsovård" in visit.main
    assert _all_valid(visit)


def test_fixed_contacts_have_role_name_post_and_ways_to_reach_them(visit: Visit) -> None:
    visit.choose(MANY_CONTACTS).follow("Mina fasta kontakter")
    for words in (
        "Fatima Håkanson fast vårdkontakt, Hjärtsviktssjuksköterska",
        "Team: Hjärtsviktsteamet Ring i första hand teamet.",
        "031-390 06 11",
        "mån–fre 08:00–16:00",
        "Öbovägen 22, Göteborg",
    ):
        assert words in visit.main
    assert _all_valid(visit)


def test_notes_for_staff_show_to_staff_alone(visit: Visit) -> None:
    notes = ("Larm utan nyckel.", "Nyckel finns på kontoret.", "sök bakjouren", "Vård till vård")
    resident = visit.choose(MANY_CONTACTS).follow("Mina fasta kontakter").main
    assert [one for one in notes if one in resident] == []
    staff = visit.choose(MANY_CONTACTS, "Vårdpersonal").follow("Mina fasta kontakter").main
    assert [one for one in notes if one not in staff] == []


def test_a_resident_changes_unit_doctor_and_queue_after_a_step_to_confirm(changing: Visit) -> None:
    visit = changing.choose(NO_DOCTOR).follow("Byt vårdcentral").follow("Välj Vårdcentralen Ängsblomman")
    assert "upphör den listningen" in visit.main
    visit.send("Bekräfta", lakare="SE2321000131-DEMOL01")
    assert "Klart" in visit.main
    assert _all_valid(visit)
    visit.follow("Till Min vårdcentral")
    assert "Vårdcentralen Ängsblomman" in visit.main
    assert "Åsa Öberg" in visit.main

    visit.choose(MANY_CONTACTS).follow("Byt vårdcentral").follow("Välj Vårdcentralen Smörblomman")
    assert "full och har kö" in visit.main
    visit.send("Bekräfta", ko="in")
    assert "Du står i kö" in visit.follow("Till Min vårdcentral").main
    visit.send("Lämna kön till Vårdcentralen Smörblomman")
    assert "Du står i kö" not in visit.follow("Till Min vårdcentral").main


def test_what_the_rules_refuse_is_told_in_the_words_of_the_answer(visit: Visit) -> None:
    visit.choose("196709192642").follow("Byt vårdcentral").follow("Välj Vårdcentralen Ängsblomman")
    visit.send("Bekräfta")
    assert "Valet kunde inte göras" in visit.main
    assert _all_valid(visit)


def test_a_protected_person_sees_what_an_unknown_one_sees(visit: Visit) -> None:
    protected = visit.choose(PROTECTED).main.replace(PROTECTED, "")
    unknown = visit.open("/").send("Visa", person="189310229803").main.replace("189310229803", "")
    assert protected == unknown


def test_a_fault_is_a_service_that_does_not_answer_with_the_id_for_support(visit: Visit) -> None:
    visit.choose(BROKEN)
    assert "Tjänsten svarar inte just nu" in visit.main
    assert "SOAP Fault Server, logg-id" in visit.verdicts[-1]


def test_what_is_typed_wrongly_is_told_at_the_field_and_stays(visit: Visit) -> None:
    visit.open("/").send("Visa", person="hej")
    assert visit.status == 400
    assert "Ange personnumret med 12 siffror" in visit.main
    assert visit.page.get_element_by_id("person").value == "hej"


def test_the_demo_serves_the_portal_beside_its_producer(demo: Server) -> None:
    page = f"{demo.base}/portal/"
    assert f"What a resident sees: {page}" in "".join(demo.output)
    with requests.Session() as browser:
        start = html.fromstring(browser.get(page, timeout=30).text)
        form = next(one for one in start.iter("form") if one.fields.get("view") == "professional")
        shown = browser.post(urljoin(page, form.get("action")), data=dict(form.fields), timeout=30)
        assert shown.url == f"{page}vardcentral"
        assert "Vårdcentralen Ängsblomman" in shown.text
        contacts = browser.get(f"{page}kontakter", timeout=30).text
        assert "Varför något inte visas" in contacts  # its register is at hand
        assert (
            browser.get(f"{page}static/portal.css", timeout=30).headers["Content-Type"].startswith("text/css")
        )
    assert requests.get(f"{demo.base}/portalen", timeout=30).status_code == 404
