"""The stand-in platform: what a caller gets of it, and what it passes on (facts on RIV-TA, 2, 4 and 6)."""

import re
from pathlib import Path
from typing import Any

import pytest
import requests
import requests_mock
from flask.testing import FlaskClient
from lxml import etree

from consumer.platform.app import StandInPlatform, platform_app
from consumer.platform.settings import (
    INERA,
    Behaviour,
    PlatformError,
    PlatformSettings,
    Route,
    StandIn,
    read_platform,
)
from contracts.catalogue import by_name
from contracts.schemas import built_in
from tests.messages import create_listing, envelope, person, request, update_listing
from tests.records import ANNA, BO
from tests.soap import SOAP, check_envelope, check_exchange, fault, response
from tests.unit.test_consumer_presentation import CONTACT

PRODUCER = "http://producer.test"
GET_LISTING = envelope(request("GetListingTypes"), "14")
OK = response(
    f'<GetListingTypesResponse xmlns="{by_name("GetListingTypes").namespace}">'
    "<resultCode>OK</resultCode></GetListingTypesResponse>"
)
CALLER, OTHER = "SE2321000131-CALLER", "SE2321000131-OTHER"


def _platform(*routes: Route, **settings: Any) -> FlaskClient:
    given = {"resend_seconds": 0, "producer_seconds": 1, "sender": CALLER} | settings
    return platform_app(StandInPlatform(PlatformSettings(route=routes, **given), built_in())).test_client()


def _post(platform: FlaskClient, body: bytes, **headers: str) -> Any:
    return platform.post("/vp", data=body, headers=headers, content_type="text/xml; charset=UTF-8")


def _code(answer: Any) -> str:
    """Return the platform's code of an answer that is one of its Faults."""
    element = check_envelope(answer.data)
    assert answer.status_code == 500
    found = re.fullmatch(r"(VP\d{3}) \[SANDLADA\] .+", element.findtext("faultstring"))
    assert found, element.findtext("faultstring")
    return found[1]


ROUTE = Route(address="14", endpoint=PRODUCER)


@pytest.mark.parametrize(
    ("routes", "settings", "body", "headers", "code"),
    [
        ((), {}, GET_LISTING, {}, "VP004"),
        ((ROUTE,), {}, GET_LISTING.replace(b">14<", b"> 14 <"), {}, "VP004"),
        ((Route(address="14", contracts=("GetListing",), endpoint=PRODUCER),), {}, GET_LISTING, {}, "VP004"),
        ((ROUTE, ROUTE), {}, GET_LISTING, {}, "VP006"),
        ((Route(address="14", endpoint=PRODUCER, consumers=(OTHER,)),), {}, GET_LISTING, {}, "VP007"),
        ((Route(address="14"),), {}, GET_LISTING, {}, "VP010"),
        ((Route(address="14", endpoint=PRODUCER, fault="VP008"),), {}, GET_LISTING, {}, "VP008"),
        ((ROUTE,), {"sender": None}, GET_LISTING, {}, "VP002"),
        ((ROUTE,), {}, GET_LISTING, {"x-vp-sender-id": CALLER, "x-vp-instance-id": "OTHER"}, "VP011"),
        (
            (ROUTE,),
            {"may_name_others": (OTHER,)},
            GET_LISTING,
            {"x-rivta-original-serviceconsumer-hsaid": OTHER},
            "VP013",
        ),
        ((ROUTE,), {}, b"<nothing", {}, "VP015"),
        ((ROUTE,), {}, response(""), {}, "VP015"),
        ((ROUTE,), {}, response(request("GetListingTypes")), {}, "VP001"),
        ((ROUTE,), {}, GET_LISTING.replace(b">14<", b"><"), {}, "VP003"),
    ],
)
def test_what_cannot_be_passed_on_is_a_fault_of_the_platform(
    routes: tuple[Route, ...], settings: dict[str, Any], body: bytes, headers: dict[str, str], code: str
) -> None:
    with requests_mock.Mocker() as producer:
        assert _code(_post(_platform(*routes, **settings), body, **headers)) == code
        assert producer.call_count == 0


def test_a_producer_gets_what_the_platform_sends_and_no_more() -> None:
    with requests_mock.Mocker() as producer:
        producer.post(requests_mock.ANY, content=OK)
        answer = _platform(ROUTE).post(
            "/vp",
            data=GET_LISTING,
            content_type="text/xml; charset=utf-8; action=x",
            headers={
                "SOAPAction": '"x"',
                "X-Forwarded-For": "10.0.0.1",
                "x-vp-auth-cert": "forged",
                "Accept-Encoding": "gzip",
                "x-skltp-correlation-id": "an-id",
            },
        )
    (sent,) = producer.request_history
    check_exchange(sent.body, answer.data)
    assert sent.url == PRODUCER + by_name("GetListingTypes").path
    names = {name.lower(): value for name, value in sent.headers.items()}
    assert names["content-type"] == "text/xml;charset=UTF-8"
    assert names["x-rivta-original-serviceconsumer-hsaid"] == CALLER
    assert names["x-vp-sender-id"] == CALLER
    assert names["soapaction"] == '"x"'
    assert names["x-skltp-correlation-id"] == "an-id" == answer.headers["x-skltp-correlation-id"]
    assert not {"x-forwarded-for", "x-vp-auth-cert"} & names.keys()


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        ({"status_code": 202, "content": b""}, "Empty message"),
        ({"status_code": 500, "content": b"<html>"}, "VP_PRODUCER_EXCEPTION_HTTP_STATUS=500"),
        *(
            ({"status_code": status, "content": OK}, f"VP_PRODUCER_EXCEPTION_HTTP_STATUS={status}")
            for status in (301, 400, 401, 403, 404, 405, 415, 429, 503)
        ),
        ({"exc": requests.ReadTimeout}, "Timeout"),
        ({"exc": requests.exceptions.SSLError}, "SSLError"),
        ({"exc": requests.exceptions.ConnectionError}, "ConnectionError"),
    ],
)
def test_what_is_no_answer_becomes_vp009(answer: dict[str, Any], detail: str) -> None:
    with requests_mock.Mocker() as producer:
        producer.post(requests_mock.ANY, **answer)
        came = _post(_platform(ROUTE), GET_LISTING)
    assert _code(came) == "VP009"
    assert detail in etree.fromstring(came.data).findtext(
        f"{{{SOAP}}}Body/{{{SOAP}}}Fault/detail/detailString"
    )


@pytest.mark.parametrize(
    ("status", "body"), [(200, OK), (500, fault("soap:Server", "fel")), (200, fault("soap:Server", "fel"))]
)
def test_answers_and_faults_pass_as_they_are(status: int, body: bytes) -> None:
    with requests_mock.Mocker() as producer:
        producer.post(requests_mock.ANY, status_code=status, content=body)
        answer = _post(_platform(ROUTE), GET_LISTING)
    check_exchange(GET_LISTING, answer.data)
    assert (answer.status_code, answer.data) == (status, body)


@pytest.mark.parametrize(
    ("first", "calls"),
    [(requests.ConnectionError, 2), (requests.ReadTimeout, 1), (requests.ConnectTimeout, 1)],
)
def test_a_request_goes_once_more_after_a_broken_connection_and_nothing_else(
    first: type[Exception], calls: int
) -> None:
    with requests_mock.Mocker() as producer:
        producer.post(requests_mock.ANY, [{"exc": first}, {"content": OK}])
        answer = _post(_platform(ROUTE), GET_LISTING)
        assert producer.call_count == calls
    assert (answer.status_code == 200) == (calls == 2)


def test_a_request_in_utf_16_reaches_the_producer_in_utf_8_and_is_answered_in_utf_16() -> None:
    body = f'<?xml version="1.0" encoding="UTF-16"?>{GET_LISTING.decode()}'.encode("utf-16")
    with requests_mock.Mocker() as producer:
        producer.post(requests_mock.ANY, content=OK)
        answer = _platform(ROUTE).post("/vp", data=body, content_type="text/xml")
    check_exchange(producer.request_history[0].body, OK)
    assert etree.fromstring(answer.data).getroottree().docinfo.encoding == "UTF-16"


def test_a_prolog_that_says_utf_16_over_utf_8_is_put_up_with() -> None:
    body = b'<?xml version="1.0" encoding="UTF-16"?>' + GET_LISTING
    with requests_mock.Mocker() as producer:
        producer.post(requests_mock.ANY, content=OK)
        answer = _platform(ROUTE).post("/vp", data=body, content_type="text/xml")
    assert producer.request_history[0].body == body
    check_exchange(GET_LISTING, answer.data)


@pytest.mark.parametrize(
    ("behaviour", "seen"),
    [
        (Behaviour.WELL, "OK"),
        (Behaviour.SLOWLY, "OK"),
        (Behaviour.ERROR, "ERROR"),
        (Behaviour.WRONGLY, "DONE"),
        (Behaviour.FAULT, None),
        (Behaviour.NOT, "VP009"),
    ],
)
def test_another_region_answers_as_it_is_switched(behaviour: Behaviour, seen: str | None) -> None:
    region = StandIn(address="17", answers=behaviour, seconds=0.01)
    body = envelope(update_listing(ANNA, "17", "14"), "17")
    answer = _post(_platform(stand_in=(region,), producer_seconds=0.05), body)
    if behaviour is Behaviour.NOT:
        assert _code(answer) == seen
        return
    if behaviour is not Behaviour.WRONGLY:
        check_exchange(body, answer.data)
    content = etree.fromstring(answer.data)[-1][0]
    code = content.find(f"{{{by_name('UpdateListing').namespace}}}resultCode")
    assert (code.text if code is not None else None) == seen


SLOW, LYING, GOOD = ("SE165565594230-LANGSAM", "SE165565594230-LJUGER", "SE165565594230-BRA")


def _ask_everybody(platform: FlaskClient, resident: str) -> tuple[etree._Element, dict[str, str]]:
    """Ask the aggregating service; return the answer's element, and statusCode by address."""
    body = envelope(request("GetCareManagers", person("patientId", resident)), INERA)
    answer = _post(platform, body)
    assert answer.status_code == 200
    content = check_exchange(body, answer.data)[1]
    rows = etree.fromstring(answer.data).iter("{urn:riv:interoperability:headers:1}ProcessingStatusList")
    return content, {one[0].text: one[1].text for one in rows}


def test_the_aggregating_service_joins_what_comes_and_says_what_does_not() -> None:
    sources = (
        StandIn(address=GOOD, residents=(ANNA,)),
        StandIn(address=SLOW, answers=Behaviour.SLOWLY, seconds=0.9, residents=(ANNA,)),
        StandIn(address=LYING, answers=Behaviour.WRONGLY, residents=(ANNA,)),
        StandIn(address="SE-NOBODY", answers=Behaviour.FAULT, residents=(BO,)),
    )
    platform = _platform(stand_in=sources, aggregate_seconds=0.5)
    answer, status = _ask_everybody(platform, ANNA)
    assert len(answer) == 1
    failed = "NoDataSynchFailed"
    assert status == {GOOD: "DataFromSource", SLOW: failed, LYING: failed}
    answer, status = _ask_everybody(_platform(stand_in=sources, aggregate_seconds=5), ANNA)
    assert len(answer) == 2
    assert status[SLOW] == "DataFromSource"


def test_who_is_nowhere_in_the_index_has_no_contacts_and_nobody_is_asked() -> None:
    with requests_mock.Mocker():
        answer, status = _ask_everybody(_platform(ROUTE), ANNA)
    assert (len(answer), status) == (0, {})


def _post_to_index(platform: FlaskClient, *posts: str, address: str = INERA) -> Any:
    update = by_name("Update")
    content = (
        f'<Update xmlns="{update.namespace}" xmlns:c="{update.domain_namespace}">{"".join(posts)}</Update>'
    )
    return _post(platform, envelope(content, address))


def _engagement(
    resident: str, address: str = "SE-SOURCE", *, delete: str = "false", when: str = "20261101000000"
) -> str:
    values = {
        "registeredResidentIdentification": resident,
        "serviceDomain": "riv:coreprocess:residentparticipation:residentparticipation",
        "categorization": "crr-gcm",
        "logicalAddress": address,
        "businessObjectInstanceIdentifier": "NA",
        "clinicalProcessInterestId": "NA",
        "mostRecentContent": when,
        "sourceSystem": address,
        "dataController": "SE2321000131",
    }
    inner = "".join(f"<c:{name}>{value}</c:{name}>" for name, value in values.items())
    return (
        f"<engagementTransaction><c:deleteFlag>{delete}</c:deleteFlag>"
        f"<c:engagement>{inner}</c:engagement></engagementTransaction>"
    )


def test_posts_lead_the_aggregating_service_to_a_producer_and_removals_away() -> None:
    platform = _platform(Route(address="SE-SOURCE", endpoint=PRODUCER))
    answer = _post_to_index(platform, _engagement(ANNA))
    check_envelope(answer.data)
    contacts = response(
        f'<GetCareManagersResponse xmlns="{by_name("GetCareManagers").namespace}" '
        f'xmlns:c="{by_name("GetCareManagers").domain_namespace}">{CONTACT}</GetCareManagersResponse>'
    )
    with requests_mock.Mocker() as producer:
        producer.post(requests_mock.ANY, content=contacts)
        found, status = _ask_everybody(platform, ANNA)
        check_exchange(producer.request_history[0].body, contacts)
        assert b">SE-SOURCE<" in producer.request_history[0].body
    assert (len(found), status) == (1, {"SE-SOURCE": "DataFromSource"})
    _post_to_index(platform, _engagement(ANNA, delete="true"))
    assert platform.get("/index").json == []


@pytest.mark.parametrize(
    ("posts", "address", "code"),
    [
        ([], INERA, "EI001"),
        ([_engagement(ANNA), _engagement(ANNA, when="20261102000000")], INERA, "EI002"),
        ([_engagement(ANNA)], "SE-OTHER", "EI003"),
        ([_engagement(ANNA, " SE-SOURCE")], INERA, "EI004"),
        ([_engagement(ANNA, when="20260231000000")], INERA, "EI004"),
        ([_engagement(ANNA)] * 1001, INERA, "EI000"),
    ],
)
def test_the_index_takes_all_of_a_request_or_nothing(posts: list[str], address: str, code: str) -> None:
    platform = _platform()
    answer = _post_to_index(platform, *posts, address=address)
    assert check_envelope(answer.data).findtext("faultstring").startswith(code)
    assert platform.get("/index").json == []


def test_what_has_passed_is_told_without_who_it_was_about() -> None:
    with requests_mock.Mocker() as producer:
        producer.post(requests_mock.ANY, content=fault("soap:Server", "fel"), status_code=500)
        platform = _platform(ROUTE)
        _post(platform, envelope(create_listing(ANNA, "SE2321000131-UNIT"), "14"))
        _post(platform, GET_LISTING.replace(b">14<", b">99<"))
    told = platform.get("/passed")
    passed = [(one["address"], one["contract"], one["status"], one["code"]) for one in told.get_json()]
    assert passed == [
        ("14", "CreateListing", 500, ""),
        ("99", "GetListingTypes", 500, "VP004"),
    ]
    assert ANNA not in told.text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("port = 1\nport = 2", "is not TOML"),
        ("prot = 1", "prot"),
        ('[[route]]\naddress = "14"\ncontracts = ["GetListings"]', "no contract is called GetListings"),
        ('[[stand_in]]\naddress = "14"\nanswers = "badly"', "stand_in.0.answers"),
        ('key = "k.pem"', "go with certificate"),
    ],
)
def test_a_wrong_file_is_told_by_name_key_and_reason(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "platform.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(PlatformError, match=re.escape(words)) as told:
        read_platform(file)
    assert str(file) in str(told.value)
