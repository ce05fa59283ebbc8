"""Broken in what every answer is."""

import re
from collections.abc import Iterator
from dataclasses import replace

from tests.conformance.broken import Mutation, anything, asks, edited, faulty, instead, out
from tests.conformance.edits import added, resays
from tests.conformance.in_process import demo_data
from tests.conformance.mutations.common import (
    CHILD,
    QUEUER,
    alter_exchange,
    contacts,
    mutation,
    rebytes,
    with_header,
)


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
    status = b'<p:ProcessingStatus xmlns:p="urn:riv:interoperability:headers:1"/>'
    status = b"<soap:Header>" + status + b"</soap:Header><soap:Body>"
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
