"""What a message may carry that nobody asked for: extensions, blocks in the Header, SQL for values."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from structlog.testing import capture_logs

from contracts.catalogue import by_name
from contracts.schemas import built_in
from register.database import Register
from tests.databases import opened_copy
from tests.messages import (
    actor,
    code,
    county,
    create_listing,
    envelope,
    hsa,
    path,
    person,
    request,
    update_listing,
)
from tests.producers import CENTRE, DOCTOR, SOURCE_SYSTEM, make_producer
from tests.records import ANNA
from tests.security.refusals import stored
from tests.wsgi import get, post

MARK = "smuggled"
EXTENSION = f'<x:y xmlns:x="urn:{MARK}" x:z="{MARK}">{MARK}<x:{MARK}/><!--{MARK}--><?{MARK} {MARK}?></x:y>'

MESSAGES = {
    "GetListing": request("GetListing", actor(), person("personId", ANNA)),
    "GetListingCounty": request("GetListingCounty", actor(), person("personId", ANNA)),
    "GetListingTypes": request("GetListingTypes", person("personId", ANNA), county("homeCountyCode", "14")),
    "GetAvailableHealthcareFacilities": request(
        "GetAvailableHealthcareFacilities",
        f"<healthcareFacilities>{CENTRE.hsa_id}</healthcareFacilities>",
        code("listingTypes", "PV", "1.2.752.129.5.1.27"),
    ),
    "GetAvailableHealthcarePersonnel": request(
        "GetAvailableHealthcarePersonnel",
        person("personId", ANNA),
        f"<healthcareFacilityHSAId>{CENTRE.hsa_id}</healthcareFacilityHSAId>",
    ),
    "CreateListing": create_listing(ANNA, CENTRE.hsa_id, add_to_queue=True, home="14", new="14"),
    "UpdateListing": update_listing(ANNA, "12", "14"),
    "GetCareManagers": request(
        "GetCareManagers",
        person("patientId", ANNA),
        hsa("careUnitId", CENTRE.hsa_id),
        code("careManagerType", "2", "1.2.752.129.5.1.69"),
    ),
    "PingForConfiguration": request(
        "PingForConfiguration",
        "<serviceContractNamespace>urn:x</serviceContractNamespace><logicalAddress>14</logicalAddress>",
    ),
}
"""A request of every contract, with something in each of its elements."""


def to(contract: str) -> str:
    """Return the LogicalAddress that a contract is served at."""
    return SOURCE_SYSTEM if contract == "GetCareManagers" else "14"


def without_log_id(answer: bytes) -> str:
    """Return an answer without what is never the same twice."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9T:.-]{19,}", "", answer.decode())


def with_extension(contract: str) -> Iterator[str]:
    """Yield the message with an extension wherever its schema has room for one."""
    message = MESSAGES[contract]
    for place in range(len(list(etree.fromstring(message).iter()))):
        root = etree.fromstring(message)
        list(root.iter())[place].append(etree.fromstring(EXTENSION))
        if built_in().valid(by_name(contract), root):
            yield etree.tostring(root).decode()


@pytest.mark.parametrize("contract", MESSAGES)
def test_an_extension_is_neither_echoed_nor_logged_nor_stored(small_database: Path, contract: str) -> None:
    """The answer is the one without it. Nothing of it is in the register, the audit or what goes out."""
    found = list(with_extension(contract))
    assert found, "no room for extensions: the test says nothing"
    with opened_copy(small_database) as register:
        plain = post(make_producer(register), path(contract), envelope(MESSAGES[contract], to(contract))).body
    for message in found:
        with opened_copy(small_database) as register, capture_logs() as events:
            body = envelope(message, to(contract)).replace(
                b"</s:Header>", EXTENSION.encode() + b"</s:Header>"
            )
            answer = post(make_producer(register), path(contract), body).body
            assert without_log_id(answer) == without_log_id(plain)
            for told in (answer.decode(), repr(events), *stored(register)):
                assert MARK not in told


SQL = (
    "' OR '1'='1",
    "'; DROP TABLE listing; --",
    '" OR ""="',
    "1) UNION SELECT person_id FROM resident --",
    "%",
    "_" * 12,
    "\\",
    "$1; SELECT pg_sleep(9)",
    ":person_id",
    "?",
    "{0}%s%(person_id)s",
)


def with_sql(contract: str, text: str) -> Iterator[str]:
    """Yield the message with a text in place of each value, one at a time."""
    message = MESSAGES[contract]
    for place, element in enumerate(etree.fromstring(message).iter()):
        if len(element) == 0:
            root = etree.fromstring(message)
            list(root.iter())[place].text = text
            yield etree.tostring(root).decode()


@pytest.mark.parametrize("contract", MESSAGES)
def test_sql_in_each_field_is_a_value_like_any_other(small_database: Path, contract: str) -> None:
    """It finds nothing, changes nothing, and is no error of ours."""
    with opened_copy(small_database) as register:
        app = make_producer(register)
        before = without_audit(register)
        for text in SQL:
            for message in with_sql(contract, text):
                answer = post(app, path(contract), envelope(message, to(contract))).body
                assert b"FK5" not in answer
                assert CENTRE.name.encode() not in answer
                assert DOCTOR.surname.encode() not in answer
        assert without_audit(register) == before


def without_audit(register: Register) -> list[str]:
    """Return everything in a register but what its calls have left in the log of them."""
    return [line for line in stored(register) if 'INTO "audit"' not in line and "sqlite_sequence" not in line]


@pytest.mark.parametrize("text", SQL)
def test_sql_in_heads_and_addresses(small_database: Path, text: str) -> None:
    with opened_copy(small_database) as register:
        app = make_producer(register, access={"feed_consumers": ["SE1-A"]})
        before = without_audit(register)
        body = envelope(MESSAGES["GetListing"])
        for header in (
            "x-rivta-original-serviceconsumer-hsaid",
            "x-rivta-acting-on-behalf-of-hsaid",
            "x-skltp-correlation-id",
            "x-vp-sender-id",
        ):
            for value in (text, f"SE1-{text.replace(' ', '')}"):
                response = post(app, path("GetListing"), body, headers={header: value})
                assert response.status == 200 or "FK112" in response.body.decode()
        address = etree.fromstring(body)
        address[0][0].text = text
        assert post(app, path("GetListing"), etree.tostring(address)).fault[1].startswith("FK202")
        consumer = {"x-rivta-original-serviceconsumer-hsaid": "SE1-A"}
        quoted = text.replace("%", "%25").replace(" ", "%20")
        assert get(app, f"/changes?after={quoted}", headers=consumer).status in (400, 404)
        assert without_audit(register) == before


XINCLUDE = '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'


@pytest.mark.parametrize("contract", ["GetListing", "GetCareManagers"])
def test_xinclude_is_an_extension_like_any_other(small_register: Register, contract: str) -> None:
    app = make_producer(small_register)
    plain = post(app, path(contract), envelope(MESSAGES[contract], to(contract))).body
    spoilt = MESSAGES[contract].replace(f"</{contract}>", f"{XINCLUDE}</{contract}>")
    assert without_log_id(post(app, path(contract), envelope(spoilt, to(contract))).body) == without_log_id(
        plain
    )
