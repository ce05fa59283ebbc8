"""What is said of a request that its schema refuses, and how much of it is searched for that."""

import pytest

from register.database import Register
from tests.messages import LISTING_CORE, envelope, request
from tests.producers import SOURCE_SYSTEM, make_producer
from tests.security.refusals import GOOD, check_refused

XSI = "http://www.w3.org/2001/XMLSchema-instance"


@pytest.mark.parametrize(
    "content",
    [
        "<x/>" * 200,
        f"<healthcareFacilities>{'x' * 20_000}</healthcareFacilities><x/>",
        "<healthcareFacilities/>" * 160 + "<x/>",
        '<x xmlns="urn:x"/>' * 40 + "<x/>",
        '<w xmlns="urn:w">' + "<x/>" * 40 + "</w><x/>",
        "<x "
        + " ".join(f'a{n}=""' for n in range(30))
        + "/>"
        + "<x "
        + 'xmlns:n="u"/>' * 1
        + '<x a=""/>' * 30,
    ],
)
def test_a_request_that_is_too_large_to_be_searched(small_register: Register, content: str) -> None:
    """Searching it for what is wrong would take many times the time of a call."""
    body = envelope(request("GetAvailableHealthcareFacilities", content))
    app = make_producer(small_register)
    text = check_refused(app, small_register, body, "ERROR", contract="GetAvailableHealthcareFacilities")
    assert "too large" in text


@pytest.mark.parametrize("contract", ["GetListing", "CreateListing", "GetCareManagers"])
def test_what_is_said_of_a_request_that_its_schema_refuses(small_register: Register, contract: str) -> None:
    """One full stop, no prefix of ours, and that nothing has changed only where something would have."""
    app = make_producer(small_register)
    expected = "FK301" if contract == "GetCareManagers" else "ERROR"
    address = SOURCE_SYSTEM if contract == "GetCareManagers" else "14"
    body = envelope(request(contract, "<x/>"), address)
    text = check_refused(app, small_register, body, expected, contract=contract)
    assert ".." not in text
    assert "tns:" not in text
    assert " expected. " in text
    assert ("Inget har ändrats" in text) is (contract == "CreateListing")


def test_a_report_knows_the_prefixes_of_the_envelope(small_register: Register) -> None:
    declared = f' xmlns:c="{LISTING_CORE}"'.encode()
    body = GOOD.replace(declared, b"").replace(b"<personId>", b'<x/><personId i:type="c:IIType">')
    body = body.replace(b"<s:Envelope", b"<s:Envelope" + declared + f' xmlns:i="{XSI}"'.encode())
    text = check_refused(make_producer(small_register), small_register, body, "ERROR")
    assert "position 2" in text
    assert "type" not in text.lower()
