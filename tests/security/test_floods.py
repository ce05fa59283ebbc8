"""A caller cannot buy more than thrice the work of an honest request, whatever it fills a request with."""

import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from contracts import messages
from contracts.catalogue import by_name
from producer import bounds
from producer.wsgi import Producer
from register.database import Register
from tests.messages import SOAP, actor, code, envelope, path, person, request
from tests.producers import make_producer
from tests.records import ANNA
from tests.security.floods import SHAPES
from tests.security.refusals import GOOD, check_refused
from tests.strength import sized
from tests.wsgi import TEXT_XML, post

MOST = 3
"""How many times the work of an honest request of its size a hostile one may be."""

FACILITIES = "GetAvailableHealthcareFacilities"
REQUESTS = sized(quick=4, full=100)
ROUNDS = 4


def ignored(status: str, headers: list[tuple[str, str]], error: Any = None) -> None:
    """Take the head of an answer."""


def work(app: Producer, body: bytes, contract: str, times: int) -> float:
    """Return the CPU time of so many requests; the answers are not looked at, which would cost time too."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path(contract),
        "CONTENT_TYPE": TEXT_XML,
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "localhost",
    }
    began = time.process_time()
    for _ in range(times):
        app(environ | {"wsgi.input": BytesIO(body)}, ignored)
    return time.process_time() - began


@pytest.mark.parametrize(
    "size", sized(quick=(20_000, 190_000), full=(1_000, 3_000, 20_000, 190_000, 1_000_000))
)
@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_costs_more_than_thrice_an_honest_request(
    small_register: Register, shape: str, size: int
) -> None:
    """Of each the least of several rounds, as the machine may be busy with something else."""
    app = make_producer(small_register, server={"max_body_bytes": 4_000_000})
    body = SHAPES[shape](size)
    honest = GOOD.ljust(len(body))
    contract = FACILITIES if FACILITIES.encode() in body else "GetListing"
    post(app, path(contract), body)
    post(app, path("GetListing"), honest)
    ratios = []
    for _ in range(10):
        hostile = min(work(app, body, contract, REQUESTS) for _ in range(ROUNDS))
        ratios.append(hostile / min(work(app, honest, "GetListing", REQUESTS) for _ in range(ROUNDS)))
        if ratios[-1] <= MOST:
            return
    pytest.fail(f"{shape}, {size} bytes: {min(ratios):.1f} times the work of an honest request")


def test_the_count_is_no_more_than_a_twentieth_of_a_call(small_register: Register) -> None:
    app = make_producer(small_register)
    work(app, GOOD, "GetListing", 20)
    call = min(work(app, GOOD, "GetListing", 20) for _ in range(5))
    began = time.process_time()
    for _ in range(1000):
        bounds.check(GOOD, "UTF-8")
    assert (time.process_time() - began) / 1000 < call / 20 / 20


def test_reading_takes_time_by_the_number_of_elements() -> None:
    """It took time by the square: 3 000 facilities 16 ms, eight times as many a second."""

    def seconds(facilities: int) -> float:
        parts = "<healthcareFacilities>SE1-1</healthcareFacilities>" * facilities
        element = etree.fromstring(request(FACILITIES, parts))
        taken = []
        for _ in range(5):
            began = time.process_time()
            messages.read(by_name(FACILITIES), element)
            taken.append(time.process_time() - began)
        return min(taken)

    assert seconds(24_000) < 24 * seconds(3_000)


# Each bound: as much as may be, and one more ---------------------------------------------------------------

WILD = GOOD.decode().replace("</GetListing>", '<w xmlns="urn:w">{}</w></GetListing>')
EMPTY = WILD.format("")
ELEMENTS_OF_IT = sum(1 for _ in etree.fromstring(EMPTY).iter())
NAMES_OF_IT = len(bounds.check(EMPTY.encode(), None))

BOUNDS: dict[str, tuple[int, Callable[[int], str]]] = {
    "elements": (
        bounds.ELEMENTS - ELEMENTS_OF_IT,
        lambda n: WILD.format(("<v>" + "<x/>" * 99 + "</v>") * (n // 100) + "<x/>" * (n % 100)),
    ),
    "elements within one": (bounds.CHILDREN, lambda n: WILD.format("<x/>" * n)),
    "elements within each other": (bounds.DEPTH - 4, lambda n: WILD.format("<x>" * n + "</x>" * n)),
    "attributes of one element": (
        bounds.ATTRIBUTES,
        lambda n: WILD.format("<x " + " ".join(f'a{i}=""' for i in range(n)) + "/>"),
    ),
    "namespaces declared by one": (
        bounds.DECLARATIONS,
        lambda n: WILD.format("<x " + " ".join(f'xmlns:n{i}="u"' for i in range(n)) + "/>"),
    ),
    "attributes": (bounds.ATTRIBUTES_OF_ALL - EMPTY.count("="), lambda n: WILD.format('<x a=""/>' * n)),
    "different names": (
        bounds.NAMES - NAMES_OF_IT,
        lambda n: WILD.format("".join(f"<x{i}/>" for i in range(n))),
    ),
    "characters of a name": (bounds.NAME_LENGTH, lambda n: WILD.format(f"<{'x' * n}/>")),
    "value of an attribute": (bounds.VALUE_LENGTH, lambda n: WILD.format(f'<x a="{"x" * n}"/>')),
    "tags": (bounds.MARKUP - EMPTY.count("<"), lambda n: WILD.format("<!---->" * n)),
    "references to characters": (bounds.REFERENCES, lambda n: WILD.format("&#65;" * n)),
    "equal signs": (bounds.EQUAL_SIGNS - EMPTY.count("="), lambda n: WILD.format("=" * n)),
    "lines": (bounds.LINES - EMPTY.count("\n"), lambda n: WILD.format("\n" * n)),
}


@pytest.mark.parametrize("bound", BOUNDS)
def test_as_much_as_may_be_and_one_more(small_register: Register, bound: str) -> None:
    """Also in the Header, whose blocks nobody reads."""
    most, make = BOUNDS[bound]
    app = make_producer(small_register)
    assert post(app, path("GetListing"), make(most).encode()).result == ("OK", None)
    said = check_refused(app, small_register, make(most + 1).encode(), "FK110")
    assert bound in said


def test_the_header_is_counted_too(small_register: Register) -> None:
    block = '<h xmlns="urn:h">' + "<x/>" * (bounds.CHILDREN + 1) + "</h></s:Header>"
    check_refused(
        make_producer(small_register), small_register, GOOD.replace(b"</s:Header>", block.encode()), "FK110"
    )


def test_a_region_of_500_facilities_and_a_library_that_declares_much(small_register: Register) -> None:
    facilities = "".join(f"<healthcareFacilities>SE1-{n}</healthcareFacilities>" for n in range(500))
    types = "".join(code("listingTypes", str(n), "1.2.3") for n in range(50))
    declared = " ".join(f'xmlns:ns{n}="urn:riv:library:{n}"' for n in range(40))
    body = envelope(request(FACILITIES, facilities, types)).replace(
        b"<s:Envelope", b"<s:Envelope " + declared.encode()
    )
    assert post(make_producer(small_register), path(FACILITIES), body).result == ("OK", None)


# What is kept of a message --------------------------------------------------------------------------------


def memory_kib() -> int:
    """Return what this process has in memory."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4


def made_up_names(number: int) -> bytes:
    """Return a message of names that are in no other."""
    return WILD.format("".join(f"<x{'y' * 220}{number}z{i}/>" for i in range(200))).encode()


def made_up_blanks(number: int) -> bytes:
    """Return a message of runs of blanks that are in no other."""
    runs = (f"{number * 500 + i:040b}".translate({48: " ", 49: "\t"}) for i in range(500))
    return WILD.format("".join(f"<x/>{run}" for run in runs)).encode()


def made_up_blanks_of_two_bytes(number: int) -> bytes:
    """Return the same in UTF-16, with other blanks."""
    text = made_up_blanks(number).decode().replace("\t", "\r\n")
    return ("\ufeff" + text).encode("utf-16-le")


@pytest.mark.parametrize("make", [made_up_names, made_up_blanks, made_up_blanks_of_two_bytes])
def test_names_that_a_caller_makes_up_do_not_fill_the_memory(small_register: Register, make: Any) -> None:
    """300 messages of names were 15 MB that were never given back."""
    app = make_producer(small_register)
    for number in range(40):
        post(app, path("GetListing"), make(number))
    before = memory_kib()
    for number in range(40, sized(quick=340, full=3_000)):
        assert post(app, path("GetListing"), make(number)).result == ("OK", None)
    assert memory_kib() - before < 6_000


def test_what_is_read_apart_is_answered_and_refused_alike(small_register: Register) -> None:
    app = make_producer(small_register)
    for number in range(40):
        post(app, path("GetListing"), made_up_names(number))
    answer = post(app, path("GetListing"), GOOD).body
    apart = made_up_names(41)
    assert post(app, path("GetListing"), apart).body == answer
    check_refused(app, small_register, apart.replace(b"14</r:", b"</r:"), "FK201")
    check_refused(app, small_register, apart.replace(SOAP.encode(), b"urn:x"), "FK104")
    spoilt = envelope(request("GetListing", actor(), person("personId", ANNA), "<y/>"))
    check_refused(
        app, small_register, spoilt.replace(b"<y/>", b"<y/>" + made_up_names(42)[-60_000:-60_000]), "ERROR"
    )
