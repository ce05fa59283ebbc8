"""Heads that say two things, or not what they must: refused before the body is believed (docs/faults.md)."""

from io import BytesIO
from typing import Any

import pytest

from contracts.person_numbers import holds_person_number
from producer.body import MOST_DRAINED
from producer.wsgi import Producer
from register.database import Register
from tests.messages import path
from tests.producers import make_producer
from tests.records import ANNA
from tests.security.refusals import GOOD, check_refused, stored
from tests.soap import check_envelope
from tests.wsgi import TEXT_XML, post

CONSUMER = "x-rivta-original-serviceconsumer-hsaid"
ON_BEHALF_OF = "x-rivta-acting-on-behalf-of-hsaid"

HEADERS = {
    "consumer twice": ("FK112", CONSUMER, {CONSUMER: "SE2321000016-1A2B,SE2321000016-1A2B"}),
    "two consumers": ("FK112", CONSUMER, {CONSUMER: "SE2321000016-1A2B, SE2321000016-1A2C"}),
    "two short ones": ("FK112", CONSUMER, {CONSUMER: "SE1-A,SE1-B"}),
    "on behalf of two": ("FK112", ON_BEHALF_OF, {ON_BEHALF_OF: "SE2321000016-1A2B,SE2321000016-1A2C"}),
    "no HSA-id": ("FK112", CONSUMER, {CONSUMER: "somebody"}),
    "an HSA-id and more": ("FK112", CONSUMER, {CONSUMER: "SE2321000016-1A2B;x"}),
    "too long": ("FK112", CONSUMER, {CONSUMER: "SE2321000016-" + "1" * 20}),
    "a line break": ("FK112", CONSUMER, {CONSUMER: "SE2321000016-1A2B\r\nx-y: z"}),
    "two hosts": ("FK112", "Host", {"Host": "a,b"}),
    "gzip on the way": ("FK107", "", {"Transfer-Encoding": "gzip, chunked"}),
    "deflate on the way": ("FK107", "", {"Transfer-Encoding": "deflate"}),
    "gzip": ("FK107", "", {"Content-Encoding": "gzip"}),
    "gzip twice": ("FK107", "", {"Content-Encoding": "identity,gzip"}),
    "a coding nobody knows": ("FK107", "", {"Content-Encoding": "br"}),
    "length and chunks": ("FK112", "both", {"Transfer-Encoding": "chunked"}),
}


@pytest.mark.parametrize("name", HEADERS)
def test_refused(small_register: Register, name: str) -> None:
    expected, said, headers = HEADERS[name]
    assert said in check_refused(
        make_producer(small_register), small_register, GOOD, expected, headers=headers
    )


def call(app: Producer, body: BytesIO, **environ: str) -> tuple[str, bytes]:
    """Call the application with an environment that no server of ours would make."""
    said: list[str] = []
    given: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path("GetListing"),
        "CONTENT_TYPE": TEXT_XML,
        "CONTENT_LENGTH": str(len(GOOD)),
        "HTTP_HOST": "localhost",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.input": body,
    }

    def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> None:
        said.append(status)

    answer = b"".join(app(given | environ, start))
    return said[0], answer


@pytest.mark.parametrize(
    ("expected", "environ"),
    [
        ("FK112", {"HTTP_HOST": ""}),
        ("FK112", {"HTTP_HOST": " "}),
        ("FK112", {"CONTENT_LENGTH": "-1"}),
        ("FK112", {"CONTENT_LENGTH": "+10"}),
        ("FK112", {"CONTENT_LENGTH": "10,10"}),
        ("FK112", {"CONTENT_LENGTH": "0x10"}),
        ("FK112", {"CONTENT_LENGTH": "١٢"}),
        ("FK111", {"CONTENT_LENGTH": str(len(GOOD) + 1)}),
        ("FK111", {"CONTENT_LENGTH": "1000000"}),
    ],
)
def test_a_head_that_contradicts_what_comes(
    small_register: Register, expected: str, environ: dict[str, str]
) -> None:
    """A body that is cut off is not carried out, though what came is a whole message."""
    before = stored(small_register)
    status, answer = call(make_producer(small_register), BytesIO(GOOD), **environ)
    assert status.startswith("500 ")
    assert check_envelope(answer).findtext("faultstring").startswith(f"{expected} ")
    assert stored(small_register) == before


def test_http_1_0_needs_no_host(small_register: Register) -> None:
    status, _ = call(make_producer(small_register), BytesIO(GOOD), HTTP_HOST="", SERVER_PROTOCOL="HTTP/1.0")
    assert status == "200 OK"


def test_no_more_than_the_length_is_read(small_register: Register) -> None:
    """What follows is the next request."""
    body = BytesIO(GOOD + GOOD)
    assert call(make_producer(small_register), body)[0] == "200 OK"
    assert body.tell() == len(GOOD)


@pytest.mark.parametrize(
    "environ",
    [{"PATH_INFO": "/unknown"}, {"CONTENT_TYPE": "text/plain"}, {"HTTP_CONTENT_ENCODING": "gzip"}, {}],
)
def test_a_refused_body_is_taken_away(small_register: Register, environ: dict[str, str]) -> None:
    """The next request on the connection begins where it does."""
    size = 3_000_000
    body = BytesIO(b"x" * size + GOOD)
    status, _ = call(make_producer(small_register), body, CONTENT_LENGTH=str(size), **environ)
    assert status.startswith("500 ")
    assert body.tell() == size


def test_not_all_of_a_body_without_end_is_taken_away(small_register: Register) -> None:
    body = BytesIO(b"x" * (MOST_DRAINED + 1_000_000))
    call(make_producer(small_register), body, CONTENT_LENGTH=str(10 * MOST_DRAINED))
    assert body.tell() < MOST_DRAINED + 100_000


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "SE2321000016-1A2B",
        "se2321000016-1a2b",
        "SE165565594230-1",
        "TSTNMT2321000156-1001",
        "SE12345-XYZ",
    ],
)
def test_who_may_be_named(small_register: Register, value: str) -> None:
    app = make_producer(small_register)
    for header in (CONSUMER, ON_BEHALF_OF):
        assert post(app, path("GetListing"), GOOD, headers={header: value}).result == ("OK", None)


@pytest.mark.parametrize(
    "text",
    [
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        "SE2321000016-1A2B",
        "SE165565594230-B9P",
        "20261127194500123",
        "1234567890123456",
        "req-000000000000",
        "",
    ],
)
def test_what_is_no_person_number(text: str) -> None:
    assert not holds_person_number(text)


@pytest.mark.parametrize(
    "text", [ANNA, ANNA[2:], f"{ANNA[:8]}-{ANNA[8:]}", f"x{ANNA}x", f"1{ANNA}1", f"a={ANNA[2:8]}+{ANNA[8:]}"]
)
def test_what_is_one(text: str) -> None:
    assert holds_person_number(text)
