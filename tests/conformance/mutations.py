"""The broken producers, each by its switch, with the rule that must find it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from lxml import etree

from consumer.conformance.writing import citizen, person
from consumer.results import Exchange
from contracts import oids
from contracts.catalogue import by_name
from contracts.messages import GetListing
from tests.conformance.broken import (
    Ask,
    Mutation,
    When,
    a_fault,
    a_result,
    added,
    anything,
    as_if,
    asks,
    both,
    doubled,
    each,
    edited,
    faulty,
    from_time,
    gone,
    instead,
    into,
    out,
    resays,
    says,
    text_at,
)
from tests.conformance.in_process import Asked, demo_data, writer

P = demo_data().persons
F = demo_data().facilities
G = demo_data().care_managers
W = demo_data().writes
CHILD = "201702022383"
HOME = demo_data().carelisting.county
LISTING = "carelisting/get_listing/"
COUNTY = "carelisting/get_listing_county/"
TYPES = "carelisting/get_listing_types/"
PLACES = "carelisting/get_available_healthcare_facilities/"
STAFF = "carelisting/get_available_healthcare_personnel/"
CREATE = "carelisting/create_listing/"
UPDATE = "carelisting/update_listing/"
EVERY = "carelisting/every_answer/"
CARE = "residentparticipation/get_care_managers/"


def mutation(
    name: str, caught: str, make: Callable[[Ask], Ask] = lambda ask: ask, **data: dict[str, object]
) -> Mutation:
    return Mutation(name, frozenset(caught.split()), make, data)


def listing(number: str) -> When:
    """The question of a citizen for the own listing."""
    return asks("GetListing", f">{number}<", "CITIZEN")


QUEUER = listing(P.in_queue)
"""A question that one rule alone asks, and looks into: what comes in place of its answer breaks no other."""


def contacts(number: str) -> When:
    return asks("GetCareManagers", f">{number}<", without="careManagerType")


def alter_exchange(when: When, **changes: object) -> Callable[[Ask], Ask]:
    return out(when, lambda came: replace(came, **changes))  # type: ignore[arg-type]


def with_header(name: str, value: str) -> Callable[[Exchange], Exchange]:
    return lambda came: replace(came, response_headers={**came.response_headers, name: value})


def rebytes(old: bytes, new: bytes) -> Callable[[Exchange], Exchange]:
    return lambda came: replace(came, response=came.response.replace(old, new))


def plain(asked: Asked) -> Asked:
    """The plainest request."""
    message = GetListing(citizen(P.listed), person(P.listed))
    headers = {"Content-Type": "text/xml; charset=utf-8"}
    return Asked(by_name("GetListing"), writer().envelope(message, HOME), headers, "POST")


def of(number: str, contract: str = "GetListing") -> Callable[[Asked], Asked]:
    """The same question about somebody else, in whom a producer mistakes the one who was asked about."""

    def other(asked: Asked) -> Asked:
        text = asked.body.decode()
        return asked._replace(body=re.sub(r"(?<=>)\d{8}[0-9A-Z]{2}\d\d(?=<)", number, text).encode())

    return other


def without(element: str) -> Callable[[str], str]:
    """A request without an element, as a producer that passes it over sees it."""
    return lambda text: re.sub(rf"<(\w+:{element})\b.*?</\1>", "", text, flags=re.DOTALL)


def swapped(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


def every_answer() -> Iterator[Mutation]:
    extra = "<c:extra>x</c:extra>"
    yield mutation(
        "an element the schema does not know",
        "every_answer/schema",
        edited(QUEUER, added("listings/isInQueue", extra)),
    )
    yield mutation(
        "a page in place of an answer",
        "every_answer/envelope",
        instead(QUEUER, lambda asked: b"<html><body>Hej</body></html>"),
    )
    yield mutation(
        "two elements in the Body",
        "every_answer/envelope",
        out(QUEUER, rebytes(b"</soap:Body>", b"<x/></soap:Body>")),
    )
    yield mutation(
        "another name of the response",
        "every_answer/response_element",
        out(QUEUER, rebytes(b"GetListingResponse", b"GetListingAnswer")),
    )
    yield mutation(
        "no charset", "every_answer/media_type", out(QUEUER, with_header("Content-Type", "text/xml"))
    )
    yield mutation(
        "application/soap+xml",
        "every_answer/media_type",
        out(QUEUER, with_header("Content-Type", "application/soap+xml; charset=utf-8")),
    )
    yield mutation(
        "a byte order mark",
        "every_answer/utf_8",
        out(QUEUER, lambda came: replace(came, response=b"\xef\xbb\xbf" + came.response)),
    )
    yield mutation(
        "declares Latin 1",
        "every_answer/utf_8",
        out(
            QUEUER,
            lambda came: replace(
                came, response=re.sub(rb"encoding=.UTF-8.", b'encoding="ISO-8859-1"', came.response)
            ),
        ),
    )
    yield mutation(
        "characters read in the wrong encoding",
        "every_answer/characters",
        edited(
            asks("GetListing"),
            resays("listings/healthcarePersonnel/title", lambda text: text.encode().decode("latin-1")),
        ),
    )
    yield mutation("201 for an answer", "every_answer/status_of_answers", alter_exchange(QUEUER, status=201))
    yield mutation("a redirect", "every_answer/no_redirect", alter_exchange(QUEUER, status=302, response=b""))
    yield mutation(
        "nothing in the answer", "every_answer/not_empty", alter_exchange(QUEUER, status=204, response=b"")
    )
    yield mutation(
        "says it is compressed",
        "every_answer/not_compressed",
        out(QUEUER, with_header("Content-Encoding", "gzip")),
    )
    yield mutation(
        "says what it is made with",
        "every_answer/tells_nothing_of_itself",
        out(anything, with_header("X-Powered-By", "Pear")),
    )
    status = b'<soap:Header><p:ProcessingStatus xmlns:p="urn:riv:interoperability:headers:1"/></soap:Header><soap:Body>'
    yield mutation(
        "a ProcessingStatus",
        "every_answer/no_processing_status",
        out(QUEUER, rebytes(b"<soap:Body>", status)),
    )
    yield mutation(
        "Faults with 200",
        "every_answer/fault_status",
        out(anything, lambda came: replace(came, status=200) if b"Fault>" in came.response else came),
    )
    yield mutation(
        "Faults with 400",
        "every_answer/fault_status",
        out(anything, lambda came: replace(came, status=400) if b"Fault>" in came.response else came),
    )
    yield mutation(
        "qualified parts of a Fault",
        "every_answer/fault_parts",
        faulty(lambda text: text.replace("faultstring>", "soap:faultstring>")),
    )
    yield mutation(
        "an unqualified faultcode",
        "every_answer/faultcode_qualified",
        faulty(lambda text: re.sub("<faultcode>soap:", "<faultcode>", text)),
    )
    yield mutation(
        "a faultcode of SOAP 1.2",
        "every_answer/faultcode_known",
        faulty(lambda text: text.replace("soap:Server", "soap:Receiver")),
    )
    yield mutation(
        "a Fault that says nothing",
        "every_answer/fault_says_something",
        faulty(
            lambda text: re.sub("<faultstring>.*</faultstring>", "<faultstring/>", text),
            holding="soap:Server",
        ),
    )
    person_of = demo_data().technical_error.person
    yield mutation(
        "a person number in a Fault",
        "every_answer/fault_personal_data",
        faulty(
            lambda text: text.replace("<faultstring>", f"<faultstring>No {person_of}. "),
            holding="soap:Server",
        ),
    )
    yield mutation(
        "a person number with hyphen in a Fault",
        "every_answer/fault_personal_data",
        faulty(
            lambda text: text.replace("<faultstring>", f"<faultstring>No {person_of[:8]}-{person_of[8:]}. "),
            holding="soap:Server",
        ),
    )
    yield mutation(
        "no log id", "every_answer/fault_log_id", faulty(lambda text: re.sub("Log id: [0-9a-f-]+", "", text))
    )
    yield mutation(
        "the same log id always",
        "every_answer/fault_log_id",
        faulty(lambda text: re.sub("Log id: [0-9a-f-]+", "Log id: 00000000-0000", text)),
    )
    yield mutation(
        "a blank before an OID",
        "every_answer/no_blanks",
        edited(contacts(CHILD), resays("careManager/code/codeSystem", lambda text: f" {text}")),
    )
    yield mutation(
        "an HSA-id with a blank in it",
        "every_answer/hsa_ids",
        edited(QUEUER, resays("listings/healthcareFacility/id", lambda text: text.replace("-", " "))),
    )
    yield mutation(
        "an HSA-id that is too long",
        "every_answer/hsa_ids",
        edited(
            contacts(CHILD),
            resays("careManager/managingCareGiver/hsaId/extension", lambda text: text + "X" * 20),
        ),
    )


def _stumbles(case: str, when: When) -> Mutation:
    return mutation(f"stumbles over {case}", f"requests/{case}", a_fault(when))


def requests() -> Iterator[Mutation]:
    def holds(text: bytes) -> When:
        return lambda asked: text in asked.body

    def header(name: str, value: str | None) -> When:
        return lambda asked: asked.method == "POST" and asked.headers.get(name) == value

    yield _stumbles("utf_8_with_mark", lambda asked: asked.body.startswith(b"\xef\xbb\xbf"))
    yield _stumbles(
        "without_declaration",
        lambda asked: (
            asked.body.startswith(b"<soap-env:Envelope")
            and b"urn:x" not in asked.body
            and b"DOCTYPE" not in asked.body
        ),
    )
    yield _stumbles("charset_not_said", header("Content-Type", "text/xml"))
    yield _stumbles("utf_16", lambda asked: asked.body.startswith((b"\xff\xfe", b"\xfe\xff")))
    yield _stumbles("charset_of_header_first", holds(b"encoding='UTF-16'"))
    yield _stumbles(
        "without_soap_action", lambda asked: asked.method == "POST" and "SOAPAction" not in asked.headers
    )
    yield _stumbles("soap_action_of_another", header("SOAPAction", '"urn:x:Another:1:Another"'))
    yield _stumbles("header_names", lambda asked: "CONTENT-TYPE" in asked.headers)
    yield _stumbles("as_the_platform_sends", lambda asked: "x-vp-sender-id" in asked.headers)
    yield _stumbles("in_chunks", lambda asked: "Chunked" in asked.headers)
    yield _stumbles(
        "unknown_header", lambda asked: b"urn:x:note" in asked.body and b"Understand" not in asked.body
    )
    yield _stumbles("address_to_understand", holds(b'LogicalAddress soap-env:mustUnderstand="1"'))
    yield _stumbles("elements_of_a_later_version", holds(b"urn:x:2.9"))
    yield _stumbles("other_prefixes", holds(b"<S:Body>"))
    yield _stumbles("comments", holds(b"<!-- a comment -->"))
    yield _stumbles("indented", holds(b">\r\n<"))
    yield mutation(
        "answers a request in chunks with nothing in it",
        "requests/in_chunks",
        edited(lambda asked: "Chunked" in asked.headers, gone("listings")),
    )


def refused() -> Iterator[Mutation]:
    def believed(case: str, when: When) -> Mutation:
        return mutation(
            f"believes {case}",
            f"refused/{case}",
            as_if(lambda asked: asked.method == "POST" and when(asked), plain),
        )

    def holds(text: bytes) -> When:
        return lambda asked: text in asked.body

    def lacks(text: bytes) -> When:
        return lambda asked: text not in asked.body and b"<soap-env:Envelope" in asked.body

    whole = holds(b"</soap-env:Envelope>")
    yield believed("empty", lambda asked: not asked.body)
    yield believed("no_xml", lambda asked: asked.body.startswith(b"{"))
    yield believed(
        "cut_off", lambda asked: bool(asked.body) and b"<soap-env:Envelope" in asked.body and not whole(asked)
    )
    yield believed("no_envelope", lambda asked: asked.body.startswith(b"<ns0:"))
    yield believed("no_utf_8", holds(b"<!-- \xff"))
    yield believed("doctype", holds(b"<!DOCTYPE x>"))
    yield believed("entity", holds(b"<!ENTITY"))
    yield believed("soap_1_2", holds(b"http://www.w3.org/2003/05/soap-envelope"))
    yield believed("empty_soap_body", holds(b"<soap-env:Body></soap-env:Body>"))
    yield believed("two_elements", lambda asked: asked.body.count(b"<ns0:GetListing ") == 2)
    yield believed("unknown_element", holds(b"NothingResponder"))
    yield believed("response_as_request", holds(b"ns0:GetListingResponse"))
    yield believed("without_address", lacks(b"LogicalAddress"))
    yield believed(
        "empty_address", lambda asked: re.search(rb"LogicalAddress [^>]*></", asked.body) is not None
    )
    yield believed("header_to_understand", holds(b'urn:x:note" soap-env:mustUnderstand'))
    yield believed("other_media_type", lambda asked: asked.headers.get("Content-Type") == "application/json")
    yield mutation("answers GET", "refused/by_get", as_if(lambda asked: asked.method == "GET", plain))
    yield mutation(
        "believes a request with nothing in it",
        "refused/missing_element",
        as_if(lambda asked: re.search(rb"<ns0:GetListing [^>]*></", asked.body) is not None, plain),
    )
    yield mutation(
        "believes an unknown element", "refused/unknown_element_within", as_if(holds(b"<ns0:unknown>"), plain)
    )
    yield mutation(
        "Client for an envelope of SOAP 1.2",
        "refused/soap_1_2",
        faulty(lambda text: text.replace("soap:VersionMismatch", "soap:Client")),
    )
    yield mutation(
        "Server for what is no XML",
        "refused/no_xml",
        a_fault(lambda asked: asked.body.startswith(b"{"), "Server"),
    )
    yield mutation(
        "a page for what is no XML",
        "refused/no_xml",
        instead(lambda asked: asked.body.startswith(b"{"), lambda asked: b"<html/>", 500),
    )
    yield mutation(
        "400 and no Fault for a cut off request",
        "refused/cut_off",
        instead(
            lambda asked: b"<soap-env:Envelope" in asked.body and not whole(asked),
            lambda asked: b"Bad Request",
            400,
        ),
    )
    yield mutation(
        "no MustUnderstand",
        "refused/header_to_understand",
        faulty(lambda text: text.replace("soap:MustUnderstand", "soap:Client")),
    )


def domain() -> Iterator[Mutation]:
    listed = asks("GetListing", f">{P.listed[2:]}<")
    yield mutation(
        "ERROR_AGE_LIMIT of a Get contract",
        f"{EVERY}result_code",
        a_result(QUEUER, "ERROR_AGE_LIMIT", "Utanför åldern."),
    )
    yield mutation("ERROR without a text", f"{EVERY}error_text", a_result(listed, "ERROR"))
    yield mutation("INFO without a text", f"{EVERY}info_text", edited(QUEUER, says("resultCode", "INFO")))
    yield mutation(
        "a text of the machine",
        f"{EVERY}text_for_people",
        a_result(listed, "ERROR", "java.lang.NullPointerException at se.region.Listing.get(Listing.java)"),
    )
    yield mutation(
        "times with a zone",
        f"{EVERY}times",
        edited(asks("GetListing"), resays("listings/validFromDate", lambda text: f"{text}+02:00")),
    )
    yield mutation(
        "times with parts of seconds",
        f"{EVERY}times",
        edited(asks("GetListing"), resays("listings/validFromDate", lambda text: f"{text}.000")),
    )
    yield mutation(
        "a wait below nothing",
        f"{EVERY}whole_numbers",
        edited(QUEUER, says("listings/estimatedWaitInQueue", "-1")),
    )
    yield mutation("position 0", f"{EVERY}whole_numbers", edited(QUEUER, says("listings/queuePosition", "0")))
    yield mutation(
        "another name of PV",
        f"{EVERY}national_type",
        edited(QUEUER, says("listings/listingType/displayName", "Vårdval")),
    )
    yield mutation(
        "PV of another code system",
        f"{EVERY}national_type",
        edited(QUEUER, says("listings/listingType/codeSystem", "1.2.3")),
    )
    yield mutation(
        "another code of the national code system",
        f"{EVERY}national_type",
        edited(
            QUEUER,
            both(says("listings/listingType/code", "BVC"), says("listings/listingType/displayName", "x")),
        ),
    )
    yield mutation(
        "types without a name",
        f"{EVERY}display_names",
        edited(asks("GetListingTypes"), gone("listingTypes/displayName")),
    )
    yield mutation(
        "slow",
        f"{EVERY}response_time",
        alter_exchange(lambda asked: asked.contract.name in ("GetListing", "GetListingTypes"), seconds=2.5),
    )
    yield mutation(
        "a facility without a name",
        f"{EVERY}facility_complete",
        edited(QUEUER, says("listings/healthcareFacility/name", "")),
    )
    yield mutation(
        "a doctor without a name",
        f"{EVERY}doctor_complete",
        edited(asks("GetAvailableHealthcarePersonnel"), says("healthcarePersonnel/name", "")),
    )
    doctor = f"<c:healthcarePersonnel><c:id>{W.doctor}</c:id><c:name>Åsa</c:name></c:healthcarePersonnel>"

    def to_own_type(one: etree._Element) -> None:
        if (
            text_at(one, "listingType/codeSystem") != "1.2.752.129.5.1.27"
            and one.find("{*}healthcarePersonnel") is None
        ):
            added("healthcareFacility", doctor)(one)

    yield mutation(
        "a doctor with another listing than primary care",
        f"{EVERY}doctor_with_primary_care_alone",
        edited(asks("GetListing", f">{P.two_types}<"), each("listings", to_own_type)),
    )
    yield mutation(
        "UpdateListing is not offered",
        "carelisting/domain/mandatory_contracts",
        producer={
            "contracts": tuple(one for one in demo_data().producer.contracts if one != "UpdateListing")
        },
    )
    yield mutation(
        "a technical error with 200 and ERROR",
        "carelisting/domain/technical_error",
        a_result(listing(demo_data().technical_error.person), "ERROR", "Tekniskt fel."),
    )
    yield mutation(
        "one call at a time",
        "carelisting/domain/calls_at_once",
        a_fault(lambda asked: "At-Once" in asked.headers, "Server"),
    )
    yield mutation(
        "mixes up calls at the same time",
        "carelisting/domain/calls_at_once",
        edited(lambda asked: "At-Once" in asked.headers, gone("listings")),
    )
    address = swapped(
        f">{demo_data().carelisting.unserved_county}</ns0:LogicalAddress>", f">{HOME}</ns0:LogicalAddress>"
    )
    yield mutation(
        "answers for every county",
        "carelisting/domain/other_address",
        into(asks("GetListing", f">{demo_data().carelisting.unserved_county}</"), address),
    )
    yield mutation("lets everybody call", "access/denied", access={"denied_consumer": "SE2321000016-DENIED"})
    yield mutation("no PingForConfiguration", "monitoring/ping", a_fault(asks("PingForConfiguration")))


def get_listing() -> Iterator[Mutation]:
    yield mutation("no person numbers", f"{LISTING}person_number {LISTING}actors", a_fault(listing(P.listed)))
    yield mutation(
        "no co-ordination numbers", f"{LISTING}coordination_number", a_fault(listing(P.coordination_number))
    )
    yield mutation(
        "ERROR for a co-ordination number",
        f"{LISTING}coordination_number",
        a_result(listing(P.coordination_number), "ERROR", "Bara personnummer."),
    )
    yield mutation(
        "a listing told as a queue place",
        f"{LISTING}listed {COUNTY}agrees_with_get_listing",
        edited(listing(P.listed), says("listings/isInQueue", "true")),
    )
    yield mutation(
        "a listing told twice", f"{LISTING}one_active_listing_of_a_type", edited(QUEUER, doubled("listings"))
    )
    yield mutation(
        "no places in queues",
        f"{LISTING}queue_place",
        edited(QUEUER, gone("listings", lambda one: text_at(one, "isInQueue") == "true")),
    )
    yield mutation(
        "a queue place told as a listing",
        f"{LISTING}queue_place {LISTING}one_active_listing_of_a_type {LISTING}position_with_a_queue_place_alone",
        edited(QUEUER, says("listings/isInQueue", "false")),
    )
    yield mutation(
        "a position with a listing",
        f"{LISTING}position_with_a_queue_place_alone",
        edited(
            listing(P.without_doctor), added("listings/isInQueue", "<e:queuePosition>1</e:queuePosition>")
        ),
    )
    yield mutation(
        "no doctors", f"{LISTING}doctor", edited(asks("GetListing"), gone("listings/healthcarePersonnel"))
    )
    doctor = f"<c:healthcarePersonnel><c:id>{W.doctor}</c:id><c:name>Åsa</c:name></c:healthcarePersonnel>"
    yield mutation(
        "a doctor too many",
        f"{LISTING}no_doctor",
        edited(listing(P.without_doctor), added("listings/healthcareFacility", doctor)),
    )
    yield mutation(
        "ERROR for nobody's listing",
        f"{LISTING}not_listed",
        a_result(listing(P.not_listed), "ERROR", "Ingen listning."),
    )
    yield mutation(
        "somebody else's listing",
        f"{LISTING}not_listed {COUNTY}agrees_with_get_listing",
        as_if(listing(P.not_listed), of(P.listed)),
    )
    unknown = lambda asked: listing(P.unknown)(asked) or listing(P.protected)(asked)  # noqa: E731
    yield mutation(
        "ERROR for an unknown person", f"{LISTING}unknown", a_result(unknown, "ERROR", "Personen finns inte.")
    )
    yield mutation(
        "ERROR for protected identity",
        f"{LISTING}protected",
        a_result(listing(P.protected), "ERROR", "Personen kan inte visas."),
    )
    yield mutation(
        "shows protected identity", f"{LISTING}protected", as_if(listing(P.protected), of(P.listed))
    )
    yield mutation("shows the dead", f"{LISTING}deceased", as_if(listing(P.deceased), of(P.listed)))
    yield mutation("shows what has ended", f"{LISTING}ended", as_if(listing(P.ended), of(P.listed)))
    yield mutation(
        "no dates of ends", f"{LISTING}end_to_come", edited(asks("GetListing"), gone("listings/validToDate"))
    )
    yield mutation(
        "an end that has been",
        f"{LISTING}end_to_come",
        edited(asks("GetListing"), says("listings/validToDate", "2020-01-01T00:00:00")),
    )
    yield mutation(
        "shows what has not begun",
        f"{LISTING}begun",
        edited(QUEUER, says("listings/validFromDate", "2041-01-01T00:00:00")),
    )
    yield mutation(
        "no dates of beginnings",
        f"{LISTING}begins",
        edited(asks("GetListing"), gone("listings/validFromDate")),
    )
    yield mutation(
        "primary care alone",
        f"{LISTING}own_type",
        edited(
            asks("GetListing", f">{P.two_types}<"),
            gone("listings", lambda one: text_at(one, "listingType/code") != "PV"),
        ),
    )
    yield mutation(
        "seven re-listings left",
        f"{LISTING}remaining_changes",
        edited(asks("GetListing"), says("listings/remainingChanges", "7")),
    )
    yield mutation(
        "counts another region's re-listings",
        f"{LISTING}remaining_changes_at_home_alone",
        edited(
            listing(P.of_other_county),
            added("listings/isInQueue", "<e:remainingChanges>2</e:remainingChanges>"),
        ),
    )
    yield mutation(
        "its own residents alone",
        f"{LISTING}of_other_county",
        edited(listing(P.of_other_county), gone("listings")),
    )
    yield mutation(
        "shows the listing in another county",
        f"{LISTING}listed_elsewhere {COUNTY}agrees_with_get_listing",
        as_if(listing(P.listed_elsewhere), of(P.listed)),
    )
    yield mutation(
        "nothing for guardians",
        f"{LISTING}guardian",
        edited(asks("GetListing", f">{P.child}<", "GUARDIAN"), gone("listings")),
    )
    yield mutation(
        "refuses an actor",
        f"{LISTING}actors",
        a_result(asks("GetListing", "HEALTHCARE_ADVISER"), "ERROR", "Aktören är inte tillåten."),
    )
    caregiver = asks("GetListing", "PRIVATE_CAREGIVER", f">{demo_data().caregiver.not_patient}<")

    def by_citizen(asked: Asked) -> Asked:
        return plain(asked)

    yield mutation("shows a caregiver everybody", f"{LISTING}private_caregiver", as_if(caregiver, by_citizen))
    yield mutation(
        "shows a caregiver nobody",
        f"{LISTING}private_caregiver",
        edited(asks("GetListing", "PRIVATE_CAREGIVER"), gone("listings")),
    )
    yield mutation(
        "guesses the century",
        f"{LISTING}ten_digits",
        into(asks("GetListing", f">{P.listed[2:]}<"), swapped(f">{P.listed[2:]}<", f">{P.listed}<")),
    )
    yield mutation(
        "HSA-ids in small letters here and there",
        f"{LISTING}spelling_of_the_source",
        edited(QUEUER, resays("listings/healthcareFacility/id", str.lower)),
    )
    yield mutation(
        "another name of the facility here and there",
        f"{LISTING}other_facts_of_the_facility",
        edited(listing(P.listed), says("listings/healthcareFacility/name", "Kliniken")),
    )


def get_listing_county() -> Iterator[Mutation]:
    def county(number: str) -> When:
        return asks("GetListingCounty", f">{number}<", "CITIZEN")

    yield mutation(
        "GetListingCounty: no person numbers",
        f"{COUNTY}person_number {COUNTY}actors",
        a_fault(county(P.listed)),
    )
    yield mutation(
        "GetListingCounty: no co-ordination numbers",
        f"{COUNTY}coordination_number",
        a_fault(county(P.coordination_number)),
    )
    yield mutation(
        "another county than the own",
        f"{COUNTY}own_county {COUNTY}agrees_with_get_listing",
        edited(county(P.listed), says("listingCounties/extension", "20")),
    )
    yield mutation(
        "the home county of those who are listed elsewhere",
        f"{COUNTY}other_county {COUNTY}agrees_with_get_listing",
        edited(county(P.listed_elsewhere), says("listingCounties/extension", HOME)),
    )
    yield mutation(
        "one county of two",
        f"{COUNTY}two_counties",
        edited(
            county(P.listed_in_two), gone("listingCounties", lambda one: text_at(one, "extension") == HOME)
        ),
    )
    yield mutation(
        "a county of those who live elsewhere",
        f"{COUNTY}not_the_home_region",
        as_if(county(P.of_other_county), of(P.listed)),
    )
    yield mutation(
        "ERROR for those who live elsewhere",
        f"{COUNTY}not_the_home_region",
        a_result(county(P.of_other_county), "ERROR", "Fel region."),
    )
    yield mutation(
        "a county for who is listed nowhere",
        f"{COUNTY}not_listed {COUNTY}agrees_with_get_listing",
        as_if(county(P.not_listed), of(P.listed)),
    )
    yield mutation(
        "the county of protected identity", f"{COUNTY}protected", as_if(county(P.protected), of(P.listed))
    )
    yield mutation(
        "counties under another root",
        f"{COUNTY}county_codes",
        edited(county(P.listed_in_two), says("listingCounties/root", "1.2.3")),
    )
    yield mutation(
        "a county twice",
        f"{COUNTY}county_codes",
        edited(county(P.coordination_number), doubled("listingCounties")),
    )
    yield mutation(
        "an abolished county",
        f"{COUNTY}county_codes",
        edited(county(P.coordination_number), says("listingCounties/extension", "15")),
    )
    yield mutation(
        "GetListingCounty: refuses an actor",
        f"{COUNTY}actors",
        a_result(asks("GetListingCounty", "REGION"), "ERROR", "Aktören är inte tillåten."),
    )


def get_listing_types() -> Iterator[Mutation]:
    alone = asks("GetListingTypes", without="personId")

    def types(number: str) -> When:
        return asks("GetListingTypes", f">{number}<", "homeCountyCode")

    yield mutation(
        "PV goes without saying",
        f"{TYPES}all_types",
        edited(alone, gone("listingTypes", lambda one: text_at(one, "code") == "PV")),
    )
    yield mutation(
        "no types for residents", f"{TYPES}own_resident", edited(types(P.listed), gone("listingTypes"))
    )
    yield mutation(
        "GetListingTypes: no co-ordination numbers",
        f"{TYPES}coordination_number",
        a_fault(types(P.coordination_number)),
    )
    yield mutation(
        "every type for everybody",
        f"{TYPES}without_agreement",
        into(
            types(P.unknown),
            lambda text: text.replace(
                f">{demo_data().carelisting.no_agreement_county}<", f">{HOME}<"
            ).replace(P.unknown, P.listed),
        ),
    )
    yield mutation(
        "types that nobody agreed on",
        f"{TYPES}with_agreement",
        as_if(
            types(P.of_other_county),
            lambda asked: asked._replace(
                body=re.sub(r"(?s)<ns0:personId>.*</ns0:homeCountyCode>", "", asked.body.decode()).encode()
            ),
        ),
    )
    yield mutation(
        "not PV for neighbours",
        f"{TYPES}with_agreement",
        edited(types(P.of_other_county), gone("listingTypes", lambda one: text_at(one, "code") == "PV")),
    )
    yield mutation(
        "the own types under other codes",
        f"{TYPES}own_types",
        edited(alone, resays("listingTypes/code", lambda text: text.replace("BHV", "BVC"))),
    )
    yield mutation("a type twice", f"{TYPES}each_once", edited(types(P.listed), doubled("listingTypes")))
    yield mutation(
        "a person without county is as nobody",
        f"{TYPES}person_without_county",
        into(asks("GetListingTypes", f">{P.listed}<", without="homeCountyCode"), without("personId")),
    )


def facilities() -> Iterator[Mutation]:
    def places(*texts: str, no: str = "listingTypes") -> When:
        return asks("GetAvailableHealthcareFacilities", *texts, without=no)

    def one(id: str) -> When:
        when = places(f">{id}<")
        return lambda asked: when(asked) and asked.body.count(b"<ns0:healthcareFacilities") == 1

    filterless = lambda asked: places()(asked) and b"<ns0:healthcareFacilities" not in asked.body  # noqa: E731
    several = lambda asked: places()(asked) and asked.body.count(b"<ns0:healthcareFacilities") == 2  # noqa: E731
    typed = asks("GetAvailableHealthcareFacilities", "listingTypes", without="<ns0:healthcareFacilities")
    pv = lambda asked: typed(asked) and b">PV<" in asked.body and b"1.2.3.4.5" not in asked.body  # noqa: E731
    own = lambda asked: typed(asked) and b">BHV<" in asked.body  # noqa: E731
    unknown = lambda asked: typed(asked) and b"NOTHING" in asked.body  # noqa: E731
    both_filters = asks("GetAvailableHealthcareFacilities", "<ns0:healthcareFacilities", "listingTypes")

    def named(id: str) -> Callable[[etree._Element], None]:
        return both(doubled("healthcareFacilities", says("id", id)))

    yield mutation(
        "a facility left out",
        f"{PLACES}all",
        edited(filterless, gone("healthcareFacilities", lambda one: text_at(one, "id") == F.another)),
    )
    yield mutation("a facility twice", f"{PLACES}all", edited(filterless, doubled("healthcareFacilities")))
    yield mutation(
        "a facility nobody asked for", f"{PLACES}one_id", edited(one(F.one), named("SE2321000131-DEMOVC09"))
    )
    yield mutation(
        "one facility of two",
        f"{PLACES}several_ids",
        edited(several, gone("healthcareFacilities", lambda one: text_at(one, "id") == F.one)),
    )
    yield mutation(
        "letter case means something",
        f"{PLACES}letter_case",
        edited(places(F.one.lower()), gone("healthcareFacilities")),
    )
    yield mutation(
        "every facility for an unknown one",
        f"{PLACES}unknown_id",
        into(one(F.unknown), without("healthcareFacilities")),
    )
    yield mutation(
        "ERROR for an unknown facility",
        f"{PLACES}unknown_id",
        a_result(one(F.unknown), "ERROR", "Mottagningen finns inte."),
    )

    def no_pv(content: etree._Element) -> None:
        for place in content.iterfind("{*}healthcareFacilities"):
            if text_at(place, "id") == F.several_types:
                gone("supportedListingTypes", lambda one: text_at(one, "code") == "PV")(place)

    yield mutation("facilities without PV for PV", f"{PLACES}national_type", edited(pv, no_pv))
    yield mutation(
        "no types is no PV",
        f"{PLACES}no_types_is_primary_care",
        edited(pv, gone("healthcareFacilities", lambda one: one.find("{*}supportedListingTypes") is None)),
    )
    yield mutation(
        "facilities without the type",
        f"{PLACES}own_type",
        edited(
            own,
            doubled(
                "healthcareFacilities",
                both(
                    says("id", "SE2321000131-DEMOVC04"),
                    each(
                        "supportedListingTypes",
                        lambda one: says("code", "FYS")(one) if text_at(one, "code") == "BHV" else None,
                    ),
                ),
            ),
        ),
    )
    yield mutation(
        "compares codes without code system",
        f"{PLACES}code_system",
        into(
            lambda asked: typed(asked) and b"1.2.3.4.5" in asked.body and b"NOTHING" not in asked.body,
            swapped("1.2.3.4.5", "1.2.752.129.5.1.27"),
        ),
    )
    yield mutation(
        "ERROR for an unknown type",
        f"{PLACES}unknown_types",
        a_result(unknown, "ERROR", "Okänd listningstyp."),
    )
    yield mutation(
        "nothing for an unknown type", f"{PLACES}unknown_types", edited(unknown, gone("healthcareFacilities"))
    )
    yield mutation("either filter", f"{PLACES}both_filters", into(both_filters, without("listingTypes")))
    full = one(F.full_with_queue)
    yield mutation(
        "never a queue",
        f"{PLACES}queue_of_a_full_facility {PLACES}queue_length",
        edited(
            full,
            both(
                says("healthcareFacilities/hasQueue", "false"),
                gone("healthcareFacilities/estimatedWaitInQueue"),
            ),
        ),
    )
    yield mutation(
        "no lengths of queues",
        f"{PLACES}queue_length",
        edited(
            full,
            both(gone("healthcareFacilities/queueLength"), gone("healthcareFacilities/estimatedWaitInQueue")),
        ),
    )
    yield mutation(
        "a queue where there is room",
        f"{PLACES}no_queue_with_room",
        edited(one(F.with_room), says("healthcareFacilities/hasQueue", "true")),
    )
    yield mutation(
        "a queue where none is offered",
        f"{PLACES}full_without_queue",
        edited(one(F.full_without_queue), says("healthcareFacilities/hasQueue", "true")),
    )
    yield mutation(
        "a wait without a queue",
        f"{PLACES}wait_with_a_queue_alone",
        edited(
            one(F.full_without_queue),
            added(
                "healthcareFacilities/supportsHealthcarePersonnel",
                "<e:estimatedWaitInQueue>9</e:estimatedWaitInQueue>",
            ),
        ),
    )
    yield mutation(
        "no choice of doctor",
        f"{PLACES}choice_of_doctor",
        edited(one(F.with_doctors), says("healthcareFacilities/supportsHealthcarePersonnel", "false")),
    )
    yield mutation(
        "a choice of doctor everywhere",
        f"{PLACES}no_choice_of_doctor",
        edited(full, says("healthcareFacilities/supportsHealthcarePersonnel", "true")),
    )
    yield mutation(
        "one type alone",
        f"{PLACES}several_types",
        edited(
            one(F.several_types),
            gone("healthcareFacilities/supportedListingTypes", lambda one: text_at(one, "code") != "PV"),
        ),
    )


def personnel() -> Iterator[Mutation]:
    def staff(*texts: str, no: str = "listingTypes") -> When:
        return asks("GetAvailableHealthcarePersonnel", *texts, without=no)

    yield mutation(
        "GetAvailableHealthcarePersonnel: ERROR",
        f"{STAFF}person_number",
        a_result(staff(P.listed, F.with_doctors), "ERROR", "Går inte nu."),
    )
    yield mutation(
        "GetAvailableHealthcarePersonnel: no co-ordination numbers",
        f"{STAFF}coordination_number",
        a_fault(staff(P.coordination_number)),
    )
    yield mutation(
        "GetAvailableHealthcarePersonnel: no filter",
        f"{STAFF}national_type",
        a_result(staff("listingTypes", no=""), "ERROR", "Okänd typ."),
    )
    yield mutation(
        "GetAvailableHealthcarePersonnel: letter case means something",
        f"{STAFF}letter_case",
        edited(staff(F.with_doctors.swapcase()), gone("healthcarePersonnel")),
    )
    yield mutation(
        "doctors where there is no choice",
        f"{STAFF}no_choice",
        into(staff(F.without_doctors), swapped(F.without_doctors, F.with_doctors)),
    )
    yield mutation(
        "another spelling of a doctor",
        f"{STAFF}works_there",
        edited(staff(no=""), resays("healthcarePersonnel/id", str.lower)),
    )


def care_managers() -> Iterator[Mutation]:
    child = contacts(CHILD)

    def edit(name: str, caught: str, edit: Callable[[etree._Element], None], when: When = child) -> Mutation:
        return mutation(name, " ".join(f"{CARE}{one}" for one in caught.split()), edited(when, edit))

    def make(name: str, caught: str, make: Callable[[Ask], Ask]) -> Mutation:
        return mutation(name, " ".join(f"{CARE}{one}" for one in caught.split()), make)

    def mistaken(number: str, root: str = "") -> Callable[[Ask], Ask]:
        def other(asked: Asked) -> Asked:
            text = asked.body.decode().replace(f">{number}<", f">{G.doctor}<")
            return asked._replace(
                body=re.sub(
                    r"(patientId>.*?root[^>]*>)[\d.]+(</)", rf"\g<1>{oids.PERSONNUMMER}\2", text
                ).encode()
            )

        return as_if(asks("GetCareManagers", f">{number}<"), other)

    yield make(
        "GetCareManagers: no person numbers",
        "person_number",
        a_fault(asks("GetCareManagers", f">{G.several}<", f">{G.address}<", without="careManagerType")),
    )
    yield make(
        "GetCareManagers: no co-ordination numbers",
        "coordination_number",
        a_fault(contacts(G.coordination_number)),
    )
    yield make("GetCareManagers: no reserve numbers", "reserve_number", a_fault(contacts(G.reserve_number)))
    yield make(
        "GetCareManagers: local reserve numbers", "local_reserve_number", mistaken(G.local_reserve_number)
    )
    yield make(
        "GetCareManagers: guesses the century",
        "ten_digits",
        into(asks("GetCareManagers", f">{G.several[2:]}<"), swapped(f">{G.several[2:]}<", f">{G.several}<")),
    )
    yield make(
        "GetCareManagers: a Fault for an unknown patient",
        "unknown",
        a_fault(lambda asked: contacts(G.unknown)(asked) or contacts(G.protected)(asked)),
    )
    yield make("GetCareManagers: a Fault for no contacts", "no_contacts", a_fault(contacts(G.none)))
    yield make("GetCareManagers: shows protected identity", "protected", mistaken(G.protected))
    yield make("GetCareManagers: a Fault for protected identity", "protected", a_fault(contacts(G.protected)))
    yield make("GetCareManagers: shows the dead", "deceased", mistaken(G.deceased))
    yield make("GetCareManagers: shows what has ended", "ended", mistaken(G.ended))
    yield make("GetCareManagers: shows protected staff", "protected_staff", mistaken(G.protected_staff))
    other_doctor = says("practitioner/hsaId/extension", "SE2321000131-OTHER")
    yield edit("two doctors", "one_doctor", doubled("careManager", other_doctor))
    yield edit(
        "no doctor",
        "doctor",
        gone("careManager", lambda one: text_at(one, "code/code") == "2"),
        contacts(G.doctor),
    )
    yield edit("another code system of types", "code_system", says("careManager/code/codeSystem", "1.2.3"))
    yield edit("a role without a code", "code_system", says("careManager/code/code", "kontaktsjuksköterska"))
    yield edit("another name of the type", "code_name", says("careManager/code/displayName", "husläkare"))
    yield edit(
        "staff under their person numbers",
        "practitioner_id",
        says("careManager/practitioner/hsaId/root", oids.PERSONNUMMER),
    )
    yield edit("nameless", "practitioner_name", gone("careManager/practitioner/name"))
    yield edit("no befattning", "qualification", gone("careManager/practitioner/qualification"))
    yield edit(
        "a befattning of four digits",
        "qualification_code",
        says("careManager/practitioner/qualification/code", "2010"),
    )
    yield edit(
        "a befattning of another list",
        "qualification_code",
        says("careManager/practitioner/qualification/codeSystem", "1.2.3"),
    )
    yield edit("30 February", "dates", says("careManager/period/start", "20240230"))
    yield edit("begins in 2041", "begun", says("careManager/period/start", "20410101"))

    def ended(one: etree._Element) -> None:
        says("period/start", "20190101")(one)
        period = one.find("{*}period")
        end = etree.SubElement(period, period[0].tag.replace("start", "end"))
        end.text = "20200101"
        period[0].addnext(end)

    yield edit("ended in 2020", "not_ended", each("careManager", ended))
    yield edit(
        "a provider by its organisation number",
        "organisations",
        says("careManager/managingCareGiver/hsaId/root", "2.5.4.97"),
    )
    yield edit("a unit without a name", "unit_name", gone("careManager/managingCareUnit/name"))
    header = "careManager/careManagerHeader"
    yield edit(
        "an accountable provider without HSA-id",
        "accountable_provider",
        says(f"{header}/accessControlHeader/accountableHealthcareProviderId/root", "2.5.4.97"),
    )
    yield edit(
        "no accountable unit", "accountable_unit", gone(f"{header}/accessControlHeader/accountableCareUnitId")
    )
    yield edit(
        "another patient in the header",
        "header_patient",
        says(f"{header}/accessControlHeader/patientId/extension", "199406062381"),
    )
    yield edit(
        "a patient under another root",
        "header_patient_root",
        says(f"{header}/accessControlHeader/patientId/root", oids.SAMORDNINGSNUMMER),
    )
    yield edit(
        "a source system without HSA-id", "source_system", says(f"{header}/sourceSystemId/root", "1.2.3")
    )

    def another_system(content: etree._Element) -> None:
        for one in content[:1]:
            says("careManagerHeader/sourceSystemId/extension", "SE2321000131-OTHER")(one)

    yield edit("contacts of two systems", "source_system_addressed", another_system, contacts(G.several))
    yield edit(
        "documented in 2041",
        "block_comparison_time",
        says(f"{header}/accessControlHeader/blockComparisonTime", "20410101000000"),
    )
    yield edit("a doctor without a unit", "doctor_at_a_unit", gone("careManager/managingCareUnit"))
    doctors = each("careManager", lambda one: other_doctor(one) if text_at(one, "code/code") == "2" else None)
    yield edit("another doctor than the listing's", "doctor_where_listed", doctors, contacts(G.doctor))

    def unitless(one: etree._Element) -> None:
        if text_at(one, "code/code") == "3":
            both(gone("managingCareUnit"), gone("careProvidingCareUnit"))(one)

    yield edit(
        "home care without its unit", "home_care_unit", each("careManager", unitless), contacts(G.several)
    )

    def unreachable(one: etree._Element) -> None:
        if text_at(one, "code/code") == "4":
            for contact in list(one.iter("{*}contact")):
                contact.getparent().remove(contact)

    yield edit("no way to reach", "a_way_to_reach", each("careManager", unreachable), contacts(G.several))
    is_phone = lambda one: text_at(one, "system/code") == "phone"  # noqa: E731
    yield edit(
        "no telephone of the unit",
        "unit_phone",
        gone("careManager/managingCareUnit/contact/telecom", is_phone),
    )
    yield edit("no visiting address", "unit_address", gone("careManager/managingCareUnit/contact/address"))
    yield edit("no town", "unit_address", gone("careManager/managingCareUnit/contact/address/city"))
    yield edit(
        "no e-services",
        "unit_e_services",
        gone(
            "careManager/managingCareUnit/contact/telecom", lambda one: text_at(one, "system/code") == "url"
        ),
        contacts(G.doctor),
    )
    phones = each(
        "careManager/contact/telecom",
        lambda one: says("value", G.staff_only_numbers[0])(one) if is_phone(one) else None,
    )
    yield edit(
        "a number for staff where the patient sees it", "staff_only_numbers", phones, contacts(G.doctor)
    )
    yield edit(
        "a number for staff in the note for the patient",
        "staff_only_numbers",
        says("careManager/externalNotes", "Ring 031-390 06 02 (vård till vård)"),
        contacts(G.doctor),
    )
    telecom = "careManager/managingCareUnit/contact/telecom"
    fax = each(
        telecom,
        lambda one: says("system/code", "telephone")(one) if text_at(one, "system/code") == "email" else None,
    )
    yield edit("telephone is no code", "telecom_system", fax)
    yield edit("no code system of telecom", "telecom_system", gone(f"{telecom}/system/codeSystem"))
    yield edit(
        "a telecom that says nothing of what it is",
        "telecom_system",
        each(telecom, lambda one: gone("system")(one) if text_at(one, "system/code") == "email" else None),
    )
    yield edit(
        "a telephone number in words",
        "telecom_value",
        each(telecom, lambda one: says("value", "ring växeln")(one) if is_phone(one) else None),
    )
    yield edit(
        "an address of type visit",
        "address_type",
        each(
            "careManager/managingCareUnit/contact/address",
            lambda one: says("type/code", "visit")(one) if text_at(one, "type/code") == "postal" else None,
        ),
    )
    yield edit("opens after it closes", "hours", says(f"{telecom}/period/time/start", "235900"))
    yield edit("a team without an id", "team", gone("careManager/careTeam/id/extension"), contacts(G.several))
    yield edit("a contact twice", "each_once", _repeated)
    yield edit("two coordinators", "one_coordinator", _coordinators)
    only_care = gone("careManager", lambda one: text_at(one, "code/code") != "1")
    yield edit(
        "one type of contact alone", "several_contacts", only_care, asks("GetCareManagers", f">{G.several}<")
    )

    def more(content: etree._Element) -> None:
        etree.SubElement(content, "{urn:x}more").text = "x"

    yield mutation("more beside the contacts", f"{CARE}nothing_else every_answer/schema", edited(child, more))
    filtered = asks("GetCareManagers", "careManagerType")
    one_type = lambda asked: filtered(asked) and asked.body.count(b"<ns0:careManagerType") == 1  # noqa: E731
    two_types = lambda asked: filtered(asked) and asked.body.count(b"<ns0:careManagerType") == 2  # noqa: E731
    yield make(
        "passes the type over", "filter_type filter_unknown_type", into(one_type, without("careManagerType"))
    )
    yield make("passes several types over", "filter_types", into(two_types, without("careManagerType")))
    yield edit(
        "stumbles over a blank",
        "filter_type_blank",
        gone("careManager"),
        asks("GetCareManagers", f"> {oids.FIXED_CONTACT_TYPE}<"),
    )
    yield make("a Fault for an unknown type", "filter_unknown_type", a_fault(asks("GetCareManagers", ">99<")))
    yield make(
        "passes the care provider over",
        "filter_care_giver filter_unknown_unit",
        into(asks("GetCareManagers", "careGiverId"), without("careGiverId")),
    )
    yield make(
        "passes the care unit over",
        "filter_care_unit filter_unknown_unit",
        into(asks("GetCareManagers", "careUnitId"), without("careUnitId")),
    )
    yield edit(
        "letter case of a filter means something",
        "filter_letter_case",
        gone("careManager"),
        asks("GetCareManagers", f">{G.care_unit.swapcase()}<"),
    )
    yield make(
        "everything for an unknown unit",
        "filter_unknown_unit",
        into(
            asks("GetCareManagers", f">{G.unknown_unit}<"),
            lambda text: without("careUnitId")(without("careGiverId")(text)),
        ),
    )
    yield make(
        "passes the care process over",
        "filter_care_process",
        into(asks("GetCareManagers", "careProcessId"), without("careProcessId")),
    )
    yield make("GetCareManagers: slow", "response_time", alter_exchange(asks("GetCareManagers"), seconds=4.0))
    yield make(
        "answers for every address",
        "other_address",
        into(
            asks("GetCareManagers", f">{G.unserved_address}<"),
            swapped(f">{G.unserved_address}<", f">{G.address}<"),
        ),
    )
    yield make(
        "letter case of the address means something",
        "address_letter_case",
        a_fault(asks("GetCareManagers", f">{G.address.lower()}<")),
    )


def _repeated(content: etree._Element) -> None:
    """Tell a contact that is no doctor twice."""
    for name, text in (
        ("code/code", "4"),
        ("code/displayName", "fast vårdkontakt med övergripande samordningsansvar"),
    ):
        says(f"careManager/{name}", text)(content)
    doubled("careManager")(content)
    says("code/code", "1")(content[0])
    says("code/displayName", "fast vårdkontakt")(content[0])
    says("code/code", "1")(content[1])
    says("code/displayName", "fast vårdkontakt")(content[1])


def _coordinators(content: etree._Element) -> None:
    """Tell two contacts with code 4, of different people."""
    for name, text in (
        ("code/code", "4"),
        ("code/displayName", "fast vårdkontakt med övergripande samordningsansvar"),
    ):
        says(f"careManager/{name}", text)(content)
    doubled("careManager", says("practitioner/hsaId/extension", "SE2321000131-OTHER"))(content)


def changing() -> Iterator[Mutation]:
    """Producers that are broken in what changes their data."""

    def create(number: str, *texts: str, no: str = "") -> When:
        return asks("CreateListing", f">{number}<", *texts, without=no)

    def update(number: str, *texts: str, no: str = "") -> When:
        return asks("UpdateListing", f">{number}<", *texts, without=no)

    lies = "OK"
    wrong = "Det gick inte."
    yield mutation(
        "says it is listed",
        f"{CREATE}lists",
        a_result(create(W.resident, W.facility, "HSAId", no="newListingCounty"), lies),
    )
    yield mutation(
        "cannot list",
        f"{CREATE}lists",
        a_result(create(W.resident, W.facility, "HSAId", no="newListingCounty"), "ERROR", wrong),
    )
    old = both(doubled("listings", says("healthcareFacility/id", "SE2321000131-DEMOVC01")))
    yield mutation(
        "keeps the listing before", f"{CREATE}ends_the_one_before", edited(listing(W.repeater), old)
    )
    yield mutation(
        "ERROR for the same again",
        f"{CREATE}same_again",
        from_time(3, create(W.repeater), a_result(anything, "ERROR", wrong)),
    )
    counted = from_time(4, listing(W.repeater), edited(anything, says("listings/remainingChanges", "0")))
    yield mutation("counts the same again", f"{CREATE}same_again", counted)
    yield mutation(
        "two listings at once", f"{CREATE}same_at_once", edited(listing(W.twice), doubled("listings"))
    )
    yield mutation(
        "forgets the doctor",
        f"{CREATE}doctor",
        edited(listing(W.doctor_resident), gone("listings/healthcarePersonnel")),
    )
    yield mutation(
        "counts the choice of a doctor",
        f"{CREATE}doctor",
        from_time(2, listing(W.doctor_resident), edited(anything, says("listings/remainingChanges", "0"))),
    )
    in_queue = gone("listings", lambda one: text_at(one, "isInQueue") == "true")
    yield mutation("forgets the queue", f"{CREATE}joins_the_queue", edited(listing(W.queuer), in_queue))
    yield mutation(
        "nobody leaves a queue",
        f"{CREATE}leaves_the_queue",
        a_result(create(W.queuer, "addToQueue>false<"), "ERROR", wrong),
    )
    yield mutation(
        "says that somebody left the queue",
        f"{CREATE}leaves_the_queue",
        a_result(create(W.queuer, "addToQueue>false<"), lies),
    )
    yield mutation(
        "plain ERROR where it is full",
        f"{CREATE}full",
        a_result(create(W.resident, F.full_without_queue), "ERROR", wrong),
    )
    yield mutation(
        "left out is as true",
        f"{CREATE}full_absent",
        a_result(create(W.resident, F.full_with_queue, no="addToQueue"), lies),
    )
    yield mutation(
        "does not take homeCounty",
        f"{CREATE}home_county_given",
        a_result(create(W.given_county), "ERROR", wrong),
    )
    yield mutation(
        "its own residents alone may list",
        f"{CREATE}resident_of_another_county",
        a_result(create(W.newcomer), "ERROR", wrong),
    )
    yield mutation(
        "lists others' residents as its own",
        f"{CREATE}home_county_missing",
        a_result(create(W.passer_by), lies),
    )
    yield mutation(
        "lists at a facility that is none",
        f"{CREATE}unknown_facility",
        a_result(create(W.resident, F.unknown, "CITIZEN"), lies),
    )
    yield mutation(
        "takes what is for another",
        f"{CREATE}wrong_receiver",
        a_result(create(W.resident, "newListingCounty"), lies),
    )
    yield mutation(
        "plain ERROR for the year",
        f"{CREATE}year_used_up",
        a_result(create(W.out_of_changes), "ERROR", wrong),
    )
    yield mutation(
        "plain ERROR for consent", f"{CREATE}guardian_consent", a_result(create(W.minor), "ERROR", wrong)
    )
    yield mutation(
        "plain ERROR for the age", f"{CREATE}age", a_result(create(W.age_resident, "BHV"), "ERROR", wrong)
    )
    yield mutation(
        "done, whatever the schema says",
        f"{CREATE}schema",
        a_result(lambda asked: b"healthcareFacility>" in asked.body, lies),
    )
    yield mutation(
        "tells of protected identity",
        f"{CREATE}protected",
        a_result(create(P.protected), "ERROR", "Personen har skyddad identitet."),
    )
    yield mutation(
        "a Fault for another actor",
        f"{CREATE}other_actors",
        a_fault(asks("CreateListing", "HEALTHCARE_ADVISER")),
    )
    yield mutation(
        "says that it has heard",
        f"{UPDATE}leaves",
        a_result(update(W.leaver, "homeCounty", no="listingType>"), lies),
    )
    again = update(W.leaver, "homeCounty", no="NOTHING")
    yield mutation(
        "ERROR for the same message again",
        f"{UPDATE}same_again",
        from_time(3, again, a_result(anything, "ERROR", wrong)),
    )
    yield mutation("keeps the note", f"{UPDATE}comes_home", a_result(update(W.homecomer), lies))
    yield mutation("keeps who moves on", f"{UPDATE}moves_on", a_result(update(W.settled), lies))
    yield mutation(
        "homeCounty must be the address", f"{UPDATE}moves_on", a_result(update(W.settled), "ERROR", wrong)
    )
    yield mutation(
        "ERROR for who is not here", f"{UPDATE}not_listed_here", a_result(update(W.passer_by), "ERROR", wrong)
    )
    yield mutation("takes any type", f"{UPDATE}unknown_type", a_result(update(W.leaver, "NOTHING"), lies))
    yield mutation(
        "a Fault for a missing element",
        f"{UPDATE}missing_element",
        a_fault(asks("UpdateListing", without="homeCounty")),
    )
    yield mutation(
        "a code of CreateListing",
        f"{UPDATE}result_codes {UPDATE}not_listed_here",
        a_result(update(W.passer_by), "ERROR_AGE_LIMIT", wrong),
    )


def reading_mutations() -> list[Mutation]:
    """Return the producers that are broken in what they answer."""
    return [
        *every_answer(),
        *requests(),
        *refused(),
        *domain(),
        *get_listing(),
        *get_listing_county(),
        *get_listing_types(),
        *facilities(),
        *personnel(),
        *care_managers(),
    ]


def changing_mutations() -> list[Mutation]:
    """Return the producers that are broken in what changes their data."""
    return list(changing())
