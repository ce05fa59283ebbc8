"""UpdateListing: every row of the table (docs/listing-rules.md), and what holds for all of them."""

from typing import Any

import pytest

from contracts import oids
from contracts.clock import a_year_before
from contracts.texts import sentence
from listings.current import relistings_since
from producer.wsgi import Producer
from register.database import Register
from tests.asking import get_listing, get_listing_county, values
from tests.contract.listing_cases import UPDATE_LISTING, with_databases
from tests.contract.listing_cases.case import NOTHING, TOO_MANY, Case, create_body, update_body
from tests.contract.listing_cases.effects import effect, in_order, rows, state
from tests.contract.listing_cases.world import ALPHA, BASE, PV_TYPE, THIRD_COUNTY, at, changes, told, wish
from tests.databases import keep
from tests.messages import actor, county, envelope, identity, path, person, request
from tests.producers import make_producer
from tests.records import ANNA, COUNTY, FINN, NOW, OTHER_COUNTY
from tests.wsgi import Response, post

ROWS = [pytest.param(on, case, id=f"{case.id}-{on}") for on, case in with_databases(UPDATE_LISTING)]
CORRELATED = {"x-skltp-correlation-id": "5f2c0b1e"}


def tell(app: Producer, body: bytes, **options: Any) -> Response:
    """Send an UpdateListing, which is never answered with a Fault."""
    response = post(app, path("UpdateListing"), body, **options)
    assert response.status == 200
    return response


@pytest.mark.parametrize(("either_register", "case"), ROWS, indirect=["either_register"])
def test_the_row(either_register: Register, case: Case) -> None:
    """The answer and the effect are the row's, and the same message again changes nothing more."""
    keep(either_register, *BASE)
    keep(either_register, *case.holds)
    app = make_producer(either_register, regions={COUNTY: case.region, OTHER_COUNTY: {}})
    for earlier in case.earlier:
        post(app, path("CreateListing"), create_body(earlier))
    rows_before, before = rows(either_register), state(either_register)

    answer_code, text = tell(app, update_body(case.asked)).result

    assert answer_code == case.code
    if case.text is None:
        assert text is None
    else:
        assert text is not None
        assert text.startswith(sentence(case.text, log_id=""))
    after = state(either_register)
    assert effect(before, after) == in_order(case.effect)
    if case.code != "OK":
        assert case.effect == NOTHING
        assert rows(either_register) == rows_before
    assert tell(app, update_body(case.asked)).result[0] == case.code
    assert state(either_register) == after


def relistings(register: Register) -> int:
    """Return how many re-listings the resident has used up by now."""
    with register.reading() as connection:
        return relistings_since(connection, ANNA, PV_TYPE, a_year_before(NOW), NOW)


@pytest.mark.parametrize("headers", [CORRELATED, {}], ids=["correlated", "not-correlated"])
def test_a_message_that_comes_twice_counts_once(register: Register, headers: dict[str, str]) -> None:
    """Also when it uses up the last re-listing of the year."""
    keep(register, *BASE, at(ALPHA), *changes(2))
    app = make_producer(register)
    for _ in range(2):
        assert tell(app, update_body(told(OTHER_COUNTY, COUNTY)), headers=headers).result == ("OK", None)
        assert relistings(register) == 3


def test_a_message_that_comes_late_again(sqlite_register: Register) -> None:
    """The resident has come home since: what the platform sends again must not undo it (rule 22).

    ERROR, so that the region that sends it does not list the resident: it never got the first answer. Without
    a correlation id nothing tells the message from a new one.
    """
    keep(sqlite_register, *BASE, at(ALPHA))
    app = make_producer(sqlite_register)
    again = update_body(told(OTHER_COUNTY, COUNTY))
    tell(app, again, headers=CORRELATED)
    post(app, path("CreateListing"), create_body(wish(ALPHA)))
    assert get_listing_county(app) == [COUNTY]
    answer_code, text = tell(app, again, headers=CORRELATED).result
    assert (answer_code, (text or "").partition(" Logg-id")[0]) == (
        "ERROR",
        sentence("request_replaced", log_id="").partition(" Logg-id")[0],
    )
    assert get_listing_county(app) == [COUNTY]
    assert tell(app, again).result == ("OK", None)
    assert get_listing_county(app) == [OTHER_COUNTY]


@pytest.mark.parametrize("element", ["personId", "newListingCounty", "homeCounty"])
@pytest.mark.parametrize("invalid_request", ["error", "fault"])
def test_a_mandatory_element_is_missing(
    sqlite_register: Register, element: str, invalid_request: str
) -> None:
    """ERROR with the validation report, whatever the setting for other contracts (suite 3.2.2, C16)."""
    keep(sqlite_register, *BASE, at(ALPHA))
    before = rows(sqlite_register)
    parts = {
        "personId": person("personId", ANNA),
        "newListingCounty": county("newListingCounty", OTHER_COUNTY),
        "homeCounty": county("homeCounty", COUNTY),
    }
    del parts[element]
    app = make_producer(sqlite_register, carelisting={"invalid_request": invalid_request})
    answer_code, text = tell(app, envelope(request("UpdateListing", *parts.values()))).result
    assert answer_code == "ERROR"
    assert text is not None
    assert "UpdateListing" in text
    assert element in text
    assert ANNA not in text
    assert rows(sqlite_register) == before


def some_county(element: str, *, root: str = oids.COUNTY, extension: str = OTHER_COUNTY) -> str:
    return identity(element, root, extension)


@pytest.mark.parametrize("element", ["newListingCounty", "homeCounty"])
@pytest.mark.parametrize(
    "wrong",
    [{"extension": "99"}, {"extension": "1"}, {"extension": ""}, {"extension": "X1"}, {"root": oids.HSA_ID}],
    ids=["unknown", "one-digit", "empty", "letter", "wrong-root"],
)
def test_a_county_that_is_none(sqlite_register: Register, element: str, wrong: dict[str, str]) -> None:
    keep(sqlite_register, *BASE, at(ALPHA))
    before = rows(sqlite_register)
    counties = [
        some_county(name, **(wrong if name == element else {})) for name in ("newListingCounty", "homeCounty")
    ]
    body = envelope(request("UpdateListing", person("personId", ANNA), *counties))
    answer_code, text = tell(make_producer(sqlite_register), body).result
    assert answer_code == "ERROR"
    assert text is not None
    assert element in text
    assert rows(sqlite_register) == before


def test_what_a_resident_reads_before_and_after(sqlite_register: Register) -> None:
    """GetListing, GetListingCounty and remainingChanges follow."""
    keep(sqlite_register, *BASE, at(ALPHA))
    app = make_producer(sqlite_register)

    def shown() -> tuple[list[str], list[str], list[str]]:
        answer = get_listing(app)
        facilities = values(answer, "listings/healthcareFacility/id")
        return facilities, values(answer, "listings/remainingChanges"), get_listing_county(app)

    assert shown() == ([str(ALPHA.hsa_id)], ["3"], [COUNTY])
    tell(app, update_body(told(OTHER_COUNTY, COUNTY)))
    assert shown() == ([], [], [OTHER_COUNTY])
    tell(app, update_body(told(COUNTY, COUNTY)))
    assert shown() == ([], [], [])
    post(app, path("CreateListing"), create_body(wish(ALPHA)))
    assert shown() == ([str(ALPHA.hsa_id)], ["2"], [COUNTY])
    for new in (OTHER_COUNTY, THIRD_COUNTY):
        tell(app, update_body(told(new, COUNTY)))
    assert shown() == ([], [], [THIRD_COUNTY])
    assert tell(app, update_body(told(OTHER_COUNTY, COUNTY))).result[0] == TOO_MANY
    assert shown() == ([], [], [THIRD_COUNTY])


def test_a_guest_is_shown_no_more(sqlite_register: Register) -> None:
    keep(sqlite_register, *BASE, at(ALPHA, FINN))
    app = make_producer(sqlite_register)
    by = actor(actor_id=FINN)
    assert values(get_listing(app, FINN, by=by), "listings/healthcareFacility/id") == [str(ALPHA.hsa_id)]
    assert tell(app, update_body(told(THIRD_COUNTY, OTHER_COUNTY, FINN))).result == ("OK", None)
    assert values(get_listing(app, FINN, by=by), "listings/healthcareFacility/id") == []
    assert get_listing_county(app, FINN, by=by) == []
