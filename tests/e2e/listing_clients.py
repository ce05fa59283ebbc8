"""Callers that write about residents over HTTP, remember what was answered, and send again what was not."""

import http.client
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lxml import etree

from contracts.identifiers import HsaId
from register.model import Record
from tests.asking import result
from tests.integration.listing_model import FULL, INFO, OK
from tests.messages import create_listing, envelope, path, update_listing
from tests.records import COUNTY, OTHER_COUNTY, PROVIDER, doctor, unit, works_at
from tests.soap import check_exchange
from tests.wsgi import TEXT_XML

SEED = 20261101
CLIENTS = 6
EACH = 3
"""Residents that a client writes about."""
THIRD_COUNTY = "17"

ANSWER_SECONDS = 15.0
"""Longest wait for an answer: half of what the platform gives."""
PATIENCE_SECONDS = 60.0
"""Longest wait for a server that is being started again."""

CENTRE = unit("centre", offers_choice_of_personnel=True)
NORTH = unit("north")
TIGHT = unit("tight", max_listings=3)
AUTO = unit("auto", max_listings=3, offers_queue=True)
PACKED = unit("packed", max_listings=0, offers_queue=True)
BIG = unit("big", max_listings=20, offers_queue=True)
DORA = doctor("dora")
REGION: tuple[Record, ...] = (
    *(PROVIDER, CENTRE, NORTH, TIGHT, AUTO, PACKED, BIG, DORA),
    works_at(DORA, CENTRE),
)


def send(base: str, content: str) -> etree._Element:
    """Send a request; the answer is no Fault.

    Raises:
        OSError: There was no answer; or `http.client.HTTPException`.
    """
    contract = etree.fromstring(content).tag.partition("}")[2]
    body = envelope(content)
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=ANSWER_SECONDS)
    try:
        connection.request("POST", path(contract), body, {"Content-Type": TEXT_XML})
        answer = connection.getresponse()
        element = check_exchange(body, answer.read())[1]
        assert answer.status == 200, etree.tostring(element)
        return element
    finally:
        connection.close()


@dataclass
class Wanted:
    """What a resident has been answered to have, and what it took.

    Attributes:
        place: Where the resident is listed; for a resident of another county, where the home region is asked.
        noted: The county where the resident is listed instead.
        changes: Re-listings used.
        questions: Times the home region has been asked.
        told: Times the other county has been told that the resident came home.
    """

    home: str
    place: HsaId | None = None
    doctor: bool = False
    noted: bool = False
    queues: set[HsaId] = field(default_factory=set)
    changes: int = 0
    questions: int = 0
    told: int = 0

    def listed(self, at: HsaId, *, with_doctor: bool = False) -> None:
        if self.home != COUNTY:
            self.questions += 1
        elif self.place != at:
            self.changes += self.place is not None or self.noted
            self.told += self.noted
            self.noted = self.doctor = False
        self.place = at
        self.doctor = self.doctor or with_doctor

    def left(self) -> None:
        if not self.noted:
            self.changes += self.place is not None
        self.place, self.doctor, self.noted = None, False, True


class Client:
    """A caller that writes about its own residents and sends again what got no answer.

    Attributes:
        wanted: What each resident has by the answers.
        last: Where each resident of the crowd last asked for a place or a place in the queue.
        lost: How many requests were sent and got no answer.
        written: How many were answered.
    """

    def __init__(self, number: int, base: Callable[[], str], own: list[str], crowd: list[str]) -> None:
        self._random = random.Random(SEED + number)  # noqa: S311 - no secret
        self._base = base
        self.wanted = {one: Wanted(COUNTY if at % EACH else OTHER_COUNTY) for at, one in enumerate(own)}
        self.crowd = crowd
        self.last: dict[str, HsaId] = {}
        self._asked: dict[str, HsaId] = {}
        self.lost = 0
        self.written = 0

    def write(self) -> None:
        """Write once, about anybody."""
        if self._random.random() < 0.4:
            who = self._random.choice(self.crowd)
            at = self._random.choice([AUTO, AUTO, NORTH]).hsa_id
            assert self._ask(create_listing(who, at, add_to_queue=True)) in (OK, INFO)
            self.last[who] = at
        else:
            who = self._random.choice(list(self.wanted))
            self._write_about(who, self.wanted[who])
        self.written += 1

    def _write_about(self, who: str, one: Wanted) -> None:
        home, new = (None, None) if one.home == COUNTY else (one.home, COUNTY)
        choice = self._random.choice(["centre", "doctor", "north", "tight", "queue", "away"])
        if choice == "queue":
            joins = PACKED.hsa_id not in one.queues
            wish = create_listing(who, PACKED.hsa_id, add_to_queue=joins, home=home, new=new)
            assert self._ask(wish) == OK
            one.queues = {PACKED.hsa_id} if joins else set()
        elif choice == "away" and one.home == COUNTY:
            assert self._ask(update_listing(who, THIRD_COUNTY, COUNTY)) == OK
            one.left()
        elif one.home == COUNTY:
            at = {"north": NORTH, "tight": TIGHT}.get(choice, CENTRE).hsa_id
            who_there = DORA.hsa_id if choice == "doctor" else None
            code = self._ask(create_listing(who, at, doctor=who_there))
            assert code in (OK, INFO, FULL)
            assert code != FULL or at == TIGHT.hsa_id
            if code != FULL:
                one.listed(at, with_doctor=choice == "doctor")
        else:
            at = {"north": NORTH}.get(choice, CENTRE).hsa_id
            asked = self._asked
            assert self._ask(create_listing(who, at, home=home, new=new)) == OK
            if asked.get(who) != at:  # else it is the same request
                one.listed(at)
            asked[who] = at
            return
        self._asked.pop(who, None)

    def _ask(self, content: str) -> str | None:
        """Send a request until it is answered."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return result(send(self._base(), content))[0]
            except ConnectionRefusedError:
                time.sleep(0.01)
            except (OSError, http.client.HTTPException):
                self.lost += 1
            assert time.monotonic() < give_up, "no answer"
