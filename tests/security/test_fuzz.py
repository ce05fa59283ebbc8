"""Spoilt requests of every contract, in trees and in bytes: each is answered, soon, and as SOAP.

`make test` sends some hundreds, `make soak` 50 000.
"""

import time
from collections.abc import Callable
from itertools import count, islice
from random import Random

import pytest
from lxml import etree
from structlog.testing import capture_logs

from contracts.catalogue import Contract, by_name
from producer.operations import OPERATIONS
from producer.wsgi import Producer
from register.database import Register
from tests.instances import instance, mutations, schema_of
from tests.messages import envelope, path, request
from tests.producers import DOCTOR, SOURCE_SYSTEM, make_producer
from tests.records import ANNA
from tests.security.test_floods import memory_kib
from tests.security.test_no_personal_data import MESSAGES
from tests.strength import sized
from tests.wsgi import TEXT_XML, post

REQUESTS = sized(quick=400, full=4_000, soak=50_000)
SEED = 12
MOST_SECONDS = 0.5
"""Processor time of one request. The busiest takes some milliseconds."""

TOKENS = (
    b"<",
    b">",
    b"/",
    b"&",
    b"&#0;",
    b"&#x10FFFF;",
    b"&amp;",
    b"]]>",
    b"<![CDATA[",
    b"<!--",
    b"-->",
    b"<?x ",
    b"?>",
    b"<!DOCTYPE x>",
    b'"',
    b"'",
    b"=",
    b" xmlns='urn:x'",
    b" xmlns:c='urn:x'",
    b" a='x'",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xf0\x9f\x98\x80",
    b"%s",
    b"{0}",
    b"' OR 1=1 --",
    b"../../etc/passwd",
    b"\n" * 50,
    b"9" * 400,
)
CHARSETS = (TEXT_XML,) * 6 + ("text/xml", "text/xml; charset=utf-16", "text/xml; charset=iso-8859-1")


def _address(contract: Contract) -> str:
    return SOURCE_SYSTEM if contract.name == "GetCareManagers" else "14"


def in_trees(contract: Contract, random: Random) -> Callable[[], bytes]:
    """Return what makes messages of which an element, a value or an attribute is not as it should be."""
    schema = schema_of(contract)
    messages = (
        message
        for _ in count()
        for message in islice(mutations(instance(schema, contract.request, random), random), 20)
    )
    return lambda: envelope(etree.tostring(next(messages)).decode(), _address(contract))


def in_bytes(contract: Contract, random: Random) -> Callable[[], bytes]:
    """Return what makes messages of which some bytes are not as they should be."""
    parts = MESSAGES.get(contract.name)
    if parts is None:
        text = etree.tostring(instance(schema_of(contract), contract.request, random)).decode()
    else:
        text = request(contract.name, *parts)
    whole = envelope(text, _address(contract))

    def spoilt() -> bytes:
        body = bytearray(whole)
        for _ in range(random.choice((1, 1, 2, 5, 20))):
            place = random.randrange(len(body) + 1)
            end = min(len(body), place + random.choice((1, 1, 4, 30, 300)))
            match random.randrange(5):
                case 0:
                    body[place:place] = random.choice(TOKENS)
                case 1:
                    body[place:end] = random.randbytes(end - place)
                case 2:
                    del body[place:end]
                case 3:
                    body[place:place] = body[place:end] * random.choice((1, 2, 50))
                case _:
                    del body[place:]
        return bytes(body)

    return spoilt


@pytest.mark.soak
@pytest.mark.parametrize("spoil", [in_trees, in_bytes])
def test_every_spoilt_request_is_answered(
    small_register: Register, spoil: Callable[[Contract, Random], Callable[[], bytes]]
) -> None:
    app = make_producer(small_register)
    random = Random(SEED)  # noqa: S311 - the same examples every time, which a failure names
    makers = [(by_name(name), spoil(by_name(name), random)) for name in OPERATIONS]
    _send(app, makers, random, REQUESTS // 10)
    before = memory_kib()
    _send(app, makers, random, REQUESTS)
    assert memory_kib() - before < 30_000


def _send(
    app: Producer, makers: list[tuple[Contract, Callable[[], bytes]]], random: Random, times: int
) -> None:
    """Send spoilt requests; what comes back is checked against its schema as any answer."""
    for number in range(times):
        contract, make = makers[number % len(makers)]
        body = make()
        media_type = random.choice(CHARSETS)
        with capture_logs() as events:
            began = time.process_time()
            response = post(app, path(contract.name), body, content_type=media_type)
            took = time.process_time() - began
        shown = f"{number}: {body!r}"
        assert took < MOST_SECONDS, shown
        assert response.status in (200, 500), shown
        assert b"FK5" not in response.body, shown
        told = repr(events)
        assert ANNA not in told, shown
        assert DOCTOR.surname not in told, shown
