"""CreateListing: every row of the decision table (docs/listing-rules.md), and what holds for all of them."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from contracts.texts import sentence
from producer.wsgi import Producer
from register.database import Register
from register.model import Resident
from register.tables import listing_change
from tests.asking import get_listing, values
from tests.contract.listing_cases import CREATE_LISTING, with_databases
from tests.contract.listing_cases.case import NOTHING, OK, Asked, Case, create_body
from tests.contract.listing_cases.effects import effect, in_order, rows, state
from tests.contract.listing_cases.world import (
    ALPHA,
    BASE,
    BETA,
    QUEUED,
    UNKNOWN,
    at,
    has_doctor,
    queues,
    wish,
)
from tests.databases import keep
from tests.messages import actor, path
from tests.producers import make_producer
from tests.records import (
    ANNA,
    BO,
    CLARA,
    COUNTY,
    DAN,
    EVA,
    NOW,
    OTHER_COUNTY,
    OTHER_ID,
    PROVIDER,
    TODAY,
    lower,
    upper,
)
from tests.wsgi import post

ROWS = [pytest.param(on, case, id=f"{case.id}-{on}") for on, case in with_databases(CREATE_LISTING)]
LOG_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def ask(app: Producer, asked: Asked) -> tuple[str, str | None]:
    """Send a CreateListing; return resultCode and resultText, without the log id."""
    response = post(app, path("CreateListing"), create_body(asked))
    assert response.status == 200
    code, text = response.result
    return code, text and LOG_ID.sub("(log id)", text)


def producers(register: Register, case: Case) -> Iterator[Producer]:
    """Give the producer at the time of the earlier requests, and at that of the row's own."""
    regions = {COUNTY: case.region, OTHER_COUNTY: {}}
    for now in (NOW, NOW + case.after):
        yield make_producer(register, now=now, regions=regions)


def expected(case: Case) -> tuple[str, str | None]:
    """Return the resultCode and resultText of a row."""
    if case.text is None:
        return case.code, None
    asked = case.asked["facility"]
    facility = next((one for one in BASE if getattr(one, "hsa_id", None) == asked), None)
    return case.code, sentence(case.text, unit=getattr(facility, "name", "-"), log_id="(log id)")


@pytest.mark.parametrize(("either_register", "case"), ROWS, indirect=["either_register"])
def test_the_row(either_register: Register, case: Case) -> None:
    """The answer and the effect are the row's; what is refused changes nothing at all.

    The same request again gets the same answer and changes nothing more (RIV-TA Basic Profile 2.1, rule 22).
    """
    keep(either_register, *BASE)
    keep(either_register, *case.holds)
    before_all, app = producers(either_register, case)
    for earlier in case.earlier:
        ask(before_all, earlier)
    rows_before, before = rows(either_register), state(either_register)

    assert ask(app, case.asked) == expected(case)

    assert in_order(case.effect) == effect(before, state(either_register))
    if case.effect == NOTHING:
        assert rows(either_register) == rows_before
    rows_after = rows(either_register)
    assert ask(app, case.asked) == expected(case)
    assert rows(either_register) == rows_after


@pytest.mark.parametrize("more", [{}, {"home": COUNTY}, {"actor_id": OTHER_ID}, {"actor_id": BO}])
def test_the_answer_an_unknown_resident_gets(sqlite_register: Register, more: dict[str, Any]) -> None:
    """Also when the actor is named by a linked identity, which an unknown resident has none of (rule 5)."""
    keep(
        sqlite_register,
        *BASE,
        at(ALPHA, CLARA),
        at(ALPHA, DAN),
    )
    keep(
        sqlite_register,
        Resident(CLARA, COUNTY, protected=True, other_ids=(OTHER_ID,)),
        Resident(DAN, COUNTY, deceased_on=TODAY),
    )
    app = make_producer(sqlite_register)
    unknown = ask(app, wish(BETA, UNKNOWN, **more))
    assert unknown[0] == "ERROR"
    for person_id in (CLARA, DAN):
        assert ask(app, wish(BETA, person_id, **more)) == unknown


def test_what_is_done_is_logged_with_who_asked(sqlite_register: Register) -> None:
    keep(sqlite_register, *BASE, at(ALPHA), has_doctor())
    headers = {"x-skltp-correlation-id": "a-b-c"}
    post(make_producer(sqlite_register), path("CreateListing"), create_body(wish(BETA)), headers=headers)
    with sqlite_register.reading() as connection:
        log = connection.execute(select(listing_change).order_by(listing_change.c.id)).all()
    assert [(row.kind, row.unit_key) for row in log] == [
        ("ended", ALPHA.hsa_id),
        ("doctor_ended", ALPHA.hsa_id),
        ("listed", BETA.hsa_id),
        ("answered", None),
    ]
    for row in log:
        assert (row.person_id, row.county, row.source) == (ANNA, COUNTY, "CreateListing")
        assert (row.actor_type, row.actor_id, row.correlation_id) == ("CITIZEN", ANNA, "a-b-c")
        assert LOG_ID.fullmatch(row.log_id)
    assert log[-1].result_code == "INFO"


def positions(app: Producer, *person_ids: str) -> list[list[str]]:
    """Return the positions in queues that GetListing tells of each."""
    by = actor("REGION", PROVIDER.hsa_id)
    return [values(get_listing(app, one, by=by), "listings/queuePosition") for one in person_ids]


def test_positions_stay_without_gaps(sqlite_register: Register) -> None:
    """Dan, Eva and Clara queue; the first leaves, a place becomes free, somebody joins."""
    keep(sqlite_register, *BASE, queues(QUEUED, DAN, 9), queues(QUEUED, EVA, 8), queues(QUEUED, CLARA, 7))
    app = make_producer(sqlite_register)
    assert positions(app, DAN, EVA, CLARA, ANNA) == [["1"], ["2"], ["3"], []]
    assert ask(app, wish(QUEUED, DAN)) == (OK, None)
    assert positions(app, DAN, EVA, CLARA, ANNA) == [[], ["1"], ["2"], []]
    assert ask(app, wish(QUEUED, add_to_queue=True)) == (OK, None)
    assert positions(app, DAN, EVA, CLARA, ANNA) == [[], ["1"], ["2"], ["3"]]
    assert ask(app, wish(BETA, BO)) == (OK, None)  # Bo's place is Eva's now
    assert positions(app, DAN, EVA, CLARA, ANNA) == [[], [], ["1"], ["2"]]
    assert values(get_listing(app, EVA, by=actor("REGION", PROVIDER.hsa_id)), "listings/isInQueue") == [
        "false"
    ]


def test_times_are_those_of_the_request(sqlite_register: Register) -> None:
    """The listing before ends the moment the new one begins, and its doctor is gone."""
    keep(sqlite_register, *BASE, at(ALPHA), has_doctor())
    later = datetime(2026, 3, 10, 12, 0, 7)
    app = make_producer(sqlite_register, now=later)
    ask(app, wish(BETA))
    answer = get_listing(app)
    assert values(answer, "listings/validFromDate") == ["2026-03-10T12:00:07"]
    # S001-008: listing at another unit is all that has to be done
    assert values(answer, "listings/healthcareFacility/id") == [str(BETA.hsa_id)]
    # S001-013: the doctor of the unit before is gone with the listing
    assert values(answer, "listings/healthcarePersonnel") == []
    assert values(answer, "listings/remainingChanges") == ["2"]


def test_the_same_request_spelled_otherwise_is_the_same(sqlite_register: Register) -> None:
    """The second time the resident is there already, and would be answered without a word of the doctor."""
    keep(sqlite_register, *BASE, at(ALPHA), has_doctor())
    app = make_producer(sqlite_register)
    first = ask(app, wish(BETA))
    assert first[0] == "INFO"
    assert ask(app, wish(BETA) | {"facility": lower(BETA.hsa_id)}) == first
    assert ask(app, wish(BETA) | {"facility": upper(BETA.hsa_id)}) == first
