"""docs/demo-data.md against the running service: what each row promises is what a caller gets."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from consumer.client import Client
from consumer.results import Answer, FaultAnswer
from consumer.settings import CallSettings
from contracts import oids
from contracts.codes import PV, ActorType
from contracts.messages import (
    CV,
    II,
    Actor,
    GetAvailableHealthcareFacilities,
    GetAvailableHealthcarePersonnel,
    GetCareManagers,
    GetListing,
    GetListingCounty,
    GetListingTypes,
    PingForConfiguration,
    Request,
)
from tests.e2e.processes import Server
from tests.messages import person_root
from tests.soap import check_exchange

HOME = "SE2321000131-FASTKONTAKT"
DEMO_PAGE = Path(__file__).parents[2] / "docs" / "demo-data.md"


def person(number: str) -> II:
    return II(person_root(number), number)


def listing(number: str, actor_type: ActorType = ActorType.CITIZEN, actor: str | None = None) -> GetListing:
    root = person_root(actor or number) if actor_type.is_person else oids.HSA_ID
    return GetListing(Actor(II(root, actor or number), actor_type), person(number))


def county(number: str) -> GetListingCounty:
    return GetListingCounty(listing(number).actor, person(number))


def types(number: str | None = None, home: str | None = None) -> GetListingTypes:
    return GetListingTypes(person(number) if number else None, II(oids.COUNTY, home) if home else None)


def doctors(unit: str, number: str) -> GetAvailableHealthcarePersonnel:
    return GetAvailableHealthcarePersonnel(person(number), unit)


def contacts(number: str, *kinds: str) -> GetCareManagers:
    return GetCareManagers(
        person(number), care_manager_type=tuple(CV(kind, oids.FIXED_CONTACT_TYPE) for kind in kinds)
    )


@dataclass(frozen=True)
class Promise:
    """What the answer to a call holds and lacks, as text of the response; ``items`` counts its entries."""

    call: Request
    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    items: int | None = None
    at: str = "14"


PROMISES = [
    # Listings
    Promise(
        listing("195709263080"),
        ("Vårdcentralen Ängsblomman", "Åsa Öberg", "<ext:remainingChanges>3<", PV.display),
        items=1,
    ),
    Promise(county("195709263080"), ("<core:extension>14<",), items=1),
    Promise(listing("196101182803"), ("Smörblomman",), ("healthcarePersonnel>",), 1),
    Promise(listing("200302022389"), ("Förgätmigej", "validToDate>", "Anna Maria Lööf"), (), 1),
    Promise(listing("189002029800"), ("Ängsblomman", "validToDate>"), (), 1),
    Promise(listing("201702022383"), ("BHV", "Barnhälsovård", "Åsa Öberg"), (), 2),
    Promise(listing("201702022383", ActorType.GUARDIAN, "199406062381"), ("BHV",), (), 2),
    Promise(listing("199406062381"), ("Göran Sjöström",), (), 1),
    Promise(listing("196812732391"), ("Ängsblomman", "Åsa Öberg"), (), 1),
    Promise(listing("196109732393"), ("Förgätmigej",), (), 1),
    Promise(
        listing("191001239803", ActorType.PRIVATE_CAREGIVER, "SE2321000131-DEMOVG2"), ("Blåklockan",), (), 1
    ),
    Promise(listing("195709263080", ActorType.PRIVATE_CAREGIVER, "SE2321000131-DEMOVG2"), items=0),
    Promise(listing("200208012393"), items=0),
    Promise(listing("189310229803"), items=0),
    # Queues and re-listings
    Promise(listing("197010632391"), ("isInQueue>true", "queuePosition>1<", "InQueue>45<"), (), 1),
    Promise(
        listing("199002222397"), ("Ängsblomman", "Smörblomman", "queuePosition>2<", "InQueue>60<"), (), 2
    ),
    Promise(listing("191001309812"), ("queuePosition>3<", "InQueue>75<"), (), 1),
    Promise(county("191001309812"), items=0),
    Promise(listing("191001299807"), ("isInQueue>false",), ("isInQueue>true",), 1),
    Promise(listing("198703122385"), ("remainingChanges>1<",), (), 1),
    Promise(listing("196709192642"), ("remainingChanges>0<",), (), 1),
    # Across counties
    Promise(county("195009072553"), ("<core:extension>17<",), items=1),
    Promise(listing("195009072553"), items=0),
    Promise(listing("195009072553"), ("Näckrosen", "Håkan Näsström"), ("remainingChanges",), 1, at="17"),
    Promise(county("195009072553"), items=0, at="17"),
    Promise(county("195706012274"), ("<core:extension>13<",), items=1),
    Promise(county("196711222940"), ("<core:extension>14<", "<core:extension>17<"), items=2),
    Promise(listing("196711222940"), ("FYS",), ("healthcarePersonnel>",), 1),
    Promise(listing("196711222940"), ("Vänerstrand",), (), 1, at="17"),
    Promise(listing("198901192396"), ("remainingChanges>3<",), (), 1, at="17"),
    Promise(types(), ("PV</", "BHV</", "FYS</"), items=3),
    Promise(types("195709263080", "14"), ("PV</", "BHV</", "FYS</"), items=3),
    Promise(types("198901192396", "17"), ("PV</", "FYS</"), ("BHV",), 2),
    Promise(types("189310229803", "13"), ("PV</",), ("FYS", "BHV"), 1),
    # Facilities and doctors
    Promise(
        GetAvailableHealthcareFacilities(),
        ("hasQueue>true", "queueLength>3<", "InQueue>90<", "SE2321000131-DEMOVC04", "Förgätmigej"),
        ("Vinterviken", "Vårsolen", "Näckrosen"),
        4,
    ),
    Promise(
        GetAvailableHealthcareFacilities(("se2321000131-demovc03",)),
        ("SE2321000131-DEMOVC03", "hasQueue>false"),
        ("queueLength",),
        1,
    ),
    Promise(GetAvailableHealthcareFacilities((), (CV(PV.code, PV.system),)), ("Smörblomman",), (), 4),
    Promise(doctors("SE2321000131-DEMOVC01", "195709263080"), ("Åsa Öberg",), ("Sjöström", "Älvsund"), 1),
    Promise(doctors("SE2321000131-DEMOVC02", "195709263080"), items=0),
    Promise(doctors("SE2321000156-DEMOVC02", "198901192396"), ("Ülkü Demirsjö",), (), 1, at="17"),
    Promise(doctors("SE2321000156-DEMOVC02", "195709263080"), items=0, at="17"),
    # Fixed contacts
    Promise(
        contacts("195709263080"),
        (
            "Åsa Öberg",
            "Team Väst",
            "core:value>+46701740605<",
            "Bengt-Åke Ljungström",
            "careProvidingCareUnit>",
            "internalNotes>",
            "externalNotes>",
            "Monday",
        ),
        ("Fatima", "core:value>+46313900602<"),
        2,
        at=HOME,
    ),
    Promise(
        contacts("194003189083"),
        (
            "Hjärtsviktsteamet",
            "Fatima Håkanson",
            "Jörgen Mårtensson",
            "Kerstin Ågren",
            "originalText>",
            "Malin Östlund",
            "Team Måsen",
            "core:end>120000<",
            "core:start>130000<",
        ),
        ("core:value>+46701740605<",),
        5,
        at=HOME,
    ),
    Promise(
        contacts("194003189083", "3"),
        ("Malin Östlund",),
        ("Åsa Öberg",),
        1,
        at=HOME,
    ),
    Promise(
        contacts("200302022389"), ("Anna Maria Lööf", "core:end>", "June", "August"), ("July",), 1, at=HOME
    ),
    Promise(contacts("00749852BZK0"), ("Fatima Håkanson", "196109132396"), ("BZK0",), 1, at=HOME),
    Promise(contacts("22950606FH20"), items=0, at=HOME),
    Promise(contacts("191001279809"), items=0, at=HOME),
    Promise(contacts("198701022389"), items=0, at=HOME),
    Promise(contacts("199701052392"), items=0, at=HOME),
    Promise(listing("199701052392"), ("Ängsblomman",), ("healthcarePersonnel>", "Älvsund"), 1),
    Promise(PingForConfiguration("urn:x", "x"), ("version>", "fastkontakt"), at="SE165565594230-1000"),
]
LISTS = (
    "listings",
    "listingCounties",
    "listingTypes",
    "healthcareFacilities",
    "healthcarePersonnel",
    "careManager",
)
HIDDEN = ("200001252386", "189602029812", "191001289816")


@pytest.fixture(scope="module")
def client(demo: Server) -> Iterator[Client]:
    with Client(CallSettings(endpoint=demo.base)) as client:
        yield client


def ids(promise: Promise) -> str:
    """Name a test by contract and number of the row: no person number in a test's name."""
    return f"{type(promise.call).__name__}-{PROMISES.index(promise)}"


@pytest.mark.parametrize("promise", PROMISES, ids=ids)
def test_the_answer_shows_what_the_page_promises(client: Client, promise: Promise) -> None:
    answer = client.call(promise.call, promise.at)

    assert isinstance(answer, Answer), answer
    check_exchange(answer.exchange.request, answer.exchange.response)
    assert answer.ok
    text = answer.exchange.response.decode()
    for part in promise.holds:
        assert part in text
    for part in promise.lacks:
        assert part not in text
    if promise.items is not None:
        assert sum(len(answer.body.get(name) or ()) for name in LISTS) == promise.items


@pytest.mark.parametrize("hidden", range(len(HIDDEN)))
@pytest.mark.parametrize("ask", [listing, county, contacts], ids=lambda one: one.__name__)
@pytest.mark.parametrize("at", ["14", "17"])
def test_hidden_people_get_the_answer_of_somebody_unknown(
    client: Client, hidden: int, ask: object, at: str
) -> None:
    address = HOME if ask is contacts else at
    answers = [client.call(ask(number), address) for number in (HIDDEN[hidden], "189310229803")]  # type: ignore[operator]

    assert all(isinstance(answer, Answer) for answer in answers)
    assert answers[0].exchange.response == answers[1].exchange.response


CALLS: list[tuple[Request, str]] = [
    (listing("195709263080"), "14"),
    (county("195709263080"), "14"),
    (types(), "14"),
    (GetAvailableHealthcareFacilities(), "14"),
    (doctors("SE2321000131-DEMOVC01", "195709263080"), "14"),
    (contacts("195709263080"), HOME),
    (PingForConfiguration("urn:x", "x"), HOME),
]


@pytest.mark.parametrize(("call", "at"), CALLS, ids=[type(call).__name__ for call, _ in CALLS])
def test_testers_can_see_a_fault_from_every_contract(client: Client, call: Request, at: str) -> None:
    answer = client.call(call, at, headers={"x-mock-response": "SoapFault"})

    assert isinstance(answer, FaultAnswer)
    check_exchange(answer.exchange.request, answer.exchange.response)
    assert (answer.exchange.status, answer.faultcode) == (500, "Server")
    assert answer.log_id


@pytest.mark.parametrize("call", [listing, county, contacts], ids=lambda one: one.__name__)
def test_the_reserved_person_provokes_a_technical_error(client: Client, call: object) -> None:
    answer = client.call(call("195206172339"), HOME if call is contacts else "14")  # type: ignore[operator]

    assert isinstance(answer, FaultAnswer)
    assert answer.faultstring.startswith("FK599")


@pytest.mark.parametrize("number", ["191212129999", "197805232391", "190101010101"], ids=["a", "b", "c"])
def test_wrong_check_digits_are_refused(client: Client, number: str) -> None:
    assert number in DEMO_PAGE.read_text("utf-8")
    refused = client.call(listing(number), "14")
    assert isinstance(refused, Answer)
    assert refused.result_code == "ERROR"
    assert isinstance(client.call(contacts(number), HOME), FaultAnswer)
