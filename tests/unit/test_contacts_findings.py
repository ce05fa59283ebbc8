"""What the report on the quality of fixed contacts finds, contact by contact."""

from dataclasses import replace
from typing import Any

import pytest

from contacts.care_managers import CareManager
from contacts.findings import FindingKind, findings
from contacts.kept import KeptContacts
from register.ids import MADE_HERE
from register.model import Audience
from tests.records import ANNA, PROVIDER, contact, doctor, phone, team, unit

CLINIC = unit("clinic")
NORA = doctor("nora", befattning="206011")
OPEN, BY_CHOICE, STAFF = (
    (phone("1", unit=CLINIC.hsa_id, audience=audience),)
    for audience in (Audience.PATIENT, Audience.BY_CHOICE, Audience.STAFF)
)
DIRECT = (phone("2", staff=NORA.hsa_id, unit=CLINIC.hsa_id, audience=Audience.BY_CHOICE),)


def kept_contact(id: str = "F1", code: str = "1", **values: Any) -> CareManager:
    """Return a contact that nothing is wrong with; values are those of the record or of the view."""
    view = {name: values.pop(name) for name in list(values) if name.endswith("routes") or name == "team"}
    staff = replace(
        NORA, **{name: values.pop(name) for name in ("befattning", "protected") if name in values}
    )
    one = contact(id, ANNA, staff, CLINIC, type_code=code, **values)
    return CareManager(one, staff, CLINIC, CLINIC, PROVIDER, **({"unit_routes": OPEN} | view))


def found(
    *contacts: CareManager, listed: tuple[str, ...] = (), limit: int | None = None, closed: str = ""
) -> Any:
    ids = {one.contact.id for one in contacts}
    kept = KeptContacts(ANNA, contacts, frozenset(listed), frozenset(ids - {closed}))
    return [(one.kind, one.contact_id) for one in findings(kept, max_care_contacts=limit)]


def kinds(one: CareManager, **how: Any) -> list[FindingKind]:
    return [kind for kind, _ in found(one, **how)]


def test_nothing_is_wrong_with_a_contact_in_order() -> None:
    assert kinds(kept_contact()) == []
    (finding,) = findings(KeptContacts(ANNA, (kept_contact(code="77"),), frozenset(), frozenset({"F1"})))
    assert finding.unit == str(CLINIC.hsa_id)
    assert finding.unit_name == CLINIC.name
    assert (finding.person_id, finding.contact_id) == (ANNA, "F1")


@pytest.mark.parametrize(
    ("routes", "reachable"),
    [
        ({"own_routes": DIRECT, "direct_number_visible": True}, True),
        ({"own_routes": DIRECT}, False),
        ({"team_routes": OPEN}, True),
        ({"unit_routes": OPEN}, True),
        ({"care_unit_routes": OPEN}, True),
        ({"provider_routes": OPEN}, True),
        ({"team_routes": STAFF, "unit_routes": STAFF, "provider_routes": BY_CHOICE}, False),
        ({}, False),
    ],
)
def test_a_route_on_some_level(routes: dict[str, Any], reachable: bool) -> None:
    """One the patient may see; what is for staff does not count."""
    one = kept_contact(**({"unit_routes": ()} | routes))
    # S001-002: a contact whom the patient has no way to reach is told of
    # S003-086: a way on any level does
    assert kinds(one) == ([] if reachable else [FindingKind.NO_ROUTE])


@pytest.mark.parametrize(
    ("audience", "wrong"), [(Audience.PATIENT, True), (Audience.BY_CHOICE, False), (Audience.STAFF, False)]
)
def test_a_direct_number_that_nobody_chose_to_show(audience: Audience, wrong: bool) -> None:
    one = kept_contact(own_routes=(replace(DIRECT[0], audience=audience),))
    # S003-061: a direct number that the source shows to all is told of
    assert kinds(one) == ([FindingKind.DIRECT_NUMBER_FOR_ALL] if wrong else [])


@pytest.mark.parametrize(
    ("befattning", "fits"),
    [
        ("207010", True),
        ("207014", True),
        ("207015", False),
        ("207023", False),
        ("999999", False),
        (None, False),
    ],
)
def test_a_home_care_contact_is_an_assistant_nurse(befattning: str | None, fits: bool) -> None:
    """Undersköterska; not barnsköterska or vårdbiträde."""
    one = kept_contact(code="3", befattning=befattning)
    # S003-008, S003-042, S003-048, S003-049: who is not undersköterska is told of
    assert kinds(one) == ([] if fits else [FindingKind.NO_ASSISTANT_NURSE])
    assert kinds(kept_contact(code="1", befattning=befattning)) == []


@pytest.mark.parametrize(
    ("befattning", "fits"),
    [
        *[(code, True) for code in ("201010", "201011", "202010", "203010", None)],
        *[(code, False) for code in ("203090", "204010", "206011", "207010")],
    ],
)
def test_a_doctor_has_a_befattning_that_fits(befattning: str | None, fits: bool) -> None:
    """The speciality cannot be told from it, and one that is not known is no fault."""
    one = kept_contact(code="2", befattning=befattning)
    # S003-006: a doctor whose befattning does not fit is told of
    assert kinds(one, listed=("F1",)) == ([] if fits else [FindingKind.NOT_FIXED_DOCTOR])
    assert kinds(kept_contact(code="1", befattning=befattning)) == []


@pytest.mark.parametrize(
    ("befattning", "licensed"),
    [
        *[(code, True) for code in ("201010", "201011", "202010", "203010", "203090")],
        *[(code, False) for code in ("204010", "204090", "206011", None)],
    ],
)
def test_a_life_threatening_condition_needs_a_licensed_doctor(befattning: str | None, licensed: bool) -> None:
    """204010 and 204090 are doctors without licence."""
    one = kept_contact(befattning=befattning, life_threatening=True)
    # S003-022, S003-034: who is not a licensed doctor is told of
    assert kinds(one) == ([] if licensed else [FindingKind.NO_LICENSED_DOCTOR])
    assert kinds(kept_contact(befattning=befattning)) == []


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"code": "77"}, FindingKind.UNKNOWN_TYPE),
        ({"code": "Fast vårdkontakt"}, FindingKind.TYPE_IS_NO_CODE),
        ({"team": team("T", CLINIC, id_root=MADE_HERE)}, FindingKind.TEAM_ID_MADE_HERE),
        ({"protected": True}, FindingKind.STAFF_PROTECTED),
    ],
)
def test_what_is_wrong_by_itself(changes: dict[str, Any], kind: FindingKind) -> None:
    assert kinds(kept_contact(**changes)) == [kind]


def test_a_closed_unit() -> None:
    assert kinds(kept_contact(), closed="F1") == [FindingKind.UNIT_CLOSED]


def test_a_team_with_an_id_of_its_source() -> None:
    """Seed conflict 5."""
    # S003-077: a team with an identifier of its source is in order
    assert kinds(kept_contact(team=team("T", CLINIC))) == []


def test_the_doctor_is_at_the_listed_unit() -> None:
    """At the unit of the listing, and one."""
    one, two = (kept_contact(id, "2", befattning="201011") for id in ("F1", "F2"))
    assert found(one, listed=("F1",)) == []
    # S000-021, S003-013, S003-064: a doctor at another unit than the listed one is told of
    assert found(one) == [(FindingKind.DOCTOR_NOT_LISTED, "F1")]
    assert found(one, two, listed=("F1",)) == [(FindingKind.DOCTOR_NOT_LISTED, "F2")]
    both = [(FindingKind.SEVERAL_DOCTORS, "F1"), (FindingKind.SEVERAL_DOCTORS, "F2")]
    # S000-019: two doctors are told of
    assert found(one, two, listed=("F1", "F2")) == both


@pytest.mark.parametrize(("limit", "wrong"), [(None, 0), (1, 2), (2, 0)])
def test_the_number_of_care_contacts(limit: int | None, wrong: int) -> None:
    """At most as many as the setting says."""
    expected = [(FindingKind.TOO_MANY_CARE_CONTACTS, id) for id in ("F1", "F2")][:wrong]
    # S000-041: more than the setting allows are told of
    assert found(kept_contact("F1"), kept_contact("F2"), kept_contact("F3", "4"), limit=limit) == expected


@pytest.mark.parametrize(
    ("others", "coordinators", "kind"),
    [
        (0, 1, [FindingKind.LONE_COORDINATOR]),
        (1, 1, [FindingKind.LONE_COORDINATOR]),
        (2, 1, []),
        (2, 2, [FindingKind.SEVERAL_COORDINATORS]),
        (1, 2, [FindingKind.LONE_COORDINATOR, FindingKind.SEVERAL_COORDINATORS]),
    ],
)
def test_a_coordinator_has_contacts_to_coordinate(
    others: int, coordinators: int, kind: list[FindingKind]
) -> None:
    """One coordinator, of two or more."""
    contacts = [kept_contact(f"F{n}") for n in range(others)]
    leading = [kept_contact(f"C{n}", "4") for n in range(coordinators)]
    # S003-038: a coordinator with fewer than two to coordinate is told of
    assert found(*contacts, *leading) == [(one, id.contact.id) for id in leading for one in kind]


@pytest.mark.parametrize("local", ["contact-nurse", "treating-role"])
def test_kinds_that_are_never_sent_are_not_looked_at(local: str) -> None:
    """They neither have faults nor count as contacts to coordinate."""
    role = kept_contact("R", local, unit_routes=(), life_threatening=True)
    # S000-047, S003-051: what is never sent has no faults of what is sent
    assert found(role) == []
    leading = kept_contact("C", "4")
    assert found(role, kept_contact("F1"), leading) == [(FindingKind.LONE_COORDINATOR, "C")]
