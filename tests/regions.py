"""Three regions that run: each a producer, a sender and a register, with the platform between them.

Region 14 is the home region of most flows, 17 the one a resident chooses and 01 the third. They are served
over HTTP on loopback, and what they and 1177 send goes through the platform, which checks it. One clock
stands still for all of them until a test sets it forward, and nothing is sent before a test says so, but for
what a CreateListing waits for.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from socketserver import ThreadingMixIn
from threading import Event, Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import requests
from lxml import etree
from structlog.testing import capture_logs

from consumer.outgoing.messages import MessageSender
from consumer.settings import CallSettings, OutboxSettings
from contracts.catalogue import by_element, by_name
from contracts.clock import a_year_before, swedish, utc
from contracts.codes import PV
from listings.current import relistings_since
from producer.service import Service
from producer.settings import ProducerSettings
from producer.wsgi import Environ, Producer, StartResponse
from register import outgoing
from register.database import Register
from register.model import ListingType, Record, Resident, Unit, UnitListingType
from register.outgoing import Task, TaskKind
from tests.asking import ask_ok, get_listing, get_listing_county, result, values
from tests.databases import keep
from tests.messages import create_listing, envelope, update_listing
from tests.platform import CORRELATION_ID, WAIT_SECONDS, Platform
from tests.producers import SOURCE_SYSTEM
from tests.records import (
    ANNA,
    BO,
    CLARA,
    DAN,
    EVA,
    FINN,
    NOW,
    OTHER_ID,
    PROVIDER,
    REGION_TYPE,
    doctor,
    listing,
    note,
    unit,
    works_at,
)
from tests.soap import check_exchange, check_request
from tests.wsgi import TEXT_XML

A, B, C = "14", "17", "01"

HOME = {ANNA: A, BO: A, CLARA: A, OTHER_ID: A, DAN: B, EVA: B, FINN: C}
"""Home counties of the residents. Only the home region's register knows them, and nobody's knows OTHER_ID."""

AGREED_TYPE = ("HEM", "1.2.752.113.11.0.2.1.3")
"""Code and code system of a listing type that the three regions have agreed on."""

A_CENTRE = unit("a-centre", county=A, offers_choice_of_personnel=True)
A_NORTH = unit("a-north", county=A)
B_CENTRE = unit("b-centre", county=B, offers_choice_of_personnel=True)
B_SMALL = unit("b-small", county=B, max_listings=1, offers_queue=True)
C_CENTRE = unit("c-centre", county=C)
UNITS = (A_CENTRE, A_NORTH, B_CENTRE, B_SMALL, C_CENTRE)

A_DOCTOR, B_DOCTOR = doctor("adam"), doctor("beda")
_EMPLOYED = {A: (A_DOCTOR, works_at(A_DOCTOR, A_CENTRE)), B: (B_DOCTOR, works_at(B_DOCTOR, B_CENTRE)), C: ()}

_PV = (PV.code, PV.system)
_UPDATE_LISTING = by_name("UpdateListing")

Result = tuple[str | None, str | None]
"""ResultCode and resultText."""


class Clock:
    """The time in all regions."""

    def __init__(self) -> None:
        self._now = utc(NOW)

    def utc(self) -> datetime:
        return self._now

    def swedish(self) -> datetime:
        return swedish(self._now)

    def advance(self, **by: int) -> None:
        self._now += timedelta(**by)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = False  # so that closing waits for them


class _Handler(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


class Region:
    """A region: its register, and the process that serves and sends.

    Attributes:
        producer: The process's WSGI application.
        sender: The process's sender.
    """

    producer: Producer
    sender: MessageSender

    def __init__(self, county: str, register: Register, clock: Clock, platform: Platform) -> None:
        self.county = county
        self.register = register
        self.clock = clock
        self._platform = platform
        self._free = Event()
        self._free.set()
        self._reached = Event()

    def start(
        self, variant: str, *, limit: int = 3, wait_seconds: float = WAIT_SECONDS, delivers: bool = True
    ) -> None:
        """Start a process in place of the one there was; what that one was about to do is not done.

        Args:
            variant: The setting ``home_region``.
            limit: The setting ``max_changes_per_year``.
            wait_seconds: How long a CreateListing waits for the home region.
            delivers: False for a process that dies before it has sent what a CreateListing waits for.
        """
        region = {"home_region": variant, "max_changes_per_year": limit}
        settings = ProducerSettings.model_validate(
            {"regions": {self.county: region}, "care_managers": {"source_system_id": SOURCE_SYSTEM}}
        )
        self.sender = MessageSender(
            self.register,
            CallSettings(endpoint=self._platform.base, read_timeout_seconds=WAIT_SECONDS),
            OutboxSettings(calls_per_second=1000, wait_seconds=wait_seconds),
            {self.county: limit},
            utc_now=self.clock.utc,
            jitter=lambda: 0,
        )
        deliver = self.sender.deliver if delivers else lambda _: None
        self.producer = Producer(Service(settings, self.register, now=self.clock.swedish, deliver=deliver))

    def __call__(self, environ: Environ, start_response: StartResponse) -> Any:
        """Answer a request."""
        if environ["PATH_INFO"] == _UPDATE_LISTING.path:
            self._reached.set()
            assert self._free.wait(WAIT_SECONDS)
        return self.producer(environ, start_response)

    @contextmanager
    def slow(self) -> Iterator[Event]:
        """Take up no UpdateListing while the block runs; gives an event that one has come."""
        self._reached.clear()
        self._free.clear()
        try:
            yield self._reached
        finally:
            self._free.set()

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve on a port while the block runs; gives the base address."""
        server = make_server("127.0.0.1", 0, self, server_class=_Server, handler_class=_Handler)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def listed(self, person_id: str) -> list[str]:
        """Return where GetListing says the resident is listed, whatever the type."""
        return self._shown(person_id, in_queue="false")

    def queuing(self, person_id: str) -> list[str]:
        """Return where GetListing says the resident queues, each with the position: ``<HSA-id> 1``."""
        return self._shown(person_id, in_queue="true")

    def remaining(self, person_id: str) -> list[str]:
        """Return the remainingChanges of GetListing, one for each entry about PV."""
        return values(get_listing(self.producer, person_id, county=self.county), "listings/remainingChanges")

    def counties(self, person_id: str) -> list[str]:
        """Return what GetListingCounty answers."""
        return get_listing_county(self.producer, person_id, county=self.county)

    def has_queue(self, facility: Unit) -> bool:
        """Return hasQueue of a facility, which says that it is full and may be queued at."""
        answer = ask_ok(
            self.producer,
            "GetAvailableHealthcareFacilities",
            f"<healthcareFacilities>{facility.hsa_id}</healthcareFacilities>",
            address=self.county,
        )
        return values(answer, "healthcareFacilities/hasQueue") == ["true"]

    def changes(self, person_id: str) -> int:
        """Return how many re-listings to PV have been counted within a year."""
        now = self.clock.swedish()
        with self.register.reading() as connection:
            return relistings_since(connection, person_id, _PV, a_year_before(now), now)

    def open_messages(self) -> list[Task]:
        """Return the messages that have not come to their end."""
        with self.register.reading() as connection:
            return outgoing.listed(connection, TaskKind.MESSAGE)

    def _shown(self, person_id: str, *, in_queue: str) -> list[str]:
        found = []
        for entry in get_listing(self.producer, person_id, county=self.county).iterfind("{*}listings"):
            if entry.findtext("{*}isInQueue") == in_queue:
                words = values(entry, "healthcareFacility/id") + values(entry, "queuePosition")
                found.append(" ".join(words))
        return sorted(found)


class Regions:
    """The three regions and the platform between them.

    Attributes:
        variant: The setting ``home_region`` of all three: first or later.
        events: What they have logged.
    """

    def __init__(
        self,
        registers: Mapping[str, Register],
        variant: str,
        platform: Platform,
        events: list[MutableMapping[str, Any]],
    ) -> None:
        self.variant = variant
        self.events = events
        self.platform = platform
        self.clock = Clock()
        self.by_county = {
            county: Region(county, register, self.clock, platform) for county, register in registers.items()
        }
        self.a, self.b, self.c = (self.by_county[county] for county in (A, B, C))
        for region in self.by_county.values():
            region.start(variant)
            keep(region.register, *_records(region.county))

    def listed(self, person_id: str) -> list[str]:
        """Return where GetListing of any region says the resident is listed."""
        return [facility for region in self.by_county.values() for facility in region.listed(person_id)]

    def list_at_start(
        self, person_id: str, facility: Unit, kind: tuple[str, str] = _PV, **values: Any
    ) -> None:
        """Have a resident listed at a facility since long, and the home region know it."""
        home, code, system = HOME[person_id], *kind
        key = f"start-{person_id}-{code}"
        here = self.by_county[facility.county].register
        keep(
            here,
            Resident(person_id, home),
            listing(key, person_id, facility, code=code, code_system=system, **values),
        )
        if facility.county != home:
            found = note(key, person_id, facility.county, code=code, code_system=system)
            keep(self.by_county[home].register, found)

    def send(self, content: str, county: str, *, correlation_id: str | None = None) -> Result:
        """Send a request of an updating contract to a region, through the platform."""
        return result(ask_through(self.platform, content, county, correlation_id=correlation_id))

    def choose(self, person_id: str, facility: Unit, **wish: Any) -> Result:
        """Have a resident choose a facility in 1177: a CreateListing with the home county."""
        content = create_listing(
            person_id, facility.hsa_id, home=HOME[person_id], new=facility.county, **wish
        )
        return self.send(content, facility.county)

    def tell(self, county: str, person_id: str, new: str, **options: Any) -> Result:
        """Tell a region by UpdateListing that a resident is listed in ``new``."""
        return self.send(update_listing(person_id, new, HOME[person_id]), county, **options)

    @contextmanager
    def unanswered(self, person_id: str, facility: Unit, **wish: Any) -> Iterator[Future[Result]]:
        """Have a resident choose a facility, with the home region not having answered while the block runs.

        The message to it has been sent, and it takes it up when the block has ended. Gives the answer to the
        resident, which is there by then in either variant.
        """
        with ThreadPoolExecutor(1) as pool, self.by_county[HOME[person_id]].slow() as reached:
            answer = pool.submit(self.choose, person_id, facility, **wish)
            if self.variant == "later":
                answer.result()
                pool.submit(self.by_county[facility.county].sender.run_once)
            assert reached.wait(WAIT_SECONDS)
            yield answer

    def deliver_all(self) -> None:
        """Have all send what is due, until nothing is."""
        for _ in range(10):
            if not sum(region.sender.run_once() for region in self.by_county.values()):
                return
        raise AssertionError("the regions go on sending")

    def updates(self) -> list[tuple[str, str, str]]:
        """Return the UpdateListings that have come to the platform: LogicalAddress, new and home county."""
        found = []
        for passed in self.platform.calls(contract="UpdateListing"):
            content = check_request(passed.request)
            (new,), (home,) = (
                values(content, f"{one}/extension") for one in ("newListingCounty", "homeCounty")
            )
            found.append((passed.address, new, home))
        return found


def ask_through(
    platform: Platform, content: str, county: str, *, correlation_id: str | None = None
) -> etree._Element:
    """Send a request to a region through the platform, as 1177 does, and return the response element."""
    body = envelope(content, county)
    contract = by_element(etree.fromstring(content).tag)
    assert contract is not None
    headers = {"Content-Type": TEXT_XML, "SOAPAction": f'"{contract.soap_action}"'}
    if correlation_id is not None:
        headers[CORRELATION_ID] = correlation_id
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(platform.base, body, headers=headers, timeout=2 * WAIT_SECONDS)
    return check_exchange(body, answer.content)[1]


def _records(county: str) -> list[Record]:
    """Return what is in a region's register from the start: facilities, types, doctor and own residents."""
    region_types = [ListingType(county, *AGREED_TYPE, "Hemsjukvård", agreed_counties=(A, B, C))]
    if county == A:
        region_types.append(ListingType(county, *REGION_TYPE, "Barnavårdscentral"))
    units = [one for one in UNITS if one.county == county]
    offered = [UnitListingType(one.hsa_id, *_PV) for one in units]
    offered += [
        UnitListingType(one.hsa_id, kind.code, kind.code_system) for one in units for kind in region_types
    ]
    own = [
        Resident(person_id, home)
        for person_id, home in HOME.items()
        if home == county and person_id != OTHER_ID
    ]
    return [PROVIDER, *units, *region_types, *offered, *_EMPLOYED[county], *own]


@contextmanager
def three_regions(registers: Mapping[str, Register], variant: str) -> Iterator[Regions]:
    """Run the three regions while the block runs; `tests.settled` checks what must hold then."""
    with ExitStack() as stack:
        events = stack.enter_context(capture_logs())
        platform = stack.enter_context(Platform())
        regions = Regions(registers, variant, platform, events)
        for county, region in regions.by_county.items():
            platform.routes[county] = stack.enter_context(region.serving())
        yield regions
