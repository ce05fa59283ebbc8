"""Stumbling over requests in a form that must be understood."""

from collections.abc import Iterator

from tests.conformance.broken import Mutation, When, a_fault, edited
from tests.conformance.edits import gone
from tests.conformance.mutations.common import mutation


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
