"""What bad requests get (docs/faults.md): HTTP, contract, LogicalAddress, schema, and the contracts' rules.

A row says what is sent, what comes back and what a support person must be able to read there. What holds for
every one of them is in `check_refused`. Bytes, envelopes and headers are in test_parse_gate.
"""

from typing import Any, NamedTuple

import pytest
from structlog.testing import capture_logs

from contracts import oids
from contracts.codes import PV
from register.database import Register
from tests.asking import result
from tests.messages import actor, code, envelope, identity, path, person, request
from tests.producers import CENTRE, SOURCE_SYSTEM, make_producer
from tests.records import ANNA, hsa
from tests.security.refusals import GOOD, check_refused, stored
from tests.wsgi import get, post


class Row(NamedTuple):
    """A bad request: what is expected, the request, what the text says, and where it is sent."""

    expected: str
    body: bytes
    said: str = ""
    contract: str = "GetListing"
    options: dict[str, Any] = {}
    settings: dict[str, Any] = {}


PATIENT = person("patientId", ANNA)
RESIDENT = person("personId", ANNA)
FACILITY = f"<healthcareFacilityHSAId>{CENTRE.hsa_id}</healthcareFacilityHSAId>"
NAMESPACE = "<serviceContractNamespace>urn:x</serviceContractNamespace>"
CONSUMERS: dict[str, Any] = {"access": {"consumers": ["SE12345-XYZ"]}}
CONSUMER = "x-rivta-original-serviceconsumer-hsaid"
SMALL: dict[str, Any] = {"server": {"max_body_bytes": 1024}}
FAULT: dict[str, Any] = {"carelisting": {"invalid_request": "fault"}}
XSI = "http://www.w3.org/2001/XMLSchema-instance"
ADDRESS = b"<r:LogicalAddress>14</r:LogicalAddress>"


def asked(
    expected: str, said: str, contract: str, *parts: str, to: str | None = None, **settings: Any
) -> Row:
    """Return the row of a request with these parts, at the address that is served unless another is given."""
    to = to or (SOURCE_SYSTEM if contract == "GetCareManagers" else "14")
    return Row(expected, envelope(request(contract, *parts), to), said, contract, settings=settings)


def addressed(expected: str, said: str, *headers: bytes) -> Row:
    """Return the row of a request with these headers in place of the LogicalAddress."""
    return Row(expected, GOOD.replace(ADDRESS, b"".join(headers)), said)


def about(said: str, number: str, root: str = oids.PERSONNUMMER, **settings: Any) -> Row:
    """Return the row of GetListing about a number that is nobody's."""
    identified = identity("personId", root, number)
    return asked("ERROR", said, "GetListing", actor(), identified, **settings)


def patient(said: str, number: str, root: str = oids.PERSONNUMMER) -> Row:
    """Return the same for GetCareManagers."""
    return asked("FK302", said, "GetCareManagers", identity("patientId", root, number))


def asked_by(said: str, actor_type: str, root: str, extension: str) -> Row:
    """Return the row of GetListing with this actor."""
    by = f"<actor>{identity('c:actorId', root, extension)}<c:actorType>{actor_type}</c:actorType></actor>"
    return asked("ERROR", said, "GetListing", by, RESIDENT)


HTTP = {
    "empty body": Row("FK101", b"", "no body"),
    "blank body": Row("FK101", b" \r\n\t "),
    "empty body in chunks": Row("FK101", b"", options={"chunked": True}),
    "no media type": Row("FK107", GOOD, "text/xml", options={"content_type": None}),
    "JSON": Row("FK107", b"{}", options={"content_type": "application/json"}),
    "not SOAP 1.1's media type": Row("FK107", GOOD, options={"content_type": "application/xml"}),
    "attachments": Row("FK107", GOOD, options={"content_type": 'multipart/related; type="text/xml"'}),
    "nonsense as media type": Row("FK107", GOOD, options={"content_type": "text/xml/x\xe5"}),
    "SOAP 1.2": Row("FK104", GOOD, "SOAP 1.1", options={"content_type": "application/soap+xml"}),
    "compressed": Row("FK107", GOOD, options={"headers": {"Content-Encoding": "gzip"}}),
    "too large": Row("FK108", GOOD.ljust(1025), "1024 bytes", settings=SMALL),
    "too large, in chunks": Row("FK108", GOOD.ljust(1025), options={"chunked": True}, settings=SMALL),
    "no access": Row("FK401", GOOD, CONSUMER, options={"headers": {CONSUMER: "SE1-A"}}, settings=CONSUMERS),
    "nobody": Row("FK401", GOOD, settings=CONSUMERS),
    "nobody with nothing": Row("FK401", b"<", settings=CONSUMERS),
}

CONTRACT = {
    "unknown contract": Row("FK203", envelope('<GetListing xmlns="urn:riv:x:GetListingResponder:2"/>')),
    "unknown version": Row("FK203", GOOD.replace(b"GetListingResponder:2", b"GetListingResponder:1")),
    "no namespace": Row("FK203", envelope("<GetListing/>")),
    "a response": Row(
        "FK203",
        envelope(
            request("GetListing")
            .replace("<GetListing", "<GetListingResponse")
            .replace("</GetListing", "</GetListingResponse")
        ),
    ),
    "not set up": asked("FK204", "GetCareManagers", "GetCareManagers", PATIENT, care_managers=None),
}

LOGICAL_ADDRESS = {
    "missing": addressed("FK201", "missing"),
    "no header": Row("FK201", GOOD.replace(b"<s:Header>" + ADDRESS + b"</s:Header>", b""), "missing"),
    "another namespace": addressed("FK201", "missing", b'<LogicalAddress xmlns="urn:x">14</LogicalAddress>'),
    "empty": addressed("FK201", "empty", b"<r:LogicalAddress/>"),
    "blank": addressed("FK201", "empty", b"<r:LogicalAddress> \n </r:LogicalAddress>"),
    "there twice": addressed("FK201", "more than once", ADDRESS, ADDRESS),
    "with elements": addressed("FK201", "plain", b"<r:LogicalAddress>1<x/>4</r:LogicalAddress>"),
    "a county not served": asked("FK202", "GetListing", "GetListing", actor(), RESIDENT, to="12"),
    "no county": asked("FK202", "GetListingTypes", "GetListingTypes", to="99"),
    "an HSA-id for a county": asked("FK202", "", "GetAvailableHealthcareFacilities", to=SOURCE_SYSTEM),
    "a person for a county": asked("FK202", "", "GetListing", actor(), RESIDENT, to=ANNA),
    "another system": asked("FK202", "GetCareManagers", "GetCareManagers", PATIENT, to=str(hsa("other"))),
    "a county for a system": asked("FK202", "", "GetCareManagers", PATIENT, to="14"),
}

INVALID = {
    "no actor": asked("ERROR", "/GetListing", "GetListing", RESIDENT),
    "no person": asked("ERROR", "personId", "GetListingCounty", actor()),
    "wrong order": asked("ERROR", "personId", "GetListing", RESIDENT, actor()),
    "there twice": asked("ERROR", "personId", "GetListing", actor(), RESIDENT, RESIDENT),
    "unknown element": asked("ERROR", "Unknown", "GetListingTypes", "<Unknown/>"),
    "attribute": asked("ERROR", "", "GetListing", actor(), RESIDENT.replace("<personId", '<personId x="1"')),
    "text between": asked("ERROR", "", "GetListing", actor(), ANNA, RESIDENT),
    "half a code": asked("ERROR", "", "GetAvailableHealthcareFacilities", "<listingTypes/>"),
    "no facility": asked("ERROR", "", "GetAvailableHealthcarePersonnel", RESIDENT),
    "unknown actor type": asked("ERROR", "actorType", "GetListing", actor("ROBOT", hsa("x")), RESIDENT),
    "no actor, as Fault": asked("FK301", "GetListing", "GetListing", RESIDENT, **FAULT),
    "no patient": asked("FK301", "patientId", "GetCareManagers"),
    "half an identity": asked("FK301", "root", "GetCareManagers", "<patientId/>"),
    "ping without address": asked("FK301", "logicalAddress", "PingForConfiguration", NAMESPACE),
    "ping with blanks": asked("FK301", "", "PingForConfiguration", NAMESPACE, "<pong>14</pong>"),
}

PERSONS = {
    "11 digits": about("exactly 12", "19570926308"),
    "10 digits": about("century", "5709263080"),
    "10 digits and hyphen": about("century", "570926-3080"),
    "12 digits and hyphen": about("hyphen", "19570926-3080"),
    "blank within": about("12 digits", "19570926 308"),
    "letters": about("12 digits", "1957092630AB"),
    "30 February": about("date of birth", "195702303080"),
    "not yet born": about("future", "209901012383"),
    "wrong check digit": about("check digit", "195709263081"),
    "personnummer as samordningsnummer": about("samordningsnummer", ANNA, oids.SAMORDNINGSNUMMER),
    "samordningsnummer as personnummer": about("personnummer", "196812732391"),
    "HSA-id as personnummer": about("exactly 12", SOURCE_SYSTEM),
    "local reserve number": about("root", "19570926A080", "1.2.752.97.3.1.3"),
    "HSA-id": about("root", str(hsa("x")), oids.HSA_ID),
    "empty": about("exactly 12", ""),
    "national reserve number": about("accepts only", "22950606FH38", oids.NATIONAL_RESERVE_NUMBER),
    "lenient, 30 February": about("date", "195702303080", identifiers={"check_digits": False}),
    "no extension": asked(
        "ERROR",
        "exactly 12",
        "GetListing",
        actor(),
        f"<personId><c:root>{oids.PERSONNUMMER}</c:root></personId>",
    ),
    "patient, no extension": asked(
        "FK302",
        "exactly 12",
        "GetCareManagers",
        f"<patientId><c:root>{oids.PERSONNUMMER}</c:root></patientId>",
    ),
    "patient, hyphen": patient("patientId: the identity holds a separator", "19570926-3080"),
    "patient, 30 February": patient("date of birth", "195702303080"),
    "patient, check digit": patient("check digit", "195709263081"),
    "patient, root": patient("samordningsnummer", ANNA, oids.SAMORDNINGSNUMMER),
    "patient, local reserve number": patient("root", "19570926A080", "1.2.752.97.3.1.3"),
}

RULES = {
    "citizen with HSA-id": asked_by("actorType is CITIZEN", "CITIZEN", oids.HSA_ID, str(hsa("x"))),
    "guardian with bad number": asked_by("actor/actorId", "GUARDIAN", oids.PERSONNUMMER, "195702303080"),
    "region with number": asked_by("actorType is REGION", "REGION", oids.PERSONNUMMER, ANNA),
    "care giver, no HSA-id": asked_by("HSA-id", "PRIVATE_CAREGIVER", oids.HSA_ID, "570926 3080"),
    "person without county": asked("ERROR", "homeCountyCode", "GetListingTypes", RESIDENT),
    "county without person": asked(
        "ERROR", "personId", "GetListingTypes", identity("homeCountyCode", oids.COUNTY, "14")
    ),
    "county with wrong root": asked(
        "ERROR", oids.COUNTY, "GetListingTypes", RESIDENT, identity("homeCountyCode", oids.HSA_ID, "14")
    ),
    "no such county": asked(
        "ERROR", "county code", "GetListingTypes", RESIDENT, identity("homeCountyCode", oids.COUNTY, "99")
    ),
    "care giver with wrong root": asked(
        "FK302", "careGiverId/root", "GetCareManagers", PATIENT, identity("careGiverId", oids.COUNTY, "x-y")
    ),
    "care unit that is no HSA-id": asked(
        "FK302", "careUnitId/extension", "GetCareManagers", PATIENT, identity("careUnitId", oids.HSA_ID, ANNA)
    ),
}

ROWS = {
    f"{table}: {name}": row
    for table, rows in {
        "HTTP": HTTP,
        "contract": CONTRACT,
        "LogicalAddress": LOGICAL_ADDRESS,
        "schema": INVALID,
        "person": PERSONS,
        "rule": RULES,
    }.items()
    for name, row in rows.items()
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_refused(small_register: Register, row: Row) -> None:
    app = make_producer(small_register, **row.settings)
    text = check_refused(app, small_register, row.body, row.expected, contract=row.contract, **row.options)
    assert row.said in text


@pytest.mark.parametrize(
    "address", ["/", "/unknown", path("GetListing") + "/", path("GetListing").lower(), "/schemas/"]
)
def test_unknown_address(small_register: Register, address: str) -> None:
    text = check_refused(make_producer(small_register), small_register, GOOD, "FK205", address=address)
    assert "root address" in text


@pytest.mark.parametrize(
    ("method", "allowed"),
    [("GET", "POST"), ("HEAD", "GET, HEAD, POST"), ("PUT", "GET, HEAD, POST"), ("DELETE", "GET, HEAD, POST")],
)
def test_other_methods(small_register: Register, method: str, allowed: str) -> None:
    before = stored(small_register)
    with capture_logs() as events:
        response = get(make_producer(small_register), path("GetListing"), method=method)
    assert (response.status, response.headers["Allow"]) == (405, allowed)
    assert [(event["method"], event["status"]) for event in events] == [(method, 405)]
    assert stored(small_register) == before


# The same settings and addresses let the good ones in --------------------------------------------------


@pytest.mark.parametrize("chunked", [False, True])
def test_as_large_as_may_be(small_register: Register, chunked: bool) -> None:
    app = make_producer(small_register, **SMALL)
    assert post(app, path("GetListing"), GOOD.ljust(1024), chunked=chunked).result == ("OK", None)


def test_larger_than_the_engine_allows_by_itself(small_register: Register) -> None:
    app = make_producer(small_register, server={"max_body_bytes": 5_000_000})
    assert post(app, path("GetListing"), GOOD.ljust(4_000_000)).result == ("OK", None)


@pytest.mark.parametrize("consumer", ["SE12345-XYZ", "se12345-xyz", " SE12345-XYZ "])
def test_a_consumer_with_access(small_register: Register, consumer: str) -> None:
    app = make_producer(small_register, **CONSUMERS)
    assert post(app, path("GetListing"), GOOD, headers={CONSUMER: consumer}).result == ("OK", None)


def test_a_wrong_check_digit_where_they_are_not_checked(small_register: Register) -> None:
    app = make_producer(small_register, identifiers={"check_digits": False})
    body = envelope(request("GetListing", actor(), person("personId", "195709263081")))
    assert post(app, path("GetListing"), body).result == ("OK", None)


def test_unknown_codes_are_no_error(small_register: Register) -> None:
    """They fit nothing (suite 1.3.2)."""
    body = envelope(request("GetAvailableHealthcareFacilities", code("listingTypes", "X", PV.system)))
    answer = post(make_producer(small_register), path("GetAvailableHealthcareFacilities"), body).element
    assert result(answer) == ("OK", None)
    assert answer.find("{*}healthcareFacilities") is None
