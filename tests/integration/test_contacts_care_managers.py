"""Fixed contacts with all that belongs to them (contacts.care_managers)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from contacts.care_managers import CareManager, care_managers_of
from contracts.codes import CARE_CONTACT, HOME_CARE_CONTACT
from register.database import Register
from register.model import Audience, CareProvider, Resident, Team
from register.prepared import Prepared, Row
from tests.databases import keep
from tests.records import (
    ANNA,
    BO,
    CLARA,
    COUNTY,
    LONG_AGO,
    NOW,
    PROVIDER,
    TODAY,
    contact,
    doctor,
    hsa,
    listing,
    lower,
    phone,
    residents,
    unit,
    upper,
)

DAY = timedelta(days=1)
ALFA, BETA = unit("alfa"), unit("beta")
HOME_CARE = CareProvider(hsa("homecare"), "Hemtjänsten", "2120001355")
ROOM = unit("room", care_unit=lower(ALFA.hsa_id), provider=HOME_CARE.hsa_id)
NURSE, OTHER_NURSE = doctor("nurse"), doctor("other")
TEAM = Team("Team-1", "1.2.3", "Laget", ALFA.hsa_id, "Öppen", "Intern")


@pytest.fixture
def region(register: Register) -> Register:
    keep(register, PROVIDER, HOME_CARE, ALFA, BETA, ROOM, NURSE, OTHER_NURSE, TEAM, *residents(ANNA, BO))
    return register


def found(register: Register, person_id: str = ANNA, day: date = TODAY) -> list[CareManager]:
    with register.reading() as connection:
        return care_managers_of(
            connection, person_id, NOW.replace(year=day.year, month=day.month, day=day.day)
        )


def test_a_contact_with_everything(region: Register) -> None:
    full = contact(
        "1",
        ANNA,
        NURSE,
        ROOM,
        type_code=CARE_CONTACT,
        valid_to=TODAY,
        team=TEAM.id,
        external_notes="Öppet",
        internal_notes="Internt",
        direct_number_visible=True,
        care_process_root="1.2.3.4",
        care_process_id="process",
    )
    routes = {
        "own": phone("own", staff=lower(NURSE.hsa_id), unit=ROOM.hsa_id, audience=Audience.BY_CHOICE),
        "team": phone("team", team=TEAM.id, audience=Audience.STAFF),
        "unit": phone("unit", unit=lower(ROOM.hsa_id), hours="Mon-Fri 08:00-17:00"),
        "care unit": phone("care unit", unit=ALFA.hsa_id),
        "provider": phone("provider", provider=PROVIDER.hsa_id),
    }
    not_theirs = (
        phone("1", staff=NURSE.hsa_id, unit=ALFA.hsa_id),
        phone("2", staff=OTHER_NURSE.hsa_id, unit=ROOM.hsa_id),
        phone("3", unit=BETA.hsa_id),
        phone("4", provider=HOME_CARE.hsa_id),
    )
    keep(region, full, *routes.values(), *not_theirs)
    (one,) = found(region)
    # By their text: HSA-ids themselves are equal whatever their letter case. References come as keys.
    assert repr(one.contact) == repr(replace(full, staff=upper(NURSE.hsa_id), unit=upper(ROOM.hsa_id)))
    assert repr(one.staff) == repr(NURSE)
    own = replace(ROOM, provider=upper(HOME_CARE.hsa_id), care_unit=upper(ALFA.hsa_id))
    assert repr(one.unit) == repr(own)
    assert repr(one.care_unit) == repr(replace(ALFA, provider=upper(PROVIDER.hsa_id)))
    assert repr(one.provider) == repr(PROVIDER)
    assert repr(one.team) == repr(replace(TEAM, unit=upper(ALFA.hsa_id)))
    attached = (
        one.own_routes,
        one.team_routes,
        one.unit_routes,
        one.care_unit_routes,
        one.provider_routes,
    )
    assert [[route.id for route in level] for level in attached] == [[id] for id in routes]
    assert [level[0].audience for level in attached] == [route.audience for route in routes.values()]
    assert repr(one.unit_routes[0]) == repr(replace(routes["unit"], unit=upper(ROOM.hsa_id)))


def test_a_contact_with_the_least(region: Register) -> None:
    keep(region, contact("1", ANNA, NURSE, ALFA, type_code=CARE_CONTACT))
    (one,) = found(region)
    expected = replace(ALFA, provider=upper(PROVIDER.hsa_id))
    assert repr(one.care_unit) == repr(one.unit) == repr(expected)
    assert one.team is None
    assert one.own_routes == one.team_routes == one.unit_routes == one.provider_routes == ()


def test_routes_of_a_care_unit_show_on_both_levels_in_the_order_of_id(region: Register) -> None:
    keep(
        region,
        contact("1", ANNA, NURSE, ALFA, type_code=CARE_CONTACT),
        *(phone(id, unit=ALFA.hsa_id) for id in ("b", "c", "a")),
    )
    (one,) = found(region)
    assert [route.id for route in one.unit_routes] == ["a", "b", "c"]
    assert one.care_unit_routes == one.unit_routes


def test_order_is_by_type_first_day_and_id(region: Register) -> None:
    early = {"valid_from": date(2025, 1, 1)}
    late = {"valid_from": date(2025, 1, 2)}
    keep(
        region,
        listing("1", ANNA, ALFA),
        contact("0", ANNA, NURSE, ALFA, type_code=HOME_CARE_CONTACT, **early),
        contact("1", ANNA, NURSE, ALFA, **early),
        contact("4", ANNA, OTHER_NURSE, BETA, type_code=CARE_CONTACT, **late),
        contact("3", ANNA, OTHER_NURSE, BETA, type_code=CARE_CONTACT, **late),
        contact("5", ANNA, NURSE, ALFA, type_code=CARE_CONTACT, **early),
        contact("6", ANNA, NURSE, ALFA, type_code="55", **early),
    )
    assert [one.contact.id for one in found(region)] == ["5", "3", "4", "1", "0", "6"]


def test_the_first_and_the_last_day_count(region: Register) -> None:
    keep(region, contact("1", ANNA, NURSE, ALFA, type_code=CARE_CONTACT, valid_from=TODAY, valid_to=TODAY))
    assert [len(found(region, day=TODAY + days * DAY)) for days in (-1, 0, 1)] == [0, 1, 0]


def test_staff_with_protected_identity_never_show(region: Register) -> None:
    hidden = doctor("hidden", protected=True)
    keep(region, hidden, contact("1", ANNA, hidden, ALFA, type_code=CARE_CONTACT))
    assert found(region) == []


@pytest.mark.parametrize("short", ["alfa", "room"])
def test_unit_and_care_unit_must_be_open(region: Register, short: str) -> None:
    keep(region, contact("1", ANNA, NURSE, ROOM, type_code=CARE_CONTACT))
    closing = {"alfa": ALFA, "room": ROOM}[short]
    keep(region, replace(closing, valid_from=TODAY, valid_to=TODAY))
    assert [len(found(region, day=TODAY + days * DAY)) for days in (-1, 0, 1)] == [0, 1, 0]


def test_contacts_of_nobody_and_of_somebody_else(region: Register) -> None:
    keep(region, contact("1", ANNA, NURSE, ALFA, type_code=CARE_CONTACT))
    assert found(region, BO) == []
    assert found(region, CLARA) == []


def test_whether_the_person_may_be_shown_is_not_decided_here(region: Register) -> None:
    keep(
        region,
        Resident(CLARA, COUNTY, protected=True, deceased_on=TODAY),
        contact("1", CLARA, NURSE, ALFA, type_code=CARE_CONTACT),
    )
    assert len(found(region, CLARA)) == 1


def test_the_number_of_queries_does_not_grow_with_the_contacts(region: Register) -> None:
    keep(region, contact("first", ANNA, NURSE, ALFA, type_code=CARE_CONTACT))
    found(region)  # what is kept of the directory has been read
    with counted(region) as one:
        found(region)
    many = [
        contact(f"{number}", ANNA, NURSE, at, type_code=CARE_CONTACT, documented_at=LONG_AGO)
        for number, at in enumerate([ALFA, BETA, ROOM] * 10)
    ]
    keep(region, *many)
    found(region)
    with counted(region) as several:
        assert len(found(region)) == 31
    assert several == one
    assert len(one) > 0


@contextmanager
def counted(register: Register) -> Iterator[list[str]]:
    """Collect the statements sent to the database, by SQLAlchemy and by the driver itself."""
    statements: list[str] = []
    run = Prepared.all

    def all_rows(self: Prepared, connection: Connection, values: Mapping[str, Any]) -> list[Row]:
        statements.append(str(self.statement))
        return run(self, connection, values)

    def collect(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement.split("IN (")[0])

    for engine in {register.engine, register.reading_engine}:
        event.listen(engine, "before_cursor_execute", collect)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Prepared, "all", all_rows)
        yield statements
    for engine in {register.engine, register.reading_engine}:
        event.remove(engine, "before_cursor_execute", collect)
