"""The rules of fixed contacts (contacts: appointing, staff, distributing, lists), on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from contacts import appointing, distributing, lists, staff
from contacts.contact_log import NotAllowed, StaffEdit, history
from contracts.codes import CARE_CONTACT, DOCTOR_CONTACT, TREATING_ROLE
from contracts.identifiers import HsaId
from listings.changes import ListingChanges
from listings.listing_log import Cause
from register.database import Register
from register.model import FixedContact, Record, Staff, Unit
from register.tables import contact_change, outgoing
from tests.databases import keep
from tests.records import (
    ANNA,
    BO,
    CLARA,
    DAN,
    LONG_AGO,
    NOW,
    PROVIDER,
    TODAY,
    contact,
    doctor,
    hsa,
    listing,
    residents,
    team,
    unit,
    works_at,
)

DAY = timedelta(days=1)
ALFA, BETA = unit("alfa"), unit("beta")
ROOM = unit("room", care_unit=ALFA.hsa_id, listable=False)
DORA, EMIL = doctor("dora"), doctor("emil")


@pytest.fixture
def region(register: Register) -> Register:
    keep(
        register,
        *(PROVIDER, ALFA, BETA, ROOM, DORA, EMIL),
        *residents(ANNA, BO, CLARA, DAN),
        *(
            works_at(one, ALFA, selectable_as_care_contact=True, selectable_as_treating_role=True)
            for one in (DORA, EMIL)
        ),
        *(listing(f"L{place}", one, ALFA) for place, one in enumerate((ANNA, BO, CLARA))),
    )
    return register


def wanted(person: str = ANNA, of: Staff = DORA, at: Unit = ALFA, **values: Any) -> FixedContact:
    defaults = {"valid_from": TODAY, "documented_at": NOW}
    return contact(f"new-{person}-{of.surname}", person, of, at, **(defaults | values))


def appoint(register: Register, one: FixedContact, now: datetime = NOW, **options: Any) -> None:
    with register.writing() as connection:
        appointing.appoint(StaffEdit(connection, now, "Karin", "asked for it"), one, **options)


def kept(register: Register, person: str = ANNA) -> list[tuple[str, Any, Any]]:
    """Surname, first and last day of all contacts of a resident."""
    with register.reading() as connection:
        found = lists.of_resident(connection, person)
    return [(one.surname, two.valid_from, two.valid_to) for two, one, _ in found]


def log(register: Register) -> list[tuple[str, str]]:
    with register.reading() as connection:
        found = connection.execute(select(contact_change).order_by(contact_change.c.id)).all()
    assert {one.changed_by for one in found} <= {"Karin"}
    return [(one.person_id, one.kind) for one in found]


def test_a_new_doctor_ends_the_one_before_the_day_before(region: Register) -> None:
    """One doctor per resident and day; old ends, new begins."""
    keep(region, contact("old", ANNA, EMIL, ALFA))
    appoint(region, wanted())
    # S000-019, S000-032: the doctor before ends the day before the new one begins
    # S001-004, S003-116: a replacement is appointed, and both links are documented with their days
    assert kept(region) == [
        ("Emil", contact("", ANNA, EMIL, ALFA).valid_from, TODAY - DAY),
        ("Dora", TODAY, None),
    ]
    assert log(region) == [(ANNA, "ended"), (ANNA, "appointed")]


def test_a_doctor_who_began_today_leaves_only_the_log(region: Register) -> None:
    """Two doctors never share a day, and the log keeps what is taken back."""
    appoint(region, wanted(of=EMIL))
    appoint(region, wanted())
    # S000-019: two doctors never share a day
    assert kept(region) == [("Dora", TODAY, None)]
    # S000-037: what is taken back is kept in the log
    assert [kind for _, kind in log(region)] == ["appointed", "ended", "appointed"]


def test_a_doctor_from_a_later_day(region: Register) -> None:
    """A start to come; the doctor of today stays until the day before."""
    keep(region, contact("old", ANNA, EMIL, ALFA))
    appoint(region, wanted(valid_from=TODAY + 7 * DAY))
    # S000-034: from a later day; the doctor of today stays until then
    assert [one[2] for one in kept(region)] == [TODAY + 6 * DAY, None]


def test_a_doctor_who_has_been_in_force_is_not_written_over(region: Register) -> None:
    keep(region, contact("old", ANNA, EMIL, ALFA, valid_from=TODAY - DAY))
    before = kept(region)
    with pytest.raises(NotAllowed, match="must begin after that day"):
        appoint(region, wanted(valid_from=TODAY - DAY))
    assert kept(region) == before
    assert log(region) == []


@pytest.mark.parametrize(
    ("records", "one", "says"),
    [
        pytest.param((), wanted(DAN), "not listed", id="S000-021: not listed"),
        pytest.param((works_at(DORA, BETA),), wanted(at=BETA), "not listed", id="S001-012: listed elsewhere"),
        pytest.param(
            (listing("L0", ANNA, ALFA, valid_to=NOW + DAY),),
            wanted(valid_from=TODAY + 2 * DAY),
            "not listed",
            id="listing ends before",
        ),
        pytest.param((), wanted(at=BETA), "does not work", id="works elsewhere"),
        pytest.param(
            (works_at(DORA, ALFA, valid_to=TODAY),),
            wanted(valid_from=TODAY + DAY),
            "does not work",
            id="leaves before",
        ),
        pytest.param(
            (works_at(DORA, ALFA, selectable_as_doctor=False),),
            wanted(),
            "cannot be chosen as doctor",
            id="S000-033: not selectable",
        ),
        pytest.param((works_at(DORA, ALFA, paused=True),), wanted(), "paused", id="S001-015: paused"),
        pytest.param(
            (works_at(DORA, ALFA, max_patients=1), contact("b", BO, DORA, ALFA)),
            wanted(),
            "room for 0",
            id="S001-019: cap",
        ),
        pytest.param(
            (works_at(DORA, ALFA, max_patients=1), contact("b", BO, DORA, ALFA, valid_from=TODAY + DAY)),
            wanted(),
            "room for 0",
            id="S001-019: cap with one to come",
        ),
        pytest.param((replace(DORA, protected=True),), wanted(), "cannot be chosen", id="protected doctor"),
        pytest.param((replace(ALFA, valid_to=TODAY - DAY),), wanted(), "closed", id="closed unit"),
        pytest.param(
            (works_at(DORA, ALFA),),
            wanted(type_code=CARE_CONTACT),
            "cannot be chosen as care contact",
            id="S000-044: not a care contact",
        ),
        pytest.param((replace(residents(ANNA)[0], deceased_on=TODAY),), wanted(), "has died", id="deceased"),
        pytest.param((team("t", BETA),), wanted(team="t"), "no such team", id="team of another unit"),
        pytest.param((), wanted(valid_to=TODAY - DAY), "end before", id="ends before it begins"),
        pytest.param((contact("has", ANNA, DORA, ALFA),), wanted(), "already", id="has it"),
    ],
)
def test_what_is_refused_changes_nothing(
    region: Register, records: tuple[Record, ...], one: FixedContact, says: str
) -> None:
    """Who can be appointed."""
    keep(region, *records)
    before = kept(region, one.person_id)
    # S000-033, S000-044: only who is selectable at the unit can be appointed
    # S001-012: by whom the resident is listed with
    with pytest.raises(NotAllowed, match=says):
        appoint(region, one)
    assert kept(region, one.person_id) == before
    assert log(region) == []


def test_a_doctor_at_a_unit_below_the_listed_one(region: Register) -> None:
    keep(region, works_at(DORA, ROOM), team("t", ALFA))
    appoint(region, wanted(at=ROOM, team="t"))
    assert [one[0] for one in kept(region)] == ["Dora"]


def test_a_cap_that_is_not_reached(region: Register) -> None:
    """The dead and those whose listing has ended leave room."""
    keep(
        region,
        works_at(DORA, ALFA, max_patients=1),
        listing("L1", BO, ALFA, valid_to=LONG_AGO),
        contact("b", BO, DORA, ALFA),
        replace(residents(CLARA)[0], deceased_on=TODAY),
        contact("c", CLARA, DORA, ALFA),
    )
    appoint(region, wanted())
    # S001-019: the dead and those not listed any more leave room
    assert [one[0] for one in kept(region)] == ["Dora"]


def test_several_care_contacts_unless_the_setting_says_one(region: Register) -> None:
    """One fast vårdkontakt where the region says so."""
    appoint(region, wanted(type_code=CARE_CONTACT), max_care_contacts=1)
    # S000-041: a second is refused where the region allows one
    with pytest.raises(NotAllowed, match="as many as are allowed"):
        appoint(region, wanted(of=EMIL, type_code=CARE_CONTACT), max_care_contacts=1)
    appoint(region, wanted(of=EMIL, type_code=CARE_CONTACT))
    assert len(kept(region)) == 2


@pytest.mark.parametrize(
    ("last_day", "expected"),
    [
        pytest.param(None, TODAY - DAY, id="at once"),
        pytest.param(TODAY, TODAY, id="today"),
        pytest.param(TODAY + DAY, TODAY + DAY, id="later"),
        pytest.param(TODAY - 9 * DAY, TODAY - 9 * DAY, id="before"),
    ],
)
def test_the_last_day(region: Register, last_day: Any, expected: Any) -> None:
    """Gone at once, or after the last day."""
    one = contact("one", ANNA, DORA, ALFA)
    keep(region, one)
    with region.writing() as connection:
        appointing.end(StaffEdit(connection, NOW, "Karin"), one, last_day)
    # S000-035: until the last day that is given
    # S000-037, S000-046: or gone at once
    # S003-117: documented with its last day
    assert [row[2] for row in kept(region)] == [expected]
    assert log(region) == [(ANNA, "ended")]


@pytest.mark.parametrize(
    ("valid_to", "last_day"),
    [
        pytest.param(TODAY - DAY, None, id="ended"),
        pytest.param(TODAY + DAY, TODAY + 2 * DAY, id="later than it ends"),
        pytest.param(None, contact("", ANNA, DORA, ALFA).valid_from - DAY, id="before it began"),
    ],
)
def test_a_last_day_that_it_cannot_have(region: Register, valid_to: Any, last_day: Any) -> None:
    one = contact("one", ANNA, DORA, ALFA, valid_to=valid_to)
    keep(region, one)
    with region.writing() as connection, pytest.raises(NotAllowed):
        appointing.end(StaffEdit(connection, NOW, "Karin"), one, last_day)
    assert [row[2] for row in kept(region)] == [valid_to]


def test_a_contact_is_not_made_longer_into_the_next_doctor(region: Register) -> None:
    one = contact("one", ANNA, DORA, ALFA, valid_to=TODAY + DAY)
    keep(region, one, contact("next", ANNA, EMIL, ALFA, valid_from=TODAY + 3 * DAY))
    with region.writing() as connection:
        upkeep = StaffEdit(connection, NOW, "Karin")
        # S000-019: a doctor is not made longer into the next
        with pytest.raises(NotAllowed, match="another doctor"):
            appointing.change(upkeep, one, valid_to=None)
        appointing.change(upkeep, one, valid_to=TODAY + 2 * DAY, internal_notes="ring first")
        appointing.change(upkeep, replace(one, valid_to=TODAY + 2 * DAY), valid_to=TODAY + 2 * DAY)
    assert kept(region)[0][2] == TODAY + 2 * DAY
    assert log(region) == [(ANNA, "changed: valid_to, internal_notes")]


@pytest.mark.parametrize("kind", [DOCTOR_CONTACT, CARE_CONTACT])
def test_moving_patients(region: Register, kind: str) -> None:
    """The new contact begins the day after the old one's last."""
    old = [contact(f"o-{one}", one, DORA, ALFA, type_code=kind, internal_notes="n") for one in (ANNA, BO)]
    keep(region, *old)
    with region.writing() as connection:
        distributing.move(StaffEdit(connection, NOW, "Karin", "she leaves"), old, EMIL.hsa_id)
    for person in (ANNA, BO):
        # S000-032, S001-016: the new contact begins the day after the old one's last
        # S003-116: for doctor and care contact alike
        assert [(one[0], one[2]) for one in kept(region, person)] == [("Dora", TODAY - DAY), ("Emil", None)]
    with region.reading() as connection:
        marked = connection.scalars(select(outgoing.c.person_id)).all()
        new = lists.of_resident(connection, ANNA)[-1][0]
    assert sorted(marked) == sorted([ANNA, BO])
    assert (new.internal_notes, new.appointed_by, new.reason) == (None, "Karin", "she leaves")


def test_moving_to_whom_the_resident_has_already(region: Register) -> None:
    old = contact("old", ANNA, DORA, ALFA, type_code=CARE_CONTACT)
    keep(region, old, contact("has", ANNA, EMIL, ALFA, type_code=CARE_CONTACT))
    with region.writing() as connection:
        distributing.move(StaffEdit(connection, NOW, "Karin"), [old], EMIL.hsa_id)
    assert sorted((one[0], one[2]) for one in kept(region)) == [("Dora", TODAY - DAY), ("Emil", None)]


def test_moving_more_than_the_cap_allows(region: Register) -> None:
    """All or nobody."""
    old = [contact(f"o-{one}", one, DORA, ALFA) for one in (ANNA, BO)]
    keep(region, works_at(EMIL, ALFA, max_patients=1), *old)
    with (
        region.writing() as connection,
        pytest.raises(NotAllowed, match="room for 1 more below the cap, and 2"),
    ):
        distributing.move(StaffEdit(connection, NOW, "Karin"), old, EMIL.hsa_id)
    # S000-032, S001-019: all are moved or nobody
    assert [one[2] for one in kept(region)] == [None]


@pytest.mark.parametrize(
    ("flag", "kind"),
    [
        ("selectable_as_doctor", DOCTOR_CONTACT),
        ("selectable_as_care_contact", CARE_CONTACT),
        ("selectable_as_treating_role", TREATING_ROLE),
    ],
)
def test_nobody_with_patients_is_deactivated(region: Register, flag: str, kind: str) -> None:
    """The message of the source system, word for word."""
    one = contact("one", ANNA, DORA, ALFA, type_code=kind, valid_from=TODAY + DAY)
    keep(region, one)
    with region.writing() as connection:
        upkeep = StaffEdit(connection, NOW, "Karin")
        job = staff.members(connection, NOW, ALFA.hsa_id)[0].employment
        # S000-028: refused in the words of the source document
        with pytest.raises(NotAllowed, match="^Tilldelad har patienter på denna enhet"):
            staff.set_up(upkeep, job, **{flag: False})
        appointing.end(upkeep, one)
        # S000-025, S000-051: done when nobody is linked any more
        assert not getattr(staff.set_up(upkeep, job, **{flag: False}), flag)
        found = staff.members(connection, NOW, ALFA.hsa_id)[0]
    assert not found.can_be(kind)
    assert found.changed_at is not None
    assert log(region) == [(ANNA, "ended"), ("", f"{flag}: True -> False")]


def test_the_history_tells_what_staff_and_listings_did(region: Register) -> None:
    """A trace is kept of every change, whoever made it."""
    appoint(region, wanted(of=EMIL), NOW - DAY)
    with region.writing() as connection:
        listings = ListingChanges(connection, NOW, {"14": 3}, Cause(source="CreateListing", actor_id="her"))
        listings.choose_doctor(ANNA, ALFA, DORA.hsa_id)
        listings.finish()
    with region.reading() as connection:
        told = [(one.kind, one.by, one.reason) for one in history(connection, ANNA)]
    # S000-037: a trace is kept of what was removed, and by whom
    assert told == [
        ("appointed", "Karin", "asked for it"),
        ("doctor_ended", "her", "CreateListing"),
        ("doctor_chosen", "her", "CreateListing"),
    ]


def test_residents_without_a_doctor(region: Register) -> None:
    """Newly listed first; a doctor elsewhere or to come is no doctor of today."""
    keep(
        region,
        works_at(DORA, BETA),
        listing("L1", BO, ALFA, valid_from=NOW - DAY),
        contact("b", BO, DORA, BETA),
        contact("c", CLARA, DORA, ALFA, valid_from=TODAY + DAY),
        listing("over", DAN, ALFA, valid_to=NOW),
    )
    with region.reading() as connection:
        found = lists.without_doctor(connection, NOW)
        assert lists.without_doctor(connection, NOW, BETA.hsa_id) == []
    # S001-009: newly listed first
    # S001-037: a doctor elsewhere or to come is no doctor of today
    assert [(one.person_id, one.doctor_from) for one in found] == [
        (BO, None),
        (CLARA, TODAY + DAY),
        (ANNA, None),
    ]
    keep(region, contact("a", ANNA, DORA, ROOM))
    with region.reading() as connection:
        assert ANNA not in [one.person_id for one in lists.without_doctor(connection, NOW)]


def test_workload_and_totals(region: Register) -> None:
    """Also of whom does not work there any more."""
    keep(
        region,
        works_at(DORA, ALFA, max_patients=1),
        works_at(EMIL, ALFA, valid_to=TODAY - DAY),
        *(contact(f"d-{one}", one, DORA, ALFA) for one in (ANNA, BO)),
        contact("e", CLARA, EMIL, ALFA, type_code=CARE_CONTACT),
        contact("f", CLARA, DORA, ALFA, valid_from=TODAY + DAY),
    )
    with region.reading() as connection:
        found = [
            (one.staff.surname, kind, one.count(kind).now, one.free if kind == DOCTOR_CONTACT else None)
            for one, kind in lists.workload(connection, NOW)
        ]
        totals = lists.totals(connection, NOW, CARE_CONTACT)
        named = [one.contact.id for one in lists.in_force(connection, NOW, DOCTOR_CONTACT)]
    # S001-029, S001-030: patients and free places of each
    # S002-015: also of whom does not work there any more
    assert found == [("Dora", DOCTOR_CONTACT, 2, -1), ("Emil", CARE_CONTACT, 1, None)]
    # S002-013: number for each unit
    assert [(str(one.unit.hsa_id), one.contacts, one.staff) for one in totals] == [(str(ALFA.hsa_id), 1, 1)]
    assert named == [f"d-{one}" for one in sorted((ANNA, BO))]


PEOPLE = [f"{number:012d}" for number in range(40)]


def test_dealing_is_in_proportion_to_the_room() -> None:
    """Within caps, the rest is left."""
    dealt = distributing.allot(PEOPLE, {hsa("a"): 60, hsa("b"): 20, hsa("c"): 0}, 1)
    assert sorted(dealt) == PEOPLE
    # S001-059: at random, in proportion to the room
    assert [list(dealt.values()).count(hsa(one)) for one in "abc"] == [30, 10, 0]
    few = distributing.allot(PEOPLE, {hsa("a"): 3, hsa("b"): 4}, 1)
    assert [list(few.values()).count(hsa(one)) for one in "ab"] == [3, 4]
    uneven = distributing.allot(PEOPLE, {hsa(one): 14 for one in "abc"}, 1)
    assert sorted(list(uneven.values()).count(hsa(one)) for one in "abc") == [13, 13, 14]


@pytest.mark.parametrize(
    ("room", "dealt"),
    [
        ({"a": None, "b": 1496}, [20, 20]),
        ({"a": None, "b": 1496, "c": 1495, "d": 0}, [13, 14, 13, 0]),
        ({"a": None, "b": 60, "c": 20}, [13, 20, 7]),
        ({"a": None, "b": 3}, [37, 3]),
        ({"a": None, "b": 3, "c": None}, [19, 3, 18]),
        ({"a": None, "b": 0}, [40, 0]),
        ({"a": None, "b": None}, [20, 20]),
    ],
)
def test_a_doctor_without_a_cap_gets_what_the_others_get(
    room: dict[str, int | None], dealt: list[int]
) -> None:
    """On average, and beside that what they have no room for; who is full is not one of them."""
    found = distributing.allot(PEOPLE, {hsa(one): free for one, free in room.items()}, 1)
    assert [list(found.values()).count(hsa(one)) for one in room] == dealt


def test_few_residents_are_dealt_evenly_to_a_doctor_without_a_cap_and_others() -> None:
    """Three to deal are not three against the 1 496 that another has room for."""
    found = distributing.allot(PEOPLE[:4], {hsa("a"): None, hsa("b"): 1496}, 1)
    assert list(found.values()).count(hsa("a")) == 2


def test_the_same_seed_deals_the_same() -> None:
    """What the dry run shows is what is done."""
    room = {hsa("a"): 25, hsa("b"): 25}
    turned = dict(reversed(room.items()))
    # S001-059: what is shown first is what is done
    assert distributing.allot(PEOPLE, room, 7) == distributing.allot(PEOPLE[::-1], turned, 7)
    assert distributing.allot(PEOPLE, room, 7) != distributing.allot(PEOPLE, room, 8)


@pytest.mark.parametrize("room", [{}, {hsa("a"): 0}], ids=["nobody", "no room"])
def test_nothing_to_deal(room: dict[HsaId, int | None]) -> None:
    assert distributing.allot(PEOPLE, room, 1) == {}
    assert distributing.allot([], {hsa("a"): None}, 1) == {}


def test_units_and_staff_of_one_name_are_told_by_hsa_id(region: Register) -> None:
    twin_unit, twin = unit("Twin", name=ALFA.name), doctor("Another", surname=DORA.surname)
    keep(region, twin_unit, twin, works_at(twin, ALFA), works_at(DORA, twin_unit))
    for person, one, at in ((ANNA, twin, ALFA), (BO, DORA, twin_unit)):
        keep(region, contact(person, person, one, at, type_code=CARE_CONTACT))
    with region.reading() as connection:
        found = [(str(one.unit.hsa_id), str(one.staff.hsa_id)) for one, _ in lists.workload(connection, NOW)]
        totals = [str(one.unit.hsa_id) for one in lists.totals(connection, NOW, CARE_CONTACT)]
    assert list(dict.fromkeys(found)) == [  # as they are spelled: upper case comes first
        (str(twin_unit.hsa_id), str(DORA.hsa_id)),
        (str(ALFA.hsa_id), str(twin.hsa_id)),
        (str(ALFA.hsa_id), str(DORA.hsa_id)),
        (str(ALFA.hsa_id), str(EMIL.hsa_id)),
    ]
    assert totals == [str(twin_unit.hsa_id), str(ALFA.hsa_id)]
