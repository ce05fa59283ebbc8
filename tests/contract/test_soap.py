"""What a good request may look like: everything here is answered as the plainest request is.

Sources: WS-I Basic Profile 1.1, RIV-TA Basic Profile 2.1 rules 7, 8 and 15 (facts/rivta.md 1.3), and what the
platform does to messages on their way (2.2, 2.3).
"""

import re
from typing import Any, NamedTuple

import pytest
from lxml import etree

from contracts import oids
from contracts.catalogue import CONTRACTS, by_name
from register.database import Register
from tests.asking import outline
from tests.databases import keep
from tests.messages import SOAP, actor, envelope, identity, path, person, request
from tests.producers import CENTRE, SMALL_REGION, SOURCE_SYSTEM, make_producer
from tests.records import ANNA
from tests.wsgi import post

GOOD = envelope(request("GetListing", actor(), person("personId", ANNA)))
TEXT = GOOD.decode()
SWEDISH = TEXT.replace("<s:Body>", "<s:Body><!-- räksmörgås -->")
SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
LOGICAL_ADDRESS = "<r:LogicalAddress>"


class Row(NamedTuple):
    """A request that says the same as the plainest one, and how it is sent."""

    body: bytes
    options: dict[str, Any] = {}


def of_type(charset: str | None) -> dict[str, Any]:
    """Return how a request with this charset in its media type is sent."""
    return {"content_type": "text/xml" if charset is None else f"text/xml; charset={charset}"}


def declaring(encoding: str, text: str = TEXT) -> str:
    """Return a request with an XML declaration."""
    return f'<?xml version="1.0" encoding="{encoding}"?>\n{text}'


def changed(before: str, after: str) -> Row:
    """Return the request with one change that means nothing."""
    assert before in TEXT
    return Row(TEXT.replace(before, after, 1).encode())


def header(attributes: str) -> Row:
    """Return the request with an unknown header that has these attributes."""
    return changed("</s:Header>", f'<x:y xmlns:x="urn:x" {attributes}>z<x:z/></x:y></s:Header>')


ROWS = {
    # characters
    "no charset": Row(SWEDISH.encode(), of_type(None)),
    "charset in quotes": Row(SWEDISH.encode(), of_type('"utf-8"')),
    "charset in lower case, and more": Row(SWEDISH.encode(), of_type("utf-8; action=x")),
    "as the platform writes it": Row(SWEDISH.encode(), {"content_type": "text/xml;charset=UTF-8"}),
    "media type in capitals": Row(GOOD, {"content_type": "TEXT/XML"}),
    "UTF-8 declared": Row(declaring("UTF-8", SWEDISH).encode()),
    "UTF-8 by its short name": Row(declaring("utf8", SWEDISH).encode(), of_type(None)),
    "Windows-1252, declared only": Row(declaring("windows-1252", SWEDISH).encode("cp1252"), of_type(None)),
    "ISO-8859-15, declared only": Row(declaring("iso-8859-15", SWEDISH).encode("iso8859-15"), of_type(None)),
    "UTF-8 with mark": Row(b"\xef\xbb\xbf" + SWEDISH.encode()),
    "UTF-8 with mark, declared": Row(b"\xef\xbb\xbf" + declaring("utf-8", SWEDISH).encode(), of_type(None)),
    "UTF-8 that declares UTF-16": Row(declaring("UTF-16", SWEDISH).encode()),
    "UTF-8 that declares ISO-8859-1": Row(declaring("ISO-8859-1", SWEDISH).encode()),
    "UTF-16, little end first": Row(b"\xff\xfe" + SWEDISH.encode("utf-16-le"), of_type("UTF-16")),
    "UTF-16, big end first": Row(b"\xfe\xff" + SWEDISH.encode("utf-16-be"), of_type("utf-16be")),
    "UTF-16 declared": Row(declaring("UTF-16", SWEDISH).encode("utf-16"), of_type(None)),
    "UTF-16 under another name": Row(declaring("UTF-8", SWEDISH).encode("utf-16")),
    "ISO-8859-1": Row(SWEDISH.encode("iso-8859-1"), of_type("ISO-8859-1")),
    "ISO-8859-1, declared only": Row(declaring("ISO-8859-1", SWEDISH).encode("iso-8859-1"), of_type(None)),
    "ISO-8859-1 that declares UTF-8": Row(
        declaring("UTF-8", SWEDISH).encode("iso-8859-1"), of_type("iso-8859-1")
    ),
    "ASCII": Row(GOOD, of_type("us-ascii")),
    # XML
    "comments between": changed("<actor>", "<!-- a --><actor><!-- <b> & c -->"),
    "comment in the address": changed(">14<", ">1<!-- a -->4<"),
    "comment in the number": changed(
        f"{ANNA}</c:extension></personId>", f"{ANNA[:8]}<!-- a -->{ANNA[8:]}</c:extension></personId>"
    ),
    "comments around": Row(f"<!-- a -->{TEXT}<!-- b -->".encode()),
    "processing instruction": changed("<actor>", "<?a b?><actor><?a b?>"),
    "processing instruction in the number": changed(
        f">{ANNA}</c:extension></personId>", f">{ANNA[:8]}<?a b?>{ANNA[8:]}</c:extension></personId>"
    ),
    "processing instruction in the Body": changed("<s:Body>", "<s:Body><?a b?>"),
    "stylesheet": Row(f'<?xml-stylesheet href="http://127.0.0.1:1/"?>{TEXT}'.encode()),
    "CDATA": changed(">CITIZEN<", "><![CDATA[CITIZEN]]><"),
    "escapes": changed(">CITIZEN<", ">&#67;ITIZE&#x4e;<"),
    "other prefixes": Row(
        re.sub(
            "(</?|xmlns:)c([:=])", r"\1ns2\2", re.sub("(</?|xmlns:)s([:=])", r"\1SOAP-ENV\2", TEXT)
        ).encode()
    ),
    "prefixes declared further out": Row(
        GOOD.replace(f' xmlns:c="{by_name("GetListing").domain_namespace}"'.encode(), b"").replace(
            b"<s:Envelope", f'<s:Envelope xmlns:c="{by_name("GetListing").domain_namespace}"'.encode()
        )
    ),
    "indented": Row(etree.tostring(etree.fromstring(GOOD), pretty_print=True).replace(b"\n", b"\r\n")),
    "blanks around values": changed(f">{oids.PERSONNUMMER}<", f"> {oids.PERSONNUMMER} <"),
    "blanks around the address": changed(">14<", ">\n 14\t<"),
    "type": changed("<personId>", f'<personId xmlns:i="{SCHEMA_INSTANCE}" i:type="c:IIType">'),
    "type with prefix of the Envelope": Row(
        TEXT.replace("<personId>", '<personId i:type="d:IIType">')
        .replace(
            "<s:Envelope",
            f'<s:Envelope xmlns:i="{SCHEMA_INSTANCE}" xmlns:d="{by_name("GetListing").domain_namespace}"',
        )
        .encode()
    ),
    "schema location": changed(
        "<actor>", f'<actor xmlns:i="{SCHEMA_INSTANCE}" i:schemaLocation="urn:x http://127.0.0.1:1/">'
    ),
    # extension points
    "unknown in the request": changed(
        "</GetListing>", '<x:y xmlns:x="urn:x" z="å">å<x:z/></x:y></GetListing>'
    ),
    "unknown in the person": changed(
        "</c:extension></personId>", '</c:extension><y xmlns="urn:x"/></personId>'
    ),
    "unknown in the actor": changed("</actor>", '<personId xmlns="urn:x">1</personId></actor>'),
    "attributes of the envelope": changed(
        "<s:Body>", f'<s:Body x:id="1" xmlns:x="urn:x" s:encodingStyle="{SOAP}">'
    ),
    # headers
    "header that may be ignored": header(""),
    "header that need not be understood": header('s:mustUnderstand="0"'),
    "header for somebody else": header('s:mustUnderstand="1" s:actor="urn:somebody"'),
    "header of SOAP 1.2": header('e:mustUnderstand="1" xmlns:e="http://www.w3.org/2003/05/soap-envelope"'),
    "address that must be understood": changed(LOGICAL_ADDRESS, '<r:LogicalAddress s:mustUnderstand="1">'),
    "address that need not be understood": changed(
        LOGICAL_ADDRESS, '<r:LogicalAddress s:mustUnderstand="0">'
    ),
    "address for whoever is next": changed(
        LOGICAL_ADDRESS, f'<r:LogicalAddress s:actor="{SOAP.removesuffix("envelope/")}actor/next">'
    ),
    # HTTP
    "in chunks": Row(GOOD, {"chunked": True}),
    "SOAPAction of the contract": Row(
        GOOD, {"headers": {"SOAPAction": f'"{by_name("GetListing").soap_action}"'}}
    ),
    "SOAPAction of another contract": Row(GOOD, {"headers": {"SOAPAction": '"urn:x:CreateListing"'}}),
    "empty SOAPAction": Row(GOOD, {"headers": {"SOAPAction": '""'}}),
    "headers of the platform": Row(
        GOOD,
        {
            "headers": {
                "x-rivta-original-serviceconsumer-hsaid": "SE5565594230-B9P",
                "x-rivta-routing-history": "a#b",
                "User-Agent": "SKLTP VP/4.3.x",
                "x-mock-response": "SoapFault",  # means something in demo mode only
            }
        },
    ),
}


@pytest.fixture
def filled(sqlite_register: Register) -> Register:
    keep(sqlite_register, *SMALL_REGION)
    return sqlite_register


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_answered_as_the_plainest(filled: Register, row: Row) -> None:
    app = make_producer(filled)
    plainest = post(app, path("GetListing"), GOOD)
    answer = post(app, path("GetListing"), row.body, **row.options)
    assert answer.status == 200
    assert answer.element.findtext("{*}listings/{*}healthcareFacility/{*}id") == str(CENTRE.hsa_id)
    assert answer.body == plainest.body


@pytest.mark.parametrize("at", CONTRACTS, ids=lambda contract: contract.name)
def test_the_element_decides_and_not_the_address(filled: Register, at: Any) -> None:
    """Neither path nor SOAPAction is for dispatch (rule 15); the platform goes by the namespace too."""
    response = post(make_producer(filled), at.path, GOOD, headers={"SOAPAction": f'"{at.soap_action}"'})
    assert response.element.tag == by_name("GetListing").response


EXTENDED = {
    "GetListingCounty": (actor(), person("personId", ANNA)),
    "GetListingTypes": (person("personId", ANNA), identity("homeCountyCode", oids.COUNTY, "14")),
    "GetAvailableHealthcareFacilities": (),
    "GetAvailableHealthcarePersonnel": (
        person("personId", ANNA),
        f"<healthcareFacilityHSAId>{CENTRE.hsa_id}</healthcareFacilityHSAId>",
    ),
    "GetCareManagers": (person("patientId", ANNA),),
    "PingForConfiguration": (
        "<serviceContractNamespace>urn:x</serviceContractNamespace><logicalAddress>14</logicalAddress>",
    ),
}


@pytest.mark.parametrize("contract", EXTENDED)
def test_elements_of_a_later_minor_version_are_passed_over(filled: Register, contract: str) -> None:
    app = make_producer(filled)
    address = SOURCE_SYSTEM if contract == "GetCareManagers" else "14"
    later = f'<new xmlns="urn:riv:x:2.9"><personId>{ANNA}</personId></new>'
    plain, extended = (
        post(app, path(contract), envelope(request(contract, *EXTENDED[contract], *more), address)).element
        for more in ((), (later,))
    )
    assert plain.tag == by_name(contract).response
    assert outline(extended) == outline(plain)
