"""A new home county, by a load or a message: what the county left has ends (flow 9)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.clock import swedish_now
from listings.upkeep import settle
from mapping.loads import pipeline
from mapping.loads.undo import UndoRefused
from producer.wsgi import Producer
from register.database import Register
from register.residents import find_resident
from tests.asking import get_listing, get_listing_county, result, values
from tests.contract.listing_cases.world import (
    AGREED_TYPE,
    ALPHA,
    BASE,
    BETA,
    HELD,
    NURSERY,
    QUEUED,
    THIRD_COUNTY,
    at,
    has_doctor,
    queues,
)
from tests.databases import keep
from tests.integration.contact_commands import run
from tests.integration.listing_state import active, doctors, dump, messages
from tests.messages import create_listing, envelope, path, update_listing
from tests.producers import make_producer
from tests.records import ANNA, CLARA, COUNTY, DAN, FINN, NOW, OTHER_COUNTY, note
from tests.soap import check_exchange
from tests.sources import Source, undo
from tests.wsgi import post

LATER = NOW + timedelta(minutes=1)
LIMITS = {COUNTY: 3}


@pytest.fixture
def source(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    """A population register, loaded once: Anna lives in county 14, and Finn in 01."""
    monkeypatch.setattr(pipeline, "swedish_now", lambda: NOW)
    keep(register, *BASE)
    found = Source(register, tmp_path / "source", ["resident"], name="population")
    found.loaded({"resident": [(ANNA, COUNTY, ""), (FINN, OTHER_COUNTY, "")]})
    return found


def moves(source: Source, anna: str = COUNTY, finn: str = OTHER_COUNTY) -> None:
    source.loaded({"resident": [(ANNA, anna, ""), (FINN, finn, "")]})


def held(register: Register, who: str = ANNA) -> dict[str, Any]:
    """Return what there is of a resident's listings now."""
    rows = dump(register)

    def own(table: str, *period: str) -> list[str]:
        of_table = [one for one in rows[table] if one["person_id"] == who]
        return [
            str(one.get("unit_key", one.get("county"))) for one in of_table if active(one, LATER, *period)
        ]

    return {
        "listings": own("listing"),
        "places": own("queue_place", "queued_at", "left_at"),
        "notes": own("out_of_county_listing"),
        "doctors": [one for one in doctors(rows, LATER) if one["person_id"] == who],
        "waiting": [one["id"] for one in rows["listing_request"] if one["state"] == "waiting"],
    }


NOTHING: dict[str, Any] = {"listings": [], "places": [], "notes": [], "doctors": [], "waiting": []}


def home(register: Register, who: str = ANNA) -> str | None:
    with register.reading() as connection:
        found = find_resident(connection, who)
    assert found is not None
    return found.home_county


def logged(register: Register, who: str = ANNA) -> list[str]:
    return [one["kind"] for one in dump(register)["listing_change"] if one["person_id"] == who]


def update(app: Producer, new: str, home: str, who: str = ANNA, **more: Any) -> tuple[str, str | None]:
    body = envelope(update_listing(who, new, home, **more))
    reply = post(app, path("UpdateListing"), body)
    code, text = result(check_exchange(body, reply.body)[1])
    return str(code), text


def test_by_a_load_everything_in_the_county_left_ends(source: Source) -> None:
    """It used to stay: listing, doctor, place under the cap, place in a queue, and the note."""
    register = source.register
    keep(
        register,
        at(ALPHA),
        has_doctor(),
        at(NURSERY, code=AGREED_TYPE[0], code_system=AGREED_TYPE[1]),
        queues(QUEUED, ANNA),
        note("away", ANNA, THIRD_COUNTY, code="BVC"),
    )
    before = len(messages(dump(register)))
    moves(source, anna=THIRD_COUNTY)
    assert held(register)["listings"] != []  # the load leaves a mark, and upkeep does the rest

    assert settle(register, LATER, LIMITS) == 3

    # S001-013: who moves to another county is listed no more, and the link is gone
    assert held(register) == NOTHING
    assert len(messages(dump(register))) == before  # each region learns it from the population register
    assert "moved" in logged(register)
    assert dump(register)["resident_move"] == []
    assert settle(register, LATER, LIMITS) == 0


def test_the_note_does_not_come_back_with_the_resident(source: Source) -> None:
    keep(source.register, note("away", ANNA, THIRD_COUNTY))
    moves(source, anna=OTHER_COUNTY)
    settle(source.register, LATER, LIMITS)
    moves(source, anna=COUNTY)
    settle(source.register, LATER, LIMITS)

    app = make_producer(source.register, now=LATER)

    assert get_listing_county(app) == []


def test_the_place_goes_to_who_waits_for_it(source: Source) -> None:
    keep(source.register, at(HELD), queues(HELD, DAN), queues(HELD, CLARA, 5))
    with source.register.writing() as connection:
        connection.exec_driver_sql("UPDATE unit SET allotment = 'automatic' WHERE max_listings = 1")
    moves(source, anna=THIRD_COUNTY)

    settle(source.register, LATER, LIMITS)

    assert held(source.register, DAN)["listings"] == [HELD.hsa_id.key]


def test_another_countys_resident_who_moves_is_listed_here_no_more(source: Source) -> None:
    """We are the third region: it removes its listing."""
    keep(source.register, at(ALPHA, FINN))
    moves(source, finn=THIRD_COUNTY)

    settle(source.register, LATER, LIMITS)

    assert held(source.register, FINN) == NOTHING
    assert messages(dump(source.register)) == []


def test_another_countys_resident_who_moves_here_stays_listed(source: Source) -> None:
    """The new home county lists by its own rules; what the resident has there is no reason to end it."""
    keep(source.register, at(ALPHA, FINN))
    moves(source, finn=COUNTY)

    settle(source.register, LATER, LIMITS)

    assert held(source.register, FINN)["listings"] == [ALPHA.hsa_id.key]


def test_a_listing_that_waits_for_the_region_left_comes_to_nothing(source: Source) -> None:
    app = make_producer(
        source.register, now=NOW - timedelta(hours=1), regions={COUNTY: {"home_region": "later"}}
    )
    post(
        app,
        path("CreateListing"),
        envelope(create_listing(FINN, ALPHA.hsa_id, home=OTHER_COUNTY, new=COUNTY)),
    )
    assert held(source.register)["waiting"] != []
    moves(source, finn=THIRD_COUNTY)

    settle(source.register, LATER, LIMITS)

    assert held(source.register, FINN) == NOTHING
    assert [one["state"] for one in messages(dump(source.register))] == ["dropped"]


def test_what_began_after_the_move_was_noticed_stays(source: Source) -> None:
    """A resident who has moved away can be listed here as another county's."""
    keep(source.register, at(ALPHA))
    moves(source, anna=THIRD_COUNTY)
    keep(source.register, at(BETA, valid_from=NOW + timedelta(seconds=5)))

    settle(source.register, LATER, LIMITS)

    assert held(source.register)["listings"] == [BETA.hsa_id.key]


def test_a_region_that_only_mirrors_is_left_alone(source: Source) -> None:
    keep(source.register, at(ALPHA), has_doctor())
    moves(source, anna=THIRD_COUNTY)

    assert settle(source.register, LATER, {}) == 0

    assert held(source.register)["listings"] == [ALPHA.hsa_id.key]
    assert dump(source.register)["resident_move"] == []


def test_who_comes_back_before_anybody_looked_has_not_moved(source: Source) -> None:
    keep(source.register, at(ALPHA))
    moves(source, anna=THIRD_COUNTY)
    moves(source, anna=COUNTY)

    assert settle(source.register, LATER, LIMITS) == 0

    assert held(source.register)["listings"] == [ALPHA.hsa_id.key]


def test_an_undo_takes_the_mark_away(source: Source) -> None:
    keep(source.register, at(ALPHA))
    moves(source, anna=THIRD_COUNTY)
    undo(source.register, 2)

    assert settle(source.register, LATER, LIMITS) == 0

    assert held(source.register)["listings"] == [ALPHA.hsa_id.key]
    assert home(source.register) == COUNTY


def test_no_undo_when_what_the_resident_had_has_ended(source: Source) -> None:
    keep(source.register, at(ALPHA))
    moves(source, anna=THIRD_COUNTY)
    settle(source.register, swedish_now(), LIMITS)

    with pytest.raises(UndoRefused, match="What 1 residents had in the county that they left"):
        undo(source.register, 2)


def test_a_message_does_not_take_the_place_of_the_population_register(source: Source) -> None:
    """New 05, home 03, of one whom the source has in 14: it used to delist, and nothing repaired it."""
    register = source.register
    keep(register, at(ALPHA), has_doctor())
    before = held(register)
    app = make_producer(register)

    code, text = update(app, "05", THIRD_COUNTY)

    assert code == "INFO"
    assert text is not None
    assert "folkbokför" in text
    assert held(register) == before
    assert home(register) == COUNTY
    assert logged(register) == ["county_claimed", "answered"]
    assert values(get_listing(app), "listings/healthcareFacility/id") == [str(ALPHA.hsa_id)]
    assert settle(register, LATER, LIMITS) == 0


def test_the_next_load_decides_for_the_message(source: Source) -> None:
    keep(source.register, at(ALPHA), has_doctor())
    update(make_producer(source.register), "05", THIRD_COUNTY)
    moves(source, anna=THIRD_COUNTY)

    settle(source.register, LATER, LIMITS)

    assert held(source.register) == NOTHING
    assert dump(source.register)["county_claim"] == []


def test_a_message_that_agrees_with_the_source_settles_the_claim(source: Source) -> None:
    app = make_producer(source.register)
    update(app, "05", THIRD_COUNTY)
    assert len(dump(source.register)["county_claim"]) == 1

    assert update(app, OTHER_COUNTY, COUNTY) == ("OK", None)

    assert dump(source.register)["county_claim"] == []


@pytest.mark.parametrize("hidden", ["protected = true", "deceased_on = '2026-01-01'"])
def test_of_who_is_not_shown_the_answer_tells_nothing(source: Source, hidden: str) -> None:
    with source.register.writing() as connection:
        connection.exec_driver_sql(f"UPDATE resident SET {hidden} WHERE person_id = '{ANNA}'")  # noqa: S608

    assert update(make_producer(source.register), "05", THIRD_COUNTY) == ("OK", None)


def test_a_wish_does_not_take_the_place_of_the_population_register(source: Source) -> None:
    keep(source.register, at(ALPHA))
    app = make_producer(source.register, regions={COUNTY: {"home_region": "later"}})
    body = envelope(create_listing(ANNA, BETA.hsa_id, home=THIRD_COUNTY, new=COUNTY))
    reply = post(app, path("CreateListing"), body)

    assert result(check_exchange(body, reply.body)[1])[0] == "OK"
    assert home(source.register) == COUNTY
    assert "county_claimed" in logged(source.register)
    assert settle(source.register, LATER, LIMITS) == 0
    assert held(source.register)["listings"] == [ALPHA.hsa_id.key]


def test_a_message_about_who_no_source_knows_is_a_move(register: Register) -> None:
    keep(register, *BASE, at(ALPHA), has_doctor(), queues(QUEUED, ANNA))

    assert update(make_producer(register), THIRD_COUNTY, OTHER_COUNTY) == ("OK", None)
    settle(register, LATER, LIMITS)

    assert home(register) == OTHER_COUNTY
    assert held(register) == NOTHING


def test_of_a_source_without_counties_the_last_claim_counts(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "swedish_now", lambda: NOW)
    keep(register, *BASE)
    source = Source(register, tmp_path / "source", ["resident"], name="patients")
    source.loaded({"resident": [(FINN, "", "")]})
    app = make_producer(register)

    assert home(register, FINN) is None
    assert update(app, OTHER_COUNTY, THIRD_COUNTY, FINN) == ("OK", None)
    assert home(register, FINN) == THIRD_COUNTY
    assert update(app, OTHER_COUNTY, OTHER_COUNTY, FINN) == ("OK", None)
    assert home(register, FINN) == OTHER_COUNTY


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_contradictions_are_listed(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "settings.toml"
    url = source.register.engine.url.render_as_string(hide_password=False)
    settings.write_text(f'[database]\nurl = "{url}"\n[regions.{COUNTY}]\n', "utf-8")
    monkeypatch.setenv("FASTKONTAKT_CONFIG", str(settings))
    update(make_producer(source.register), "05", THIRD_COUNTY)

    figures = run("quality", "--counties", "--csv", "-")
    people = run("quality", "--counties", "--persons", "--csv", "-")

    assert figures.stdout == "register,claimed,by,number\n14,03,UpdateListing,1\n"
    assert people.stdout.splitlines()[1].startswith(f"{ANNA},14,03,UpdateListing,2026-")
