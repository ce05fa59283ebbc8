"""What the client sends, and how it reads answers."""

import shutil
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import requests_mock
from pydantic import ValidationError

from consumer.client import Client, contract_address
from consumer.results import Answer, Result
from consumer.settings import CallSettings
from consumer.transport import CallError
from contracts import oids
from contracts.catalogue import by_name
from contracts.codes import ActorType, ResultCode
from contracts.identifiers import IdentifierError
from contracts.messages import (
    CV,
    II,
    REQUESTS,
    Actor,
    CreateListing,
    GetAvailableHealthcareFacilities,
    GetAvailableHealthcarePersonnel,
    GetCareManagers,
    GetListing,
    GetListingCounty,
    GetListingTypes,
    PingForConfiguration,
    Request,
    UpdateListing,
    read,
)
from contracts.schemas import SchemaError, Schemas, built_in
from tests import peers
from tests.peers import answered, response_element
from tests.soap import check_exchange, check_request, response

XSI = "http://www.w3.org/2001/XMLSchema-instance"
PERSON = II(oids.PERSONNUMMER, "195709263080")
ACTOR = Actor(PERSON, ActorType.CITIZEN)
PV = CV("PV", oids.LISTING_TYPE)
UNIT = II(oids.HSA_ID, "SE2321000131-E000000000001")

LISTING = by_name("GetListing")
MESSAGE = GetListing(ACTOR, PERSON)
NOTHING = "<resultCode>OK</resultCode>"
LISTED = """<listings>
    <c:validFromDate>2024-03-01T00:00:00</c:validFromDate>
    <c:listingType><c:code>PV</c:code><c:codeSystem>1.2.752.129.5.1.27</c:codeSystem></c:listingType>
    <c:healthcareFacility>
      <c:id>SE2321000131-E000000000001</c:id><c:name>Vårdcentralen Ängen</c:name>
      <c:hasQueue>false</c:hasQueue>
      <c:supportsHealthcarePersonnel>true</c:supportsHealthcarePersonnel>
    </c:healthcareFacility>
    <c:isInQueue>false</c:isInQueue>
    <e:remainingChanges>2</e:remainingChanges>
  </listings>"""


MESSAGES: tuple[Request, ...] = (
    MESSAGE,
    GetListingCounty(Actor(UNIT, ActorType.PRIVATE_CAREGIVER), PERSON),
    GetListingTypes(),
    GetListingTypes(PERSON, II(oids.COUNTY, "14")),
    GetAvailableHealthcareFacilities(),
    GetAvailableHealthcareFacilities(("SE1-A", "SE1-Å"), (PV, CV("X", "1.2.3", "Särskild <typ> & mer"))),
    GetAvailableHealthcarePersonnel(PERSON, "SE1-A", (PV,)),
    CreateListing(ACTOR, PERSON, "SE1-A", PV),
    CreateListing(ACTOR, PERSON, "SE1-A", PV, "SE1-D", True, II(oids.COUNTY, "14"), II(oids.COUNTY, "17")),
    CreateListing(ACTOR, PERSON, "SE1-A", PV, add_to_queue=False),
    UpdateListing(PERSON, II(oids.COUNTY, "14"), II(oids.COUNTY, "17")),
    UpdateListing(PERSON, II(oids.COUNTY, "14"), II(oids.COUNTY, "17"), CV("X", "1.2.3")),
    GetCareManagers(PERSON),
    GetCareManagers(PERSON, UNIT, UNIT, (CV("2", oids.FIXED_CONTACT_TYPE), CV("1")), II("1.2.3", "p-7")),
    PingForConfiguration(LISTING.namespace, "14"),
)


def call(content: str, **options: Any) -> Result:
    """Call GetListing and have it answered with this in the response element."""
    return peers.call(MESSAGE, content=response(response_element(MESSAGE, content)), **options)


def test_every_contract_is_among_the_messages() -> None:
    assert {type(message) for message in MESSAGES} == set(REQUESTS.values())


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_request_arrives_as_it_was_meant(message: Request) -> None:
    contract = by_name(type(message).__name__)
    with requests_mock.Mocker() as peer, Client(CallSettings()) as client:
        peer.post(f"http://127.0.0.1:8080{contract.path}", content=b"")
        client.call(message, "14")
    sent = peer.last_request
    element = check_request(sent.body)
    assert read(contract, element) == message
    assert sent.headers["SOAPAction"] == f'"{contract.soap_action}"'
    assert sent.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert sent.headers["User-Agent"] == f"fastkontakt/{version('fastkontakt')}"
    assert "x-rivta-original-serviceconsumer-hsaid" not in sent.headers


def test_the_logical_address_is_sent_without_blanks() -> None:
    with requests_mock.Mocker() as peer, Client(CallSettings()) as client:
        peer.post(requests_mock.ANY, content=b"")
        client.call(MESSAGE, " 14\n")
    assert b">14</" in peer.last_request.body


def test_headers_of_settings_and_call_are_sent() -> None:
    settings = CallSettings(original_consumer="SE2321000131-K1")
    with requests_mock.Mocker() as peer, Client(settings) as client:
        peer.post(requests_mock.ANY, content=b"")
        client.call(MESSAGE, "14", headers={"x-mock-response": "SoapFault"})
        client.call(MESSAGE, "14", headers={"X-RIVTA-Original-ServiceConsumer-HsaId": "SE5565594230-B"})
    first, second = peer.request_history
    assert first.headers["x-rivta-original-serviceconsumer-hsaid"] == "SE2321000131-K1"
    assert first.headers["x-mock-response"] == "SoapFault"
    assert second.headers["x-rivta-original-serviceconsumer-hsaid"] == "SE5565594230-B"
    assert "x-mock-response" not in second.headers


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ("http://localhost:8080", f"http://localhost:8080{LISTING.path}"),
        ("https://producer.example/", f"https://producer.example{LISTING.path}"),
        ("https://esb.example/vp", "https://esb.example/vp"),
        ("https://esb.example/vp/GetListing/2/rivtabp21/", "https://esb.example/vp/GetListing/2/rivtabp21/"),
        ("https://esb.example?route=1", "https://esb.example?route=1"),
        ("http://[::1]:8080", f"http://[::1]:8080{LISTING.path}"),
    ],
)
def test_contract_address(endpoint: str, address: str) -> None:
    assert contract_address(endpoint, LISTING) == address


@pytest.mark.parametrize(
    "endpoint", ["localhost:8080", "ftp://x/", "file:///etc/hostname", "http://", "http://[::1", "", "//x/"]
)
def test_an_endpoint_that_is_no_address_is_refused(endpoint: str) -> None:
    with pytest.raises(CallError, match="no address to call"):
        contract_address(endpoint, LISTING)


def test_the_endpoint_of_the_call_goes_before_that_of_the_settings() -> None:
    settings = CallSettings(endpoint="https://settings.example")
    assert call(NOTHING, settings=settings).exchange.address == f"https://settings.example{LISTING.path}"
    other = call(NOTHING, settings=settings, endpoint="https://call.example/vp")
    assert other.exchange.address == "https://call.example/vp"


@pytest.mark.parametrize(
    ("message", "options", "says"),
    [
        (MESSAGE, {"endpoint": "http://a:b:c/"}, "cannot be written"),
        (MESSAGE, {"endpoint": "http://host:99999999/"}, "cannot be written"),
        (MESSAGE, {"headers": {"x y": "1"}}, "'x y'"),
        (MESSAGE, {"headers": {"x": "å"}}, "'x'"),
        (MESSAGE, {"headers": {"x": "1\r\ny: 2"}}, "'x'"),
        (MESSAGE, {"headers": {"x": ""}}, "'x'"),
        (GetAvailableHealthcareFacilities(("\x01",)), {}, "cannot be written"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_sending(
    message: Request, options: dict[str, object], says: str
) -> None:
    with requests_mock.Mocker() as peer, Client(CallSettings()) as client:
        with pytest.raises(CallError, match=says):
            client.call(message, "14", **options)  # type: ignore[arg-type]
        assert not peer.called


def test_an_empty_logical_address_is_refused() -> None:
    with Client(CallSettings()) as client, pytest.raises(IdentifierError, match="logical address is empty"):
        client.call(MESSAGE, "  ")


def test_an_answer_is_read_with_its_types() -> None:
    result = call(f"{LISTED}<resultCode>INFO</resultCode><resultText>Välkommen</resultText>")
    assert isinstance(result, Answer)
    assert result.ok
    assert (result.result_code, result.result_text) == (ResultCode.INFO, "Välkommen")
    assert result.problems == []
    assert result.body["listings"] == [
        {
            "validFromDate": datetime(2024, 3, 1),
            "validToDate": None,
            "listingType": {
                "code": "PV",
                "codeSystem": "1.2.752.129.5.1.27",
                "codeSystemName": None,
                "codeSystemVersion": None,
                "displayName": None,
                "originalText": None,
            },
            "healthcareFacility": {
                "id": "SE2321000131-E000000000001",
                "name": "Vårdcentralen Ängen",
                "hasQueue": False,
                "supportedListingTypes": [],
                "supportsHealthcarePersonnel": True,
                "queueLength": None,
                "estimatedWaitInQueue": None,
            },
            "healthcarePersonnel": None,
            "isInQueue": False,
            "queuePosition": None,
            "estimatedWaitInQueue": None,
            "remainingChanges": 2,
        }
    ]


def test_the_exchange_is_recorded_byte_by_byte() -> None:
    content = response(response_element(MESSAGE, NOTHING))
    with requests_mock.Mocker() as peer, Client(CallSettings()) as client:
        peer.post(requests_mock.ANY, content=content, headers={"x-skltp-prt": "12"})
        exchange = client.call(MESSAGE, "14").exchange
    check_exchange(exchange.request, exchange.response)
    assert exchange.request == peer.last_request.body
    assert exchange.request_headers["SOAPAction"] == f'"{LISTING.soap_action}"'
    assert exchange.response == content
    assert exchange.response_headers == {"x-skltp-prt": "12"}
    assert (exchange.status, exchange.address) == (200, f"http://127.0.0.1:8080{LISTING.path}")
    assert 0 <= exchange.seconds < 5


def test_nothing_of_a_message_stands_in_a_repr() -> None:
    result = call(LISTED + NOTHING)
    assert "Ängen" not in repr(result)
    assert "195709263080" not in repr(result)


def test_a_contract_without_result_code_answers_without() -> None:
    result = answered(GetCareManagers(PERSON), "")
    assert result.ok
    assert (result.result_code, result.result_text, result.body) == (None, None, {"careManager": []})


@pytest.mark.parametrize(
    ("code", "expected"),
    [("ERROR", ResultCode.ERROR), ("ERROR_AGE_LIMIT", ResultCode.ERROR_AGE_LIMIT)],
)
def test_an_error_is_an_answer_that_is_not_ok(code: str, expected: ResultCode) -> None:
    result = call(f"<resultCode>{code}</resultCode>")
    assert isinstance(result, Answer)
    assert result.result_code is expected
    assert not result.problems
    assert not result.ok


@pytest.mark.parametrize(
    ("content", "path"),
    [
        pytest.param(f"{LISTED}<resultCode>FINE</resultCode>", "resultCode", id="unknown resultCode"),
        pytest.param(LISTED, "GetListingResponse", id="no resultCode"),
        pytest.param(f"{NOTHING}{LISTED}", "GetListingResponse", id="order"),
        pytest.param(
            f"{LISTED.replace('<c:hasQueue>false</c:hasQueue>', '')}{NOTHING}",
            "healthcareFacility",
            id="element missing",
        ),
        pytest.param(
            f"{LISTED.replace('2024-03-01T00:00:00', '2024-03-01')}{NOTHING}",
            "validFromDate",
            id="date without time",
        ),
        pytest.param(
            f'<resultCode xmlns:i="{XSI}" i:type="x:y">OK</resultCode>',
            "GetListingResponse",
            id="unknown type",
        ),
    ],
)
def test_an_answer_that_breaks_its_schema_says_where(content: str, path: str) -> None:
    result = call(content)
    assert isinstance(result, Answer)
    assert not result.ok
    assert any(path in problem.path for problem in result.problems)


def test_an_invalid_answer_is_read_as_far_as_it_goes(caplog: pytest.LogCaptureFixture) -> None:
    listed = LISTED.replace("2024-03-01T00:00:00", "1 mars")
    result = call(listed + NOTHING)
    assert isinstance(result, Answer)
    assert result.body["listings"][0]["healthcareFacility"]["name"] == "Vårdcentralen Ängen"
    assert result.body["listings"][0]["validFromDate"] is None
    assert caplog.records == []  # zeep would log the date, which is part of a message


def test_elements_the_schema_lets_through_unnamed_are_left_out() -> None:
    result = answered(GetListingTypes(), f'{NOTHING}<x:later xmlns:x="urn:x">1</x:later>')
    assert result.ok
    assert result.body == {"listingTypes": [], "resultCode": "OK", "resultText": None}


def test_what_a_later_version_adds_at_the_end_of_get_care_managers_is_accepted_and_left_out() -> None:
    # RC2 of 2026-06-29 ends in xs:any, the copy of the aggregating service does not: both are answers.
    message = GetCareManagers(II(oids.PERSONNUMMER, "195709263080"))
    for content in ("", '<later xmlns="urn:example:later">x</later>'):
        result = answered(message, content)
        assert (result.problems, result.ok) == ([], True)
        assert result.body.get("careManager") == []


def test_one_client_calls_several_contracts() -> None:
    with requests_mock.Mocker() as peer, Client(CallSettings()) as client:
        peer.post(requests_mock.ANY, content=b"")
        for message in MESSAGES:
            client.call(message, "14")
    assert len(peer.request_history) == len(MESSAGES)


def test_timeouts_and_tls_files_reach_the_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("cert.pem", "key.pem", "ca.pem"):
        (tmp_path / name).write_text("")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    settings = CallSettings(
        endpoint="https://vp.example/vp",
        connect_timeout_seconds=1.5,
        read_timeout_seconds=7,
        client_certificate=tmp_path / "cert.pem",
        client_key=tmp_path / "key.pem",
        ca_bundle=tmp_path / "ca.pem",
    )
    with requests_mock.Mocker() as peer, Client(settings) as client:
        peer.post(requests_mock.ANY, content=b"")
        client.call(MESSAGE, "14")
    sent = peer.last_request
    assert sent.timeout == (1.5, 7)
    assert sent.cert == (str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))
    assert sent.verify == str(tmp_path / "ca.pem")


def test_a_certificate_file_may_hold_its_key_and_the_server_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    certificate = tmp_path / "both.pem"
    certificate.write_text("")
    settings = CallSettings(endpoint="https://vp.example/vp", client_certificate=certificate)
    with requests_mock.Mocker() as peer, Client(settings) as client:
        peer.post(requests_mock.ANY, content=b"")
        client.call(MESSAGE, "14")
    assert peer.last_request.cert == str(certificate)
    assert peer.last_request.verify is True


@pytest.mark.parametrize("setting", ["client_certificate", "client_key", "ca_bundle"])
def test_a_tls_file_that_is_missing_is_named(setting: str, tmp_path: Path) -> None:
    present = tmp_path / "present.pem"
    present.write_text("")
    files = {"client_certificate": present, setting: tmp_path / "missing.pem"}
    with pytest.raises(CallError, match=rf"call\.{setting}: there is no file .*missing\.pem"):
        Client(CallSettings(**files))


def test_a_key_needs_its_certificate() -> None:
    with pytest.raises(ValidationError, match="client_key is set without client_certificate"):
        CallSettings(client_key=Path("key.pem"))


def test_a_wsdl_that_reaches_for_the_network_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / LISTING.folder
    shutil.copytree(built_in().folder(LISTING), folder)
    wsdl = folder / LISTING.wsdl_file
    wsdl.write_text(
        f'<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="{LISTING.wsdl_namespace}">'
        '<import namespace="urn:x" location="http://attacker.example/x.wsdl"/></definitions>'
    )
    with requests_mock.Mocker() as peer, Client(CallSettings(), Schemas(tmp_path)) as client:
        with pytest.raises(SchemaError, match=r"GetListingInteraction_2\.1_RIVTABP21\.wsdl cannot be used"):
            client.call(MESSAGE, "14")
        assert not peer.called
