"""GetCareManagers 1.0: ways to reach a contact, who may see which, where they stand, when they are open."""

from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from register.database import Register
from register.model import Audience, ContactRoute, Record
from tests.asking import care_managers, values
from tests.databases import keep
from tests.producers import SOURCE_SYSTEM, make_producer
from tests.records import (
    ANNA,
    BO,
    PROVIDER,
    contact,
    doctor,
    phone,
    residents,
    team,
    unit,
)

DAY = timedelta(days=1)
CLINIC = unit("clinic")
BRANCH = unit("branch", care_unit=CLINIC.hsa_id)
ELSEWHERE = unit("elsewhere")
NORA, OLLE = doctor("nora"), doctor("olle")
TEAM = team("T1", BRANCH, internal_notes="Möte på måndagar")

OWNERS: dict[str, tuple[dict[str, Any], str, str]] = {
    # name: owner of a route, the element its routes stand in, and that of the notes for staff
    "person": ({"staff": NORA.hsa_id, "unit": BRANCH.hsa_id}, "contact", "internalNotes"),
    "team": ({"team": TEAM.id}, "careTeam/contact", "careTeam/internalNotes"),
    "working unit": ({"unit": BRANCH.hsa_id}, "careProvidingCareUnit/contact", "internalNotes"),
    "care unit": ({"unit": CLINIC.hsa_id}, "managingCareUnit/contact", "internalNotes"),
    "provider": ({"provider": PROVIDER.hsa_id}, "managingCareGiver/contact", "internalNotes"),
}


def answered(register: Register, *records: Record, visible: bool = False, **settings: Any) -> etree._Element:
    """Return the one contact of a resident: Nora of team T1, in the work at the branch."""
    keep(
        register,
        PROVIDER,
        CLINIC,
        BRANCH,
        ELSEWHERE,
        NORA,
        OLLE,
        TEAM,
        *residents(ANNA, BO),
        contact("F1", ANNA, NORA, BRANCH, type_code="1", team=TEAM.id, direct_number_visible=visible),
        *records,
    )
    settings = {"source_system_id": SOURCE_SYSTEM} | settings
    (item,) = care_managers(make_producer(register, care_managers=settings))
    return item


def everywhere(item: etree._Element, name: str) -> list[str]:
    return [one.text for one in item.iterfind(f".//{{*}}{name}")]


@pytest.mark.parametrize("owner", OWNERS)
@pytest.mark.parametrize(
    ("audience", "visible", "shown"),
    [
        (Audience.PATIENT, False, {"person", "team", "working unit", "care unit", "provider"}),
        (Audience.BY_CHOICE, True, {"person"}),
        (Audience.BY_CHOICE, False, set()),
        (Audience.STAFF, True, set()),
        (Audience.STAFF, False, set()),
    ],
)
@pytest.mark.parametrize("setting", ["internal_notes", "omit"])
def test_who_may_see_a_number(
    sqlite_register: Register, owner: str, audience: Audience, visible: bool, shown: set[str], setting: str
) -> None:
    """A patient portal may show every contact element; only what is for the patient stands there.

    The others go to internalNotes or nowhere (seed conflict 6).
    """
    whose, place, notes = OWNERS[owner]
    route = phone("123", audience=audience, **whose)
    item = answered(sqlite_register, route, visible=visible, staff_only_numbers=setting)
    if owner in shown:
        assert values(item, f"{place}/telecom/value") == ["010-123"]
        assert etree.tostring(item, encoding="unicode").count("010-123") == 1
        return
    # S002-009, S003-070, S003-085: a number that is not for the patient is in no contact element
    assert everywhere(item, "telecom") == []
    for name in ("internalNotes", "careTeam/internalNotes"):
        told = any("010-123" in text for text in values(item, name))
        # S003-060: it is in the notes for care staff, unless the setting leaves it out
        assert told == (setting == "internal_notes" and name == notes)
    assert etree.tostring(item, encoding="unicode").count("010-123") == (setting == "internal_notes")
    assert "Möte på måndagar" in values(item, "careTeam/internalNotes")[0]


def test_a_direct_number_is_shown_patient_by_patient(sqlite_register: Register) -> None:
    """Default no."""
    direct = phone("1", audience=Audience.BY_CHOICE, staff=NORA.hsa_id, unit=CLINIC.hsa_id)
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        NORA,
        direct,
        *residents(ANNA, BO),
        contact("F1", ANNA, NORA, CLINIC, type_code="1", direct_number_visible=True),
        contact("F2", BO, NORA, CLINIC, type_code="1"),
    )
    app = make_producer(sqlite_register)
    # S003-061: shown to the patient for whom staff have allowed it
    assert [values(one, "contact/telecom/value") for one in care_managers(app, ANNA)] == [["010-1"]]
    # S003-061: and not to another patient of the same person
    assert [values(one, "contact/telecom/value") for one in care_managers(app, BO)] == [[]]


def test_routes_of_others_are_not_in_it(sqlite_register: Register) -> None:
    other_team = team("T2", BRANCH)
    item = answered(
        sqlite_register,
        other_team,
        phone("1", staff=NORA.hsa_id, unit=ELSEWHERE.hsa_id),  # her number in another job
        phone("2", staff=NORA.hsa_id, unit=CLINIC.hsa_id),
        phone("3", staff=OLLE.hsa_id, unit=BRANCH.hsa_id),
        phone("4", team=other_team.id),
        phone("5", unit=ELSEWHERE.hsa_id),
    )
    assert everywhere(item, "telecom") == []


def test_notes_for_staff_are_one_text(sqlite_register: Register) -> None:
    """Own note first, then each number with whose it is and its hours."""
    keep(sqlite_register, PROVIDER, CLINIC, BRANCH, NORA, TEAM, *residents(ANNA))
    noted = contact("F1", ANNA, NORA, BRANCH, type_code="1", internal_notes="Ring inte sonen")
    keep(
        sqlite_register,
        noted,
        phone(
            "1", audience=Audience.BY_CHOICE, staff=NORA.hsa_id, unit=BRANCH.hsa_id, hours="Mon 08:00-09:00"
        ),
        phone("2", audience=Audience.STAFF, unit=CLINIC.hsa_id),
        phone("3", audience=Audience.STAFF, unit=BRANCH.hsa_id),
        phone("4", audience=Audience.STAFF, provider=PROVIDER.hsa_id),
    )
    (item,) = care_managers(make_producer(sqlite_register))
    assert values(item, "internalNotes") == [
        "Ring inte sonen\n"
        "Direkt, endast för vårdpersonal: 010-1 (Mån 08:00-09:00)\n"
        "Vård till vård, Clinic: 010-2\n"
        "Vård till vård, Branch: 010-3\n"
        "Vård till vård, Regionen: 010-4"
    ]


def test_a_care_unit_is_told_of_once(sqlite_register: Register) -> None:
    """Where the contact works at the care unit itself there is no careProvidingCareUnit."""
    keep(
        sqlite_register,
        PROVIDER,
        CLINIC,
        NORA,
        *residents(ANNA),
        contact("F1", ANNA, NORA, CLINIC, type_code="1"),
        phone("1", unit=CLINIC.hsa_id),
        phone("2", audience=Audience.STAFF, unit=CLINIC.hsa_id),
    )
    (item,) = care_managers(make_producer(sqlite_register))
    assert values(item, "careProvidingCareUnit/hsaId/extension") == []
    assert everywhere(item, "value") == ["010-1"]
    assert values(item, "internalNotes") == ["Vård till vård, Clinic: 010-2"]


Hours = list[tuple[list[str], list[str], list[str], list[str]]]
WORKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
SUMMER = ["June", "July", "August"]
REST = ["January", "February", "March", "April", "May", "September", "October", "November", "December"]
HOURS: dict[str, Hours] = {
    # notation: for each period its dates, week days, months and times (facts section 8, HoursOfServiceType)
    "": [],
    "Mon-Fri 08:00-17:00": [([], WORKDAYS, [], ["080000", "170000"])],
    "Mon-Fri 08:00-12:00,13:00-16:30": [  # a lunch break
        ([], WORKDAYS, [], ["080000", "120000"]),
        ([], WORKDAYS, [], ["130000", "163000"]),
    ],
    "Sep-May 08:00-17:00; Jun-Aug mån,ons 09:00-12:00": [
        ([], [], REST, ["080000", "170000"]),
        ([], ["Monday", "Wednesday"], SUMMER, ["090000", "120000"]),
    ],
    "2026-06-01/2026-08-31 Sat": [(["20260601", "20260831"], ["Saturday"], [], [])],
    "2026-06-01/ 20:00-24:00": [(["20260601"], [], [], ["200000", "235959"])],
}


@pytest.mark.parametrize("notation", HOURS)
def test_hours_belong_to_a_route(sqlite_register: Register, notation: str) -> None:
    """One date period and one time for each element, which the schema says (seed conflict 10)."""
    timed = ContactRoute("1", "phone", "010-1", hours=notation or None, unit=CLINIC.hsa_id)
    item = answered(sqlite_register, timed, phone("2", unit=CLINIC.hsa_id))
    first, second = item.iterfind("{*}managingCareUnit/{*}contact/{*}telecom")
    found = [
        (values(one, "datePeriod/*"), values(one, "weekDay"), values(one, "month"), values(one, "time/*"))
        for one in first.iterfind("{*}period")
    ]
    # S003-092: the hours are sent with the route they are of
    assert found == HOURS[notation]
    # S003-092: and with no other route of the unit
    assert values(second, "period") == []


@pytest.mark.parametrize("system", ["phone", "fax", "email", "pager", "url", "sms", "other"])
def test_every_kind_of_route(sqlite_register: Register, system: str) -> None:
    """Chat and video are links; the value is sent as the source writes it."""
    route = ContactRoute("1", system, "Någonting: å/ä & <ö>", unit=CLINIC.hsa_id)
    item = answered(sqlite_register, route)
    telecom = "managingCareUnit/contact/telecom"
    # S004-030: telephone, chat, video and the others are told apart
    assert values(item, f"{telecom}/system/code") == [system]
    assert values(item, f"{telecom}/value") == ["Någonting: å/ä & <ö>"]
