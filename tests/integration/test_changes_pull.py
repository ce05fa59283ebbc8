"""GET /changes: the feed over HTTP, for whom may have it."""

import json
import threading
import time
from typing import Any

import pytest
from sqlalchemy import update

from contracts.clock import swedish_now
from contracts.codes import PV
from listings.changes import ListingChanges
from listings.listing_log import Cause
from producer.wsgi import Producer
from register.database import Register
from register.tables import resident
from tests.databases import audit_rows
from tests.integration.test_change_feed import UNITS, region
from tests.producers import make_producer
from tests.records import ANNA, BO, COUNTY, hsa
from tests.wsgi import Response, get

READER, OTHER = str(hsa("reader")), str(hsa("other"))


def app(register: Register, **access: Any) -> Producer:
    return make_producer(register, access={"feed_consumers": [READER], **access})


def pull(app: Producer, query: str, consumer: str | None = READER) -> Response:
    headers = {} if consumer is None else {"x-rivta-original-serviceconsumer-hsaid": consumer}
    return get(app, f"/changes?{query}", headers=headers)


def queue(register: Register, *people: str) -> None:
    with register.writing() as connection:
        changes = ListingChanges(connection, swedish_now(), {COUNTY: 3}, Cause(source="CreateListing"))
        for one in people:
            changes.join_queue(one, UNITS[1], PV.key)
        changes.finish()


def people(response: Response) -> list[str]:
    assert (response.status, response.headers["Content-Type"]) == (200, "application/json")
    return [one["person_id"] for one in json.loads(response.body)["changes"]]


def position(response: Response) -> int:
    found: int = json.loads(response.body)["position"]
    return found


def test_a_consumer_reads_on_from_a_position(register: Register) -> None:
    region(register)
    queue(register, ANNA, BO)
    first = pull(app(register), "since=0")
    assert people(first) == [ANNA, BO]
    (line, _) = json.loads(first.body)["changes"]
    assert (line["kind"], line["unit"], line["cause"]) == (
        "queue_taken",
        str(UNITS[1].hsa_id),
        "CreateListing",
    )
    assert people(pull(app(register), f"since={line['position']}")) == [BO]
    last = pull(app(register), f"since={position(first)}")
    assert (people(last), position(last)) == ([], position(first))
    asked = sorted((one["person_id"], one["consumer"]) for one in audit_rows(register))
    assert asked == sorted((one, READER) for one in (ANNA, BO, BO))


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
class TestAccess:
    @pytest.mark.parametrize("consumer", [None, OTHER], ids=["nobody", "another"])
    def test_others_are_denied(self, register: Register, consumer: str | None) -> None:
        region(register)
        queue(register, ANNA)
        response = pull(app(register), "since=0", consumer)
        assert (response.status, ANNA in response.body.decode()) == (403, False)
        (row,) = audit_rows(register)
        assert (row["outcome"], row["contract"], row["consumer"], row["person_id"]) == (
            "DENIED",
            "changes",
            consumer,
            "-",
        )

    def test_nobody_reads_it_unless_it_is_set_up(self, register: Register) -> None:
        assert pull(make_producer(register), "since=0").status == 403

    def test_a_reader_must_be_let_in_at_all(self, register: Register) -> None:
        assert pull(app(register, consumers=[OTHER]), "since=0").status == 403
        assert pull(app(register, consumers=[OTHER, READER]), "since=0").status == 200

    def test_protected_residents_and_hidden_units_are_left_out_and_passed(self, register: Register) -> None:
        region(register)
        queue(register, ANNA, BO)
        with register.writing() as connection:
            connection.execute(update(resident).where(resident.c.person_id == ANNA).values(protected=True))
        seen = pull(app(register), "since=0")
        assert people(seen) == [BO]
        hidden = pull(app(register, hidden_units={READER: [str(UNITS[1].hsa_id)]}), "since=0")
        assert (people(hidden), position(hidden)) == ([], position(seen))

    @pytest.mark.parametrize(
        "query", ["", "since=", "since=-1", "since=x", "since=1&since=2", "since=0&wait=x", f"since={2**63}"]
    )
    def test_what_is_no_position_is_refused(self, register: Register, query: str) -> None:
        assert pull(app(register), query).status == 400

    @pytest.mark.parametrize("query", ["since=2", f"since={2**63 - 1}", "since=2&wait=30"])
    def test_a_position_that_the_register_has_not_come_to_is_refused(
        self, register: Register, query: str
    ) -> None:
        """As after it was put back to a copy: what comes next would be passed over in silence."""
        region(register)
        queue(register, ANNA)
        refused = pull(app(register), query)
        assert (refused.status, b"The last line is at 1" in refused.body) == (409, True)


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_an_answer_waits_for_a_change(register: Register) -> None:
    region(register)
    began = time.monotonic()
    assert people(pull(app(register), "since=0&wait=1")) == []
    assert 1 <= time.monotonic() - began < 10
    later = threading.Timer(0.5, queue, (register, ANNA))
    later.start()
    began = time.monotonic()
    assert people(pull(app(register), "since=0&wait=30")) == [ANNA]
    assert time.monotonic() - began < 20
    later.join()


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_who_waits_does_not_hold_up_a_stop(register: Register) -> None:
    service = app(register)
    later = threading.Timer(0.5, service.stop)
    later.start()
    began = time.monotonic()
    assert people(pull(service, "since=0&wait=30")) == []
    assert time.monotonic() - began < 20
    later.join()
