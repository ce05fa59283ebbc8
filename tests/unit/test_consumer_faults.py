"""Half-broken peers: whatever comes back becomes a typed result, and says whether to call again."""

import csv
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
import requests
from urllib3.exceptions import ReadTimeoutError

from consumer import transport
from consumer.faults import fault_kinds
from consumer.results import Answer, FaultAnswer, NoAnswer, NoAnswerKind, Result
from contracts.catalogue import by_name
from contracts.messages import PingForConfiguration
from tests import peers
from tests.soap import SOAP, check_envelope, fault, response

PING = by_name("PingForConfiguration")
ANSWER = (
    f'<PingForConfigurationResponse xmlns="{PING.namespace}"><version>Ö 1.0</version>'
    "<pingDateTime>20261121093000</pingDateTime></PingForConfigurationResponse>"
)
LOG_ID = "7b9f5e6a-6c1c-4c1e-9a53-0d2f8f3f1c11"
TEXT_XML = {"Content-Type": "text/xml; charset=UTF-8"}
ENTITY_BOMB = (
    '<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {after} "{f"&{before};" * 10}">' for before, after in pairwise("abcdefghij"))
    + "]>"
)


def call(**answer: Any) -> Result:
    """Call PingForConfiguration and have it answered so."""
    return peers.call(PingForConfiguration(PING.namespace, "14"), **answer)


def no_answer(**answer: Any) -> NoAnswer:
    result = call(**answer)
    assert isinstance(result, NoAnswer), result
    return result


def fault_answer(**answer: Any) -> FaultAnswer:
    result = call(**answer)
    assert isinstance(result, FaultAnswer), result
    return result


@pytest.mark.parametrize(
    ("answer", "kind", "says", "retry"),
    [
        pytest.param({"exc": requests.ReadTimeout}, "timeout", "within 30 s", True, id="read timeout"),
        pytest.param({"exc": requests.ConnectTimeout}, "timeout", "within 2 s", True, id="connect timeout"),
        pytest.param(
            {"exc": requests.ConnectionError(ReadTimeoutError(None, "", ""))},  # type: ignore[arg-type]
            "timeout",
            "within 30 s",
            True,
            id="timeout amid the body",
        ),
        pytest.param(
            {"exc": requests.ConnectionError}, "connection", "check the address", True, id="connection"
        ),
        pytest.param({"exc": requests.exceptions.ProxyError}, "connection", "ProxyError", True, id="proxy"),
        pytest.param(
            {"exc": requests.exceptions.ChunkedEncodingError}, "connection", "broke", True, id="broken off"
        ),
        pytest.param({"exc": requests.exceptions.SSLError}, "tls", "call.ca_bundle", False, id="TLS"),
        pytest.param(
            {"exc": requests.exceptions.ContentDecodingError}, "not_soap", "compressed", True, id="encoding"
        ),
        pytest.param({"status_code": 500, "text": "<html><body>Oj"}, "http", "HTTP 500", True, id="500 HTML"),
        pytest.param(
            {"status_code": 500, "text": "<!DOCTYPE html><html/>"},
            "http",
            "HTML",
            True,
            id="500 HTML doctype",
        ),
        pytest.param({"status_code": 500}, "http", "is empty", True, id="500 empty"),
        pytest.param({"status_code": 503, "json": {"error": 1}}, "http", "HTTP 503", True, id="503 JSON"),
        pytest.param({"status_code": 429}, "http", "HTTP 429", True, id="429"),
        pytest.param({"status_code": 400}, "http", "HTTP 400", False, id="400"),
        pytest.param({"status_code": 401}, "http", "HTTP 401", False, id="401"),
        pytest.param({"status_code": 403}, "http", "HTTP 403", False, id="403"),
        pytest.param({"status_code": 404, "text": "Not found"}, "http", "HTTP 404", False, id="404"),
        pytest.param(
            {"status_code": 302, "headers": {"Location": "http://other.example/"}},
            "http",
            "redirects are not followed",
            False,
            id="302",
        ),
        pytest.param(
            {"status_code": 500, "content": response(ANSWER)}, "http", "status of success", True, id="500 OK"
        ),
        pytest.param({"text": ""}, "not_soap", "is empty", True, id="200 empty"),
        pytest.param({"status_code": 202, "text": " \n"}, "not_soap", "is empty", True, id="202 blank"),
        pytest.param({"text": "<html><head></html>"}, "not_soap", "line 1, column", True, id="not XML"),
        pytest.param({"text": "<html/>"}, "not_soap", "not a SOAP 1.1 envelope", True, id="200 HTML"),
        pytest.param({"text": "{}"}, "not_soap", "not well-formed", True, id="JSON"),
        pytest.param({"text": ANSWER}, "not_soap", "not a SOAP 1.1 envelope", True, id="no envelope"),
        pytest.param({"content": response(ANSWER)[:-20]}, "not_soap", "not well-formed", True, id="cut off"),
        pytest.param({"content": response("")}, "not_soap", "0 elements", True, id="empty Body"),
        pytest.param({"content": response(ANSWER * 2)}, "not_soap", "2 elements", True, id="two answers"),
        pytest.param(
            {"text": f'<s:Envelope xmlns:s="{SOAP}"/>'},
            "not_soap",
            "0 SOAP Body elements",
            True,
            id="no Body",
        ),
        pytest.param(
            {"content": response(ANSWER).replace(SOAP.encode(), b"http://www.w3.org/2003/05/soap-envelope")},
            "not_soap",
            "SOAP 1.2",
            True,
            id="SOAP 1.2",
        ),
        pytest.param(
            {"content": response('<p19 xmlns="urn:x"/>')},
            "not_soap",
            "no known contract",
            True,
            id="stranger",
        ),
        pytest.param(
            {"content": response(f'<GetListingResponse xmlns="{by_name("GetListing").namespace}"/>')},
            "not_soap",
            "a message of GetListing",
            True,
            id="another contract's answer",
        ),
        pytest.param(
            {"content": response(ANSWER).decode().replace("UTF-8", "ISO-8859-1").encode("latin-1")}
            | {"headers": TEXT_XML},
            "not_soap",
            "not well-formed",
            True,
            id="ISO-8859-1 labelled UTF-8",
        ),
        pytest.param(
            {"content": response(ANSWER), "headers": {"Content-Type": "text/xml; charset=ebcdic"}},
            "not_soap",
            "charset",
            True,
            id="unknown charset",
        ),
        pytest.param(
            {"content": response(ANSWER).replace(b"<soap:Env", b"<!DOCTYPE x []><soap:Env", 1)},
            "dtd",
            "DOCTYPE",
            False,
            id="DOCTYPE",
        ),
        pytest.param(
            {"text": '<!DOCTYPE x SYSTEM "http://attacker.example/x.dtd"><x/>'},
            "dtd",
            "DOCTYPE",
            False,
            id="DTD",
        ),
        pytest.param(
            {"text": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>'},
            "dtd",
            "DOCTYPE",
            False,
            id="external entity",
        ),
        pytest.param({"text": f"{ENTITY_BOMB}<lolz>&j;</lolz>"}, "dtd", "DOCTYPE", False, id="entity bomb"),
        pytest.param(
            {"status_code": 500, "text": f'<?xml version="1.0"?> <!-- --> {ENTITY_BOMB}<lolz l="&j;"/>'},
            "dtd",
            "DOCTYPE",
            False,
            id="entity bomb in an attribute, with 500",
        ),
        pytest.param(
            {"content": b"\xff\xfe" + f"{ENTITY_BOMB}<lolz>&j;</lolz>".encode("utf-16-le")},
            "dtd",
            "DOCTYPE",
            False,
            id="entity bomb in UTF-16",
        ),
        pytest.param(
            {"content": b"x" * (transport.MAX_RESPONSE_BYTES + 1)}, "too_large", "15728640", False, id="huge"
        ),
    ],
)
def test_no_answer(answer: dict[str, Any], kind: str, says: str, retry: bool) -> None:
    result = no_answer(**answer)
    assert result.kind == NoAnswerKind(kind)
    assert says in result.reason
    assert result.retry is retry
    assert result.exchange.status == (None if "exc" in answer else answer.get("status_code", 200))


def test_an_answer_of_the_greatest_size_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    content = response(ANSWER)
    monkeypatch.setattr(transport, "MAX_RESPONSE_BYTES", len(content))
    assert isinstance(call(content=content), Answer)
    monkeypatch.setattr(transport, "MAX_RESPONSE_BYTES", len(content) - 1)
    result = no_answer(content=content)
    assert (result.kind, result.exchange.response) == (NoAnswerKind.TOO_LARGE, b"")


def test_a_reason_never_quotes_the_answer() -> None:
    for text in (
        "<a>195709263080</b>",
        "195709263080",
        "<a>&195709263080;</a>",
        "<!DOCTYPE p195709263080><a/>",
    ):
        assert "195709263080" not in no_answer(text=text).reason


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        pytest.param(response(ANSWER), {}, id="no label"),
        pytest.param(response(ANSWER), {"Content-Type": "text/xml"}, id="no charset"),
        pytest.param(response(ANSWER), {"Content-Type": "text/xml; charset"}, id="empty charset"),
        pytest.param(b"\xef\xbb\xbf" + response(ANSWER), TEXT_XML, id="byte order mark"),
        pytest.param(
            response(ANSWER).decode().encode("latin-1"),
            {"content-type": 'text/xml; charset="iso-8859-1"'},
            id="the label goes before the XML declaration",
        ),
        pytest.param(
            b"\xff\xfe" + response(ANSWER).decode().replace("UTF-8", "UTF-16").encode("utf-16-le"),
            TEXT_XML,
            id="the byte order mark goes before the label",
        ),
        pytest.param(
            response(ANSWER).replace(b"<soap:Body>", b"<!-- c --><soap:Header/><soap:Body><?p i?>"),
            TEXT_XML,
            id="comment, header and processing instruction",
        ),
    ],
)
def test_answers_in_any_dress_are_read(content: bytes, headers: dict[str, str]) -> None:
    result = call(content=content, headers=headers)
    assert isinstance(result, Answer)
    assert result.ok
    assert result.body["version"] == "Ö 1.0"


def test_a_type_named_with_a_prefix_of_the_envelope_is_understood() -> None:
    content = (
        response(ANSWER)
        .replace(b"<version>", b'<version i:type="x:string">')
        .replace(
            b"<soap:Envelope",
            b'<soap:Envelope xmlns:x="http://www.w3.org/2001/XMLSchema" '
            b'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"',
        )
    )
    check_envelope(content)
    result = call(content=content)
    assert isinstance(result, Answer)
    assert result.problems == []


@pytest.mark.parametrize("status", [200, 500, 400, 403])
def test_a_fault_is_one_with_any_status(status: int) -> None:
    content = fault("soap:Server", f"FK501 An unexpected error stopped the request. Log id: {LOG_ID}")
    check_envelope(content)
    result = fault_answer(status_code=status, content=content)
    assert (result.faultcode, result.faultcode_namespace) == ("Server", SOAP)
    assert result.log_id == LOG_ID
    assert result.vp_code is None
    assert result.retry is (status != 403)  # denied access is 403 (RIV-TA rule 28)


@pytest.mark.parametrize(
    ("code", "local", "namespace", "retry"),
    [
        ("soap:Client", "Client", SOAP, False),
        ("soap:Server", "Server", SOAP, True),
        ("soap:MustUnderstand", "MustUnderstand", SOAP, False),
        ("soap:VersionMismatch", "VersionMismatch", SOAP, False),
        ("soap:Client.Authentication", "Client.Authentication", SOAP, False),
        ("Client", "Client", None, False),
        (" Server\n", "Server", None, True),
        ("nobody:Client", "Client", None, False),
        ("soap:OwnCode", "OwnCode", SOAP, True),
        ("", "", None, True),
    ],
)
def test_faultcode(code: str, local: str, namespace: str | None, retry: bool) -> None:
    result = fault_answer(status_code=500, content=fault(code, "Fel"))
    assert (result.faultcode, result.faultcode_namespace) == (local, namespace)
    assert result.retry is retry
    assert result.kind.advice


@pytest.mark.parametrize(
    ("content", "string", "detail"),
    [
        pytest.param("<soap:Fault/>", "", "", id="nothing"),
        pytest.param("<soap:Fault><faultstring/></soap:Fault>", "", "", id="no code"),
        pytest.param(
            "<soap:Fault><soap:faultcode>soap:Server</soap:faultcode><soap:faultstring>Fel</soap:faultstring>"
            "</soap:Fault>",
            "Fel",
            "",
            id="qualified children",
        ),
        pytest.param(
            "<soap:Fault><faultcode>Server</faultcode><faultstring> Ett\n  fel </faultstring>"
            "<detail><a>ett</a><b>två<c/>tre</b></detail></soap:Fault>",
            "Ett fel",
            "ett två tre",
            id="detail",
        ),
    ],
)
def test_odd_faults_are_read(content: str, string: str, detail: str) -> None:
    result = fault_answer(status_code=500, content=response(content))
    assert (result.faultstring, result.detail) == (string, detail)


# As VP writes them: code, instance in brackets, a sentence. Reactions: RIV-TA rule 22, fact table 2.6.
VP_CODES = {
    "VP001": ("Client", False),
    "VP002": ("Client", False),
    "VP003": ("Client", False),
    "VP004": ("Client", False),
    "VP005": ("Client", False),
    "VP006": ("Server", False),
    "VP007": ("Server", False),
    "VP008": ("Server", True),
    "VP009": ("Server", True),
    "VP010": ("Server", False),
    "VP011": ("Client", False),
    "VP012": ("Server", True),
    "VP013": ("Client", False),
    "VP014": ("Server", False),
    "VP015": ("Client", False),
    "VP016": ("Server", False),
}


@pytest.mark.parametrize("code", VP_CODES)
def test_a_fault_of_the_platform(code: str) -> None:
    faultcode, retry = VP_CODES[code]
    text = f"{code} [NTjP-TEST] Ett fel uppstod."
    result = fault_answer(status_code=500, content=fault(f"soap:{faultcode}", text))
    assert result.vp_code == code
    assert result.kind.code == code
    assert result.retry is retry


def test_every_code_of_the_platform_has_its_row() -> None:
    assert {code for code in fault_kinds() if code.startswith("VP")} == set(VP_CODES)
    rows = list(csv.reader(files("consumer").joinpath("faults.csv").read_text("utf-8").splitlines()))
    assert len(rows) == len(fault_kinds()) + 1  # no code twice
    assert {row[2] for row in rows[1:]} == {"yes", "no"}


@pytest.mark.parametrize(
    ("status", "retry"), [(400, False), (403, False), (404, False), (500, True), (503, True)]
)
def test_vp009_is_final_when_the_producer_was(status: int, retry: bool) -> None:
    detail = (
        "<detail><detailString>Exception during SOAP-call to producer: "
        f"VP_PRODUCER_EXCEPTION_HTTP_STATUS={status}</detailString></detail>"
    )
    text = "VP009 [NTjP] Fel vid kontakt med tjänsteproducenten."
    result = fault_answer(status_code=500, content=fault("soap:Server", text, detail))
    assert result.retry is retry


@pytest.mark.parametrize("text", ["Fel VP007", "VP0071", "vp007", "XVP007"])
def test_a_code_counts_only_at_the_start(text: str) -> None:
    assert fault_answer(status_code=500, content=fault("soap:Server", text)).vp_code is None


def test_a_code_of_the_platform_that_is_not_known_goes_by_its_faultcode() -> None:
    result = fault_answer(status_code=500, content=fault("soap:Client", "VP099 [X] Nytt fel."))
    assert (result.vp_code, result.kind.code, result.retry) == ("VP099", "Client", False)
