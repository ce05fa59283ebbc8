"""Samordningsnummer whose date of birth is not verified: month 00, day 60 or both (identifier_rules.csv).

They are people like others: loaded, answered by every contract, listed. What asks for their age has rows of
its own in the decision table (docs/listing-rules.md, rules 14 and 15).
"""

from datetime import date
from pathlib import Path

import pytest

from contracts import oids
from contracts.codes import PV
from contracts.identifiers import IdentifierError, PersonId
from mapping.sources.values import holds_person_number
from register.database import Register
from register.model import Resident
from register.tables import fixed_contact, resident
from tests.asking import ask, ask_ok, care_managers, get_listing, get_listing_county, outline, result, values
from tests.databases import keep
from tests.integration.region_files import ASA, ONE, fill, kept, loaded
from tests.messages import (
    actor,
    create_listing,
    envelope,
    identity,
    path,
    person,
    update_listing,
)
from tests.producers import make_producer
from tests.records import COUNTY, DATE_NOT_VERIFIED, OTHER_COUNTY, contact, listing
from tests.soap import check_exchange
from tests.wsgi import post

numbers = pytest.mark.parametrize("number", DATE_NOT_VERIFIED, ids=["day 60", "month 00 day 60", "month 00"])

RESIDENTS = """
[[file]]
name = "r.csv"
record = "resident"
fields = { person_id = "PNR", home_county.constant = "14" }
[[file]]
name = "k.csv"
record = "fixed_contact"
fields = { person_id = "PNR", type_code.constant = "2", staff = "LAK", unit = "ENHET", valid_from = "FROM" }
"""


def test_a_source_brings_them_and_what_is_theirs(sqlite_register: Register, tmp_path: Path) -> None:
    fill(sqlite_register)
    rows = "".join(f"{number[:8]}-{number[8:]}\n" for number in DATE_NOT_VERIFIED)
    links = "".join(f"{number};{ASA.hsa_id};{ONE.hsa_id};2026-01-01\n" for number in DATE_NOT_VERIFIED)
    files = {"r.csv": f"PNR\n{rows}", "k.csv": f"PNR;LAK;ENHET;FROM\n{links}"}

    loaded(sqlite_register, tmp_path, RESIDENTS, files)

    found = {person_id for (person_id,) in kept(sqlite_register, resident, "person_id")}
    assert found >= set(DATE_NOT_VERIFIED)
    assert {one for (one,) in kept(sqlite_register, fixed_contact, "person_id")} == set(DATE_NOT_VERIFIED)


@numbers
def test_every_contract_that_names_a_person_answers(sqlite_register: Register, number: str) -> None:
    fill(sqlite_register)
    keep(
        sqlite_register,
        Resident(number, COUNTY),
        listing("theirs", number, ONE),
        contact("theirs", number, ASA, ONE),
    )
    app = make_producer(sqlite_register)
    by, who = actor(actor_id=number), person("personId", number)

    shown = get_listing(app, number, by=by)
    assert values(shown, "listings/healthcareFacility/id") == [str(ONE.hsa_id)]
    assert values(shown, "listings/healthcarePersonnel/id") == [str(ASA.hsa_id)]
    assert get_listing_county(app, number, by=by) == [COUNTY]
    home = identity("homeCountyCode", oids.COUNTY, COUNTY)
    assert PV.code in values(ask_ok(app, "GetListingTypes", who, home), "listingTypes/code")
    (manager,) = care_managers(app, number)
    assert number in "".join(outline(manager))


@numbers
def test_create_listing_and_update_listing(sqlite_register: Register, number: str) -> None:
    fill(sqlite_register)
    keep(sqlite_register, Resident(number, COUNTY))
    app = make_producer(sqlite_register)
    for contract, body in (
        ("CreateListing", create_listing(number, ONE.hsa_id)),
        ("UpdateListing", update_listing(number, OTHER_COUNTY, COUNTY)),
    ):
        sent = envelope(body)
        answer = check_exchange(sent, post(app, path(contract), sent).body)[1]
        assert result(answer)[0] in ("OK", "INFO"), outline(answer)


def test_who_is_not_known_is_answered_like_anybody_else(sqlite_register: Register) -> None:
    app = make_producer(sqlite_register)
    for number in DATE_NOT_VERIFIED:
        assert not values(get_listing(app, number, by=actor(actor_id=number)), "listings")
        assert (
            ask(app, "GetCareManagers", person("patientId", number), address="SE2321000131-system")
            is not None
        )


@pytest.mark.parametrize(
    ("number", "ages"),
    [
        (DATE_NOT_VERIFIED[0], (56, 56)),  # January 1970, and it is March
        (DATE_NOT_VERIFIED[1], (55, 56)),
        (DATE_NOT_VERIFIED[2], (42, 43)),
        ("196812732391", (57, 57)),
        ("195709263080", (68, 68)),
        ("98240301AA06", (2, 2)),  # a reserve number: 98 stands for 20
        ("00342145BZ31", (0, 150)),
    ],
)
def test_ages(number: str, ages: tuple[int, int]) -> None:
    assert PersonId.from_number(number).ages_on(date(2026, 3, 10)) == ages


@pytest.mark.parametrize("number", ["197001002384", "197000012382", "197013602385", "197001922382"])
def test_a_personnummer_has_a_date_and_months_and_days_have_bounds(number: str) -> None:
    with pytest.raises(IdentifierError):
        PersonId.from_number(number, check_digits=False)


@numbers
def test_messages_do_not_quote_them(number: str) -> None:
    for text in (
        number,
        number[2:],
        f"{number[:8]}-{number[8:]}",
        f"x{number}y",
        f"{number[2:8]} {number[8:]}",
    ):
        assert holds_person_number(text)
