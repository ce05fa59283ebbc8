"""A region whose listing system is another (docs/modes.md): what that is asked, and what is kept.

The listing system answers over HTTP. The region's own rules decide nothing but who may ask.
"""

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs
from typer.testing import CliRunner

from consumer.forwarding import Forwarder
from consumer.settings import CallSettings
from contracts.catalogue import Contract
from contracts.codes import PV
from contracts.schemas import built_in
from contracts.texts import sentence
from fastkontakt.cli import app as commands
from mapping.loads.batches import RecordCounts
from producer.operations import forwarding
from producer.service import Service
from producer.settings import ProducerSettings
from producer.wsgi import Producer
from register import outgoing
from register.database import Register
from register.model import Resident, UnitListingType
from register.outgoing import TaskKind
from register.tables import change_feed, changed_record, listing, listing_change, out_of_county_listing
from tests.asking import care_managers, get_listing, get_listing_county, values
from tests.databases import audit_rows, keep
from tests.integration.shipped import load_demo
from tests.integration.test_two_hands import DAY, ONE, TWO, WHO, Night
from tests.listing_system import ListingSystem, Written, done
from tests.messages import create_listing, envelope, path, update_listing
from tests.producers import DOCTOR, SMALL_REGION, SOURCE_SYSTEM, make_producer
from tests.records import (
    ANNA,
    BO,
    CLARA,
    COUNTY,
    DAN,
    EVA,
    FINN,
    NOW,
    OTHER_COUNTY,
    OTHER_ID,
    TODAY,
    hsa,
    note,
    place,
    unit,
)
from tests.soap import check_exchange, check_request, fault, response
from tests.wsgi import Response, post

NEW = unit("new", offers_choice_of_personnel=True)
FULL = unit("full", max_listings=0, offers_queue=True)
CENTRE = hsa("centre")
THIRD = "17"

_PATIENCE = 15.0
"""Seconds that are more than what ought to take one, and less than what a slow listing system takes."""


@dataclass
class Region:
    """The region, and its listing system."""

    register: Register
    system: ListingSystem
    now: datetime = NOW
    seconds: float = 20
    home_region: str = "first"
    logical_address: str | None = None

    @property
    def app(self) -> Producer:
        system = {"endpoint": self.system.base, "answer_seconds": self.seconds}
        if self.logical_address:
            system["logical_address"] = self.logical_address
        own = {"mode": "forward", "listing_system": system, "home_region": self.home_region}
        settings = ProducerSettings.model_validate(
            {
                "regions": {COUNTY: own, OTHER_COUNTY: {}},
                "care_managers": {"source_system_id": SOURCE_SYSTEM},
            }
        )
        forwarder = Forwarder(CallSettings(), settings.regions, built_in())
        return Producer(Service(settings, self.register, now=lambda: self.now, forward=forwarder.forward))

    def create(
        self, person_id: str = ANNA, facility: Any = NEW.hsa_id, *, headers: Any = None, **wish: Any
    ) -> Response:
        return self.send("CreateListing", create_listing(person_id, facility, **wish), headers)

    def update(self, person_id: str, new: str, home: str, *, headers: Any = None, **more: Any) -> Response:
        return self.send("UpdateListing", update_listing(person_id, new, home, **more), headers)

    def send(self, contract: str, content: str, headers: Any = None) -> Response:
        asked = envelope(content, COUNTY)
        answer = post(self.app, path(contract), asked, headers=headers)
        check_exchange(asked, answer.body)
        return answer

    def listed(self, person_id: str = ANNA, *, queuing: bool = False) -> list[str]:
        found = get_listing(self.app, person_id)
        return [
            values(one, "healthcareFacility/id")[0]
            for one in found.iterfind("{*}listings")
            if values(one, "isInQueue") == [str(queuing).lower()]
        ]

    def written(self) -> list[int]:
        """Return how many rows the tables have that a change writes to."""
        tables = (listing, listing_change, changed_record, change_feed, out_of_county_listing)
        with self.register.reading() as connection:
            return [connection.scalar(select(func.count()).select_from(one)) or 0 for one in tables]

    def told(self) -> int:
        with self.register.reading() as connection:
            return len(outgoing.listed(connection, TaskKind.MESSAGE))


@pytest.fixture
def region(register: Register) -> Iterator[Region]:
    pv = [UnitListingType(one.hsa_id, PV.code, PV.system) for one in (NEW, FULL)]
    keep(register, *SMALL_REGION, NEW, FULL, *pv, Resident(BO, COUNTY), Resident(DAN, OTHER_COUNTY))
    with ListingSystem().serving() as system:
        yield Region(register, system)


def answers(code: str, said: str | None = None) -> Any:
    return lambda contract: done(contract, code, said)


# What the listing system answers OK


def test_what_it_answers_ok_is_kept(region: Region) -> None:
    assert region.create(doctor=DOCTOR.hsa_id).result == ("OK", None)
    assert region.listed() == [str(NEW.hsa_id)]
    assert len(care_managers(region.app)) == 1
    assert len(region.system.asked) == 1
    assert region.told() == 0
    (row,) = [
        one
        for one in audit_rows(region.register)
        if (one["contract"], one["outcome"]) == ("CreateListing", "OK")
    ]
    assert (row["person_id"], row["outcome"]) == (ANNA, "OK")


def test_it_gets_the_request_as_it_came(region: Region) -> None:
    region.logical_address = "SE2321000131-LISTA"
    headers = {
        "x-rivta-original-serviceconsumer-hsaid": "SE2321000131-1177",
        "x-rivta-acting-on-behalf-of-hsaid": "SE2321000131-OMBUD",
        "x-skltp-correlation-id": "corr-1",
    }
    asked = create_listing(
        ANNA, NEW.hsa_id, doctor=DOCTOR.hsa_id, add_to_queue=False, home=COUNTY, new=COUNTY
    )
    region.send("CreateListing", asked, headers)
    assert region.system.addresses == ["SE2321000131-LISTA"]
    assert headers.items() <= region.system.headers[0].items()
    sent, came = (
        [(one.tag, one.text) for one in check_request(body).iter() if not len(one)]
        for body in (region.system.asked[0], envelope(asked))
    )
    assert sent == came


def test_left_out_its_address_is_the_county(region: Region) -> None:
    region.create()
    assert region.system.addresses == [COUNTY]


def test_its_info_is_kept_and_its_text_reaches_the_resident(region: Region) -> None:
    region.system.answer = answers("INFO", "Läkaren går inte att välja.")
    assert region.create(doctor=DOCTOR.hsa_id).result == ("INFO", "Läkaren går inte att välja.")
    assert region.listed() == [str(NEW.hsa_id)]
    assert care_managers(region.app) == []  # the text may say that the doctor is not hers


def test_the_rules_of_this_register_refuse_nothing(region: Region) -> None:
    assert region.create(facility=FULL.hsa_id).result == ("OK", None)
    assert region.listed() == [str(FULL.hsa_id)]


def test_at_a_full_facility_with_a_queue_it_is_a_queue_place_and_is_left_again(region: Region) -> None:
    assert region.create(facility=FULL.hsa_id, add_to_queue=True).result == ("OK", None)
    assert (region.listed(), region.listed(queuing=True)) == ([str(CENTRE)], [str(FULL.hsa_id)])
    for _ in range(2):  # the listing system knows the same request again, and so must we
        assert region.create(facility=FULL.hsa_id).result == ("OK", None)
        assert (region.listed(), region.listed(queuing=True)) == ([str(CENTRE)], [])


def test_a_resident_nobody_knew_is_added(region: Region) -> None:
    assert region.create(OTHER_ID).result == ("OK", None)
    assert region.listed(OTHER_ID) == [str(NEW.hsa_id)]


def test_at_ones_own_facility_only_the_doctor_changes(region: Region) -> None:
    other = region.written()[0]
    assert region.create(facility=CENTRE, doctor=DOCTOR.hsa_id).result == ("OK", None)
    assert region.written()[0] == other
    assert len(care_managers(region.app)) == 1


@pytest.mark.parametrize("home_region", ["first", "later"])
@pytest.mark.parametrize("code", ["OK", "INFO"])
def test_a_resident_of_another_county_is_listed_when_the_answer_says_that_the_home_region_agrees(
    region: Region, home_region: str, code: str
) -> None:
    region.home_region = home_region
    region.system.answer = answers(code, None if code == "OK" else "Vi frågar hemregionen.")
    with capture_logs() as events:
        assert region.create(DAN, home=OTHER_COUNTY, new=COUNTY).result[0] == code
    kept = (home_region, code) == ("first", "OK")
    assert region.listed(DAN) == ([str(NEW.hsa_id)] if kept else [])
    assert [one["event"] for one in events if one["event"].startswith("forward")] == (
        [] if kept else ["forwarded_waits"]
    )
    assert region.told() == 0  # the listing system tells the home region


def test_the_change_goes_out_on_the_feed_and_is_adopted_as_a_calls(region: Region) -> None:
    region.create()
    with region.register.reading() as connection:
        begun = connection.execute(select(change_feed).where(change_feed.c.unit_key == NEW.hsa_id)).all()
        known = connection.scalars(select(changed_record.c.hand)).all()
    assert [one.person_id for one in begun] == [ANNA]
    assert set(known) == {"call"}


def test_a_place_that_frees_up_is_the_listing_systems_to_give(region: Region) -> None:
    small = unit("small", max_listings=1, offers_queue=True)
    keep(region.register, small, place("Q1", BO, small))
    region.create()
    region.create(facility=small.hsa_id)
    region.create(facility=CENTRE)
    assert region.listed(BO) == []
    assert region.listed(BO, queuing=True) == [str(small.hsa_id)]


# UpdateListing


def test_a_resident_of_ours_who_is_listed_elsewhere_is_noted(region: Region) -> None:
    assert region.update(ANNA, THIRD, COUNTY).result == ("OK", None)
    assert region.listed() == []
    assert get_listing_county(region.app) == [THIRD]
    assert region.told() == 0


def test_a_third_region_is_told_by_the_listing_system(region: Region) -> None:
    keep(region.register, note("N1", BO, OTHER_COUNTY))
    assert region.update(BO, THIRD, COUNTY).result == ("OK", None)
    assert get_listing_county(region.app, BO) == [THIRD]
    assert region.told() == 0


def test_another_countys_resident_is_delisted_and_nothing_is_noted(region: Region) -> None:
    region.create(DAN, home=OTHER_COUNTY, new=COUNTY)
    assert region.update(DAN, THIRD, OTHER_COUNTY).result == ("OK", None)
    assert region.listed(DAN) == []
    assert get_listing_county(region.app, DAN) == []


def test_the_yearly_limit_and_the_types_are_the_listing_systems(region: Region) -> None:
    for new in (THIRD, OTHER_COUNTY, THIRD, OTHER_COUNTY):
        assert region.update(ANNA, new, COUNTY).result == ("OK", None)
    assert get_listing_county(region.app) == [OTHER_COUNTY]
    assert region.update(ANNA, THIRD, COUNTY, kind=("UNKNOWN", "1.2.3")).result == ("OK", None)


def test_the_same_notice_again_is_noted_once(region: Region) -> None:
    headers = {"x-skltp-correlation-id": "corr-2"}
    for _ in range(2):
        assert region.update(ANNA, THIRD, COUNTY, headers=headers).result == ("OK", None)
    with region.register.reading() as connection:
        assert len(connection.execute(select(out_of_county_listing)).all()) == 1


# What it refuses, and where it does not answer


@pytest.mark.parametrize(
    "code",
    [
        "ERROR",
        "ERROR_MAXIMUM_ANNUAL_UPDATES_EXCEEDED",
        "ERROR_MAXIMUM_CITIZEN_REACHED_ON_CAREUNIT",
        "ERROR_GUARDIAN_CONSENT_NEEDED",
        "ERROR_AGE_LIMIT",
    ],
)
def test_what_it_refuses_is_refused_in_its_words_and_changes_nothing(region: Region, code: str) -> None:
    before = region.written()
    region.system.answer = answers(code, "Det går inte.")
    assert region.create().result == (code, "Det går inte.")
    assert region.written() == before
    assert region.listed() == [str(CENTRE)]


def test_a_refusal_without_a_text_gets_one(region: Region) -> None:
    region.system.answer = answers("ERROR")
    code, said = region.create().result
    assert code == "ERROR"
    assert (said or "").startswith(sentence("listing_system_says_no_more", log_id="")[:40])


def _slow(contract: Contract) -> Written:
    return [(20, done(contract))]


def _dribbling(contract: Contract) -> Written:
    return [(0.2, bytes([one])) for one in done(contract)]


def _invalid(contract: Contract) -> bytes:
    name = f"{contract.name}Response"
    return response(f'<{name} xmlns="{contract.namespace}"><resultCode>YES</resultCode></{name}>')


def _another(contract: Contract) -> bytes:
    return response('<Other xmlns="urn:other"><resultCode>OK</resultCode></Other>')


def _ok_with_more(contract: Contract) -> bytes:
    """An OK that its schema refuses: what is no answer of the contract is not believed."""
    return done(contract).replace(b"</resultCode>", b"</resultCode><more/>")


FAILURES: dict[str, tuple[int, Any]] = {
    "Fault": (500, lambda _: fault("soap:Server", "Something went wrong")),
    "Fault with 200": (200, lambda _: fault("soap:Client", "Something went wrong")),
    "OK with 500": (500, done),
    "503 without a body": (503, lambda _: b""),
    "slow": (200, _slow),
    "a byte now and then": (200, _dribbling),
    "hangs up": (200, lambda _: None),
    "half an answer": (200, lambda one: [(0, done(one)[:80])]),
    "no XML": (200, lambda _: b"<html>Welcome</html"),
    "a DOCTYPE": (200, lambda one: b"<!DOCTYPE x>" + done(one).partition(b"?>\n")[2]),
    "another element": (200, _another),
    "an unknown code": (200, _invalid),
    "OK and more": (200, _ok_with_more),
}


@pytest.mark.parametrize("contract", ["CreateListing", "UpdateListing"])
@pytest.mark.parametrize("failure", FAILURES)
def test_without_an_answer_it_is_a_fault_nothing_is_kept_and_the_same_request_is_safe(
    region: Region, contract: str, failure: str
) -> None:
    before, region.seconds = region.written(), 1
    region.system.status, region.system.answer = FAILURES[failure]

    def ask() -> Response:
        return region.create() if contract == "CreateListing" else region.update(ANNA, THIRD, COUNTY)

    began = time.monotonic()
    with capture_logs() as events:
        answer = ask()
    assert time.monotonic() - began < _PATIENCE
    assert answer.status == 500
    kind, said = answer.fault
    assert (kind, said[:5]) == ("Server", "FK505")
    assert region.written() == before
    assert region.told() == 0
    (failed,) = [one for one in events if one["event"] == "forward_failed"]
    assert (failed["contract"], failed["county"]) == (contract, COUNTY)
    assert ANNA not in str(events)
    assert [one["outcome"] for one in audit_rows(region.register)] == ["INTENDED", "FAULT"]

    region.seconds, region.system.status, region.system.answer = 20, 200, done
    assert ask().result == ("OK", None)
    assert region.listed() == ([str(NEW.hsa_id)] if contract == "CreateListing" else [])


def test_nobody_there_is_a_fault(region: Region) -> None:
    region.system.base = "http://127.0.0.1:9"
    assert region.create().fault[1].startswith("FK505")


def test_the_callers_time_is_kept_whatever_the_setting(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    region.seconds = 25
    monkeypatch.setattr(forwarding, "_ASK_SECONDS", 0.5)
    region.system.answer = _slow
    began = time.monotonic()
    assert region.create().fault[1].startswith("FK505")
    assert time.monotonic() - began < _PATIENCE


def test_a_request_that_has_waited_too_long_is_not_sent(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "_ASK_SECONDS", -1.0)
    assert region.create().fault[1].startswith("FK505")
    assert region.system.asked == []


# What never goes on


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (create_listing(ANNA, NEW.hsa_id, actor_id=BO), "not_oneself"),
        (create_listing(ANNA, NEW.hsa_id, actor_type="REGION", actor_id=hsa("x")), "actor_not_allowed"),
        (create_listing(ANNA, NEW.hsa_id, home=COUNTY, new=THIRD), "wrong_receiver"),
    ],
    ids=["by another citizen", "by an actor not allowed", "for another region"],
)
def test_who_is_not_to_ask_is_refused_here(region: Region, content: str, name: str) -> None:
    code, said = region.send("CreateListing", content).result
    assert code == "ERROR"
    assert (said or "")[:40] == sentence(name, log_id="")[:40]
    assert region.system.asked == []


def test_a_malformed_request_is_refused_here(region: Region) -> None:
    asked = create_listing(ANNA, NEW.hsa_id)
    wrong = asked.replace("healthcareFacilityHSAId", "healthcareFacility")
    assert post(region.app, path("CreateListing"), envelope(wrong, COUNTY)).result[0] == "ERROR"
    nobody = asked.replace(ANNA, "195709263081")
    assert post(region.app, path("CreateListing"), envelope(nobody, COUNTY)).result[0] == "ERROR"
    assert region.system.asked == []


def test_a_protected_resident_is_asked_about_as_one_nobody_knows(region: Region) -> None:
    keep(region.register, Resident(OTHER_ID, COUNTY, protected=True))
    assert region.create(OTHER_ID).result == ("OK", None)
    assert len(region.system.asked) == 1
    assert region.listed(OTHER_ID) == []


def test_other_regions_of_the_installation_are_not_forwarded(region: Region) -> None:
    asked = envelope(update_listing(DAN, THIRD, OTHER_COUNTY), OTHER_COUNTY)
    assert post(region.app, path("UpdateListing"), asked).result == ("OK", None)
    assert region.system.asked == []


# Two at once, and what cannot be kept


def test_nothing_of_the_register_is_held_while_it_is_asked(region: Region) -> None:
    taken, go_on = Event(), Event()

    def waits(contract: Contract) -> bytes:
        taken.set()
        assert go_on.wait(_PATIENCE)
        return done(contract)

    region.system.answer = waits
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(region.create)
        assert taken.wait(_PATIENCE)
        with region.register.writing() as connection:
            connection.execute(text("UPDATE resident SET protected = protected"))
        go_on.set()
        assert asked.result().result == ("OK", None)
    assert region.listed() == [str(NEW.hsa_id)]


def test_the_same_request_by_two_callers_at_once_is_kept_once(region: Region) -> None:
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: region.create().result, range(2)))
    assert found == [("OK", None)] * 2
    with region.register.reading() as connection:
        kept = connection.execute(select(listing).where(listing.c.person_id == ANNA)).all()
    assert len(kept) == 2  # the one before, and the new one


def test_many_callers_at_once_are_all_kept(region: Region) -> None:
    people = (ANNA, BO, CLARA, EVA, FINN, OTHER_ID)
    app = region.app
    bodies = [envelope(create_listing(one, NEW.hsa_id), COUNTY) for one in people]
    with ThreadPoolExecutor(len(people)) as pool:
        found = list(pool.map(lambda body: post(app, path("CreateListing"), body).result, bodies))
    assert found == [("OK", None)] * len(people)
    assert [region.listed(one) for one in people] == [[str(NEW.hsa_id)]] * len(people)


def test_an_answer_that_another_has_overtaken_is_not_kept(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It came before that of the later wish, and its turn to write comes after."""
    written, held = forwarding._keep, Event()

    def later(*arguments: Any) -> None:
        region.now = NOW + timedelta(seconds=1)
        assert region.create(facility=FULL.hsa_id).result == ("OK", None)
        region.now = NOW
        held.set()
        written(*arguments)

    monkeypatch.setattr(
        forwarding, "_keep", lambda *arguments: (written if held.is_set() else _once(held, later))(*arguments)
    )
    with capture_logs() as events:
        assert region.create().result == ("OK", None)
    region.now = NOW + timedelta(seconds=2)
    assert region.listed() == [str(FULL.hsa_id)]
    assert [one["reason"] for one in events if one["event"] == "forwarded_not_kept"] == ["overtaken"]


def _once(held: Event, do: Any) -> Any:
    held.set()
    return do


def test_what_the_register_does_not_know_is_answered_and_left_to_the_next_load(region: Region) -> None:
    before = region.written()
    with capture_logs() as events:
        assert region.create(facility=hsa("unheard-of")).result == ("OK", None)
    assert region.written() == before
    (event,) = [one for one in events if one["event"] == "forwarded_not_kept"]
    assert event["reason"] == "facility unknown"
    assert [one["outcome"] for one in audit_rows(region.register)] == ["INTENDED", "OK"]


def test_a_register_that_is_busy_does_not_take_the_answer_from_the_caller(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "_KEEP_SECONDS", 3.0)
    began = time.monotonic()
    with capture_logs() as events, region.register.writing():
        assert region.create().result == ("OK", None)
    assert time.monotonic() - began < _PATIENCE
    (event,) = [one for one in events if one["event"] == "forwarded_not_kept"]
    assert event["reason"] == "still waiting for its turn to write"
    assert [one["outcome"] for one in audit_rows(region.register)] == ["INTENDED", "OK"]
    give_up = time.monotonic() + _PATIENCE
    while region.listed() != [str(NEW.hsa_id)]:  # it is kept when the turn comes
        assert time.monotonic() < give_up
        time.sleep(0.02)


def test_a_register_that_breaks_does_not_take_the_answer_from_the_caller(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError(f"the disk is full at {ANNA}")

    monkeypatch.setattr(sys.modules["producer.operations.create_listing"], "keep_wish", broken)
    with capture_logs() as events:
        assert region.create().result == ("OK", None)
    (event,) = [one for one in events if one["event"] == "forwarded_not_kept"]
    assert event["reason"] == "RuntimeError"
    assert ANNA not in str(events)
    assert region.listed() == [str(CENTRE)]


# The night after


class TestTheNextLoad:
    """What is kept is adopted when the listing system says it; what is not kept comes as a new row."""

    @pytest.fixture
    def night(self, register: Register, tmp_path: Path) -> Night:
        load_demo(register, "vardgivare", "enheter", "personal")
        found = Night(register, tmp_path)
        found.loaded()
        return found

    def chosen(self, night: Night, monkeypatch: pytest.MonkeyPatch, *, kept: bool) -> RecordCounts:
        """Have the resident choose a facility and the listing system deliver it in the morning."""
        with ListingSystem().serving() as system, monkeypatch.context() as broken:
            if not kept:
                broken.setattr(forwarding, "_KEEP_SECONDS", -1.0)
            assert Region(night.register, system).create(WHO, ONE).result == ("OK", None)
        night.replace(
            "listningar",
            WHO,
            f"{WHO};{TWO};2024-08-12;{TODAY - DAY};Aktivt val",
            f"{WHO};{ONE};{TODAY};;Aktivt val",
        )
        counts = night.loaded(TODAY + DAY)["listing"]
        found = get_listing(make_producer(night.register, now=NOW + DAY), WHO)
        assert values(found, "listings/healthcareFacility/id") == [ONE]
        return counts

    def test_adopts_what_was_kept(self, night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
        counts = self.chosen(night, monkeypatch, kept=True)
        assert (counts.adopted, counts.added, counts.contradicted) == (2, 0, 0)

    def test_brings_what_was_not_kept(self, night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
        counts = self.chosen(night, monkeypatch, kept=False)
        assert (counts.added, counts.changed, counts.adopted, counts.superseded) == (1, 1, 0, 0)


def test_a_register_out_of_reach_is_a_fault_before_anything_is_sent(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("down"))

    monkeypatch.setattr(region.register, "reading", down)
    assert region.create().fault[1].startswith("FK502")
    assert region.system.asked == []


def test_without_its_audit_row_no_answer_leaves_and_the_same_request_gets_it(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("register.audit.write", lambda *_: 1 / 0)
        assert region.create().fault[1].startswith("FK504")
    assert region.create().result == ("OK", None)
    assert region.listed() == [str(NEW.hsa_id)]


# Staff


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "arguments",
    [("create", ANNA, str(NEW.hsa_id)), ("end", ANNA), ("allot", str(FULL.hsa_id))],
    ids=["create", "end", "allot"],
)
def test_staff_change_listings_in_the_listing_system(
    region: Region, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    before = region.written()
    url = region.register.engine.url.render_as_string(hide_password=False)
    file = tmp_path / "settings.toml"
    system = f'[regions.14.listing_system]\nendpoint = "{region.system.base}"\n'
    file.write_text(f'[database]\nurl = "{url}"\n[regions.14]\nmode = "forward"\n{system}')
    done_by = CliRunner().invoke(commands, ["listings", *arguments, "--config", str(file)])
    assert done_by.exit_code == 1
    assert "regions.14.mode" in done_by.output
    assert region.written() == before
