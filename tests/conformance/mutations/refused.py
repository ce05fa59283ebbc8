"""Believing what must be refused."""

import re
from collections.abc import Iterator

from tests.conformance.broken import Mutation, When, a_fault, as_if, faulty, instead
from tests.conformance.mutations.common import (
    mutation,
    plain,
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
