"""The portal before producers that send what they should not, and browsers that send what they must not."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import requests_mock

from contracts.messages import GetCareManagers, GetListing, Request
from tests.messages import path
from tests.peers import response_element
from tests.portal import Visit, peer_portal
from tests.producers import SOURCE_SYSTEM
from tests.records import ANNA
from tests.soap import check_exchange, check_request, fault, response
from tests.unit.test_consumer_presentation import CONTACT

BASE = "http://127.0.0.1:8080"


@pytest.fixture
def visit() -> Visit:
    return Visit(peer_portal())


@pytest.fixture
def peer() -> Iterator[requests_mock.Mocker]:
    with requests_mock.Mocker() as mocker:
        mocker.post(re.compile("GetListing"), content=fault("soap:Server", "stängt"))
        yield mocker
        for sent in mocker.request_history:
            check_request(sent.body)


def _answers(peer: requests_mock.Mocker, kind: type[Request], content: str) -> bytes:
    """Let the producer answer a contract with this."""
    message = response(response_element(kind.__new__(kind), content))
    peer.post(BASE + path(kind.__name__), content=message)
    return message


def _last(peer: requests_mock.Mocker) -> bytes:
    """Return the last request that came."""
    return bytes(peer.request_history[-1].body)


def test_text_of_a_producer_is_text_and_its_links_run_nothing(
    visit: Visit, peer: requests_mock.Mocker
) -> None:
    hostile = CONTACT.replace("<c:name>", "<c:name>&lt;script&gt;alert(1)&lt;/script&gt;", 1)
    hostile = re.sub("<c:value>[^<]*</c:value>", "<c:value>javascript:alert(1)</c:value>", hostile)
    answer = _answers(peer, GetCareManagers, hostile)
    visit.choose(ANNA).open("/kontakter")
    check_exchange(_last(peer), answer)
    assert "<script>alert(1)</script>" in visit.main
    assert visit.page.xpath("//script") == []
    assert [one for one in visit.page.xpath("//a/@href") if "javascript" in one] == []


def test_an_answer_that_breaks_its_schema_is_shown_with_each_error_at_its_line(
    visit: Visit, peer: requests_mock.Mocker
) -> None:
    _answers(peer, GetCareManagers, CONTACT.replace("<c:start>", "<c:start>in ", 1))
    visit.choose(ANNA).open("/kontakter")
    assert "bryter mot schemat" in visit.verdicts[0]
    (wrong,) = visit.wrong
    assert wrong.startswith("<c:start>in ")
    assert visit.main  # what could be read of it


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ({"text": "<html>underhåll</html>"}, "Fel: HTTP 200"),
        ({"status_code": 502, "text": ""}, "Fel: HTTP 502"),
        ({"exc": requests.exceptions.ConnectTimeout}, "Fel: inget svar"),
        ({"content": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}, "Fel: HTTP 200"),
        ({"content": b"\xff\xfe\x00"}, "Fel: HTTP 200"),
    ],
)
def test_what_is_no_answer_is_a_service_that_does_not_answer(
    visit: Visit, peer: requests_mock.Mocker, answer: dict[str, Any], verdict: str
) -> None:
    peer.post(re.compile("GetListing"), **answer)
    visit.choose(ANNA)
    assert visit.status == 200
    assert "Tjänsten svarar inte just nu" in visit.main
    assert all(one.startswith(verdict) for one in visit.verdicts), visit.verdicts


def test_the_resident_is_not_shown_what_is_for_staff_whatever_comes(
    visit: Visit, peer: requests_mock.Mocker
) -> None:
    assert "<c:internalNotes>" in CONTACT
    notes = re.findall("<c:internalNotes>([^<]*)</c:internalNotes>", CONTACT)
    _answers(peer, GetCareManagers, CONTACT)
    visit.choose(ANNA).open("/kontakter")
    assert [one for one in notes if one.split()[0] in visit.main] == []


def test_nothing_is_changed_by_a_form_that_is_not_the_portals_own(
    visit: Visit, peer: requests_mock.Mocker
) -> None:
    visit.choose(ANNA)
    asked = peer.call_count
    visit.open("/").send("Visa", **{"csrf_token": "forged"})
    assert visit.status == 400
    assert "Formuläret gäller inte längre" in visit.main
    assert peer.call_count == asked


def test_pages_let_in_nothing_from_elsewhere_and_are_kept_nowhere() -> None:
    answer = peer_portal().test_client().get("/")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    page = answer.text
    assert re.findall(r" (?:style|on\w+)=\"", page) == []
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", page) == []


def test_no_person_number_is_in_an_address(visit: Visit, peer: requests_mock.Mocker) -> None:
    answer = _answers(peer, GetListing, "<resultCode>OK</resultCode>")
    visit.choose(ANNA)
    check_exchange(_last(peer), answer)
    assert [one for one in visit.page.xpath("//@href | //@action") if ANNA in one] == []


def test_pages_about_nobody_lead_to_the_choice(visit: Visit) -> None:
    for page in ("/vardcentral", "/kontakter", "/byt", "/byt/bekrafta?enhet=X"):
        assert "Vem vill du vara?" in visit.open(page).main


def test_a_page_that_is_not_there_says_so(visit: Visit) -> None:
    assert "Sidan finns inte" in visit.open("/borta").main
    assert visit.status == 404


def test_contacts_are_asked_for_at_their_source_system(visit: Visit, peer: requests_mock.Mocker) -> None:
    answer = _answers(peer, GetCareManagers, "")
    visit.choose(ANNA).open("/kontakter")
    asked, _ = check_exchange(_last(peer), answer)
    assert SOURCE_SYSTEM.encode() in _last(peer)
    assert asked.tag.endswith("}GetCareManagers")
    assert "Du har ingen fast kontakt" in visit.main
