"""GetCareManagers 1.0: which types are sent, how many of a type, and staff with protected identity."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from contracts import oids
from contracts.codes import LOCAL_CONTACT_TYPES
from mapping.sources.values import CONTACT_TYPE
from register.database import Register
from register.model import FixedContact
from tests.asking import care_managers, values
from tests.databases import keep
from tests.messages import code, hsa
from tests.producers import SOURCE_SYSTEM, make_producer
from tests.records import ANNA, LONG_AGO, PROVIDER, TODAY, contact, doctor, residents, unit

DAY = timedelta(days=1)
CLINIC, CENTRE = unit("clinic"), unit("centre")
NORA, OLLE, SARA = doctor("nora"), doctor("olle"), replace(doctor("sara"), protected=True)


def shown(register: Register, *contacts: FixedContact, asked: str = "", **settings: Any) -> list[str]:
    """Return the ids of the contacts in an answer, which stand in their notes."""
    noted = [replace(one, external_notes=one.id) for one in contacts]
    keep(register, PROVIDER, CLINIC, CENTRE, NORA, OLLE, SARA, *residents(ANNA), *noted)
    app = make_producer(register, care_managers={"source_system_id": SOURCE_SYSTEM} | settings)
    return [one for item in care_managers(app, ANNA, asked) for one in values(item, "externalNotes")]


def care(id: str, **changes: Any) -> FixedContact:
    return replace(contact(id, ANNA, NORA, CLINIC, type_code="1"), **changes)


@pytest.mark.parametrize("local", LOCAL_CONTACT_TYPES)
def test_kinds_without_a_code_are_kept_and_never_sent(sqlite_register: Register, local: str) -> None:
    """A kontaktsjuksköterska has no code, nor has a role.

    Who also is fast vårdkontakt is sent as that.
    """
    role = care("role", type_code=local)
    # S003-002, S003-051: a kind of contact without a national code is in no answer
    assert shown(sqlite_register, role) == []
    asked = code("careManagerType", local, oids.FIXED_CONTACT_TYPE)
    assert shown(sqlite_register, role, asked=asked) == []
    # S000-049: who is fast vårdkontakt besides is sent as that alone
    assert shown(sqlite_register, role, care("F1")) == ["F1"]
    assert CONTACT_TYPE.warn is not None
    assert CONTACT_TYPE.warn(local) is None


def test_an_unknown_code_is_sent_with_one_warning(sqlite_register: Register) -> None:
    """The list is open: sent without name, and told in the log once."""
    with capture_logs() as logs:
        assert shown(sqlite_register, care("F1", type_code="801")) == ["F1"]
        assert shown(sqlite_register, care("F1", type_code="801")) == ["F1"]
    warnings = [one for one in logs if one["event"] == "contact_type_unknown"]
    assert warnings == [{"event": "contact_type_unknown", "log_level": "warning", "code": "801"}]


@pytest.mark.parametrize("text", ["Fast läkarkontakt", "Samordnare Öberg", "2a", "12345", "２"])
def test_a_text_is_never_sent_as_a_code(sqlite_register: Register, text: str) -> None:
    """What stands under the OID of Kv typ av fast kontakt is a code: a text may be anything, a name too."""
    assert shown(sqlite_register, care("F1", type_code=text), care("F2")) == ["F2"]
    assert CONTACT_TYPE.warn is not None
    assert CONTACT_TYPE.warn(text) == "is no code of Kv typ av fast kontakt; it is kept, and never sent"


def test_a_known_code_is_no_warning(sqlite_register: Register) -> None:
    with capture_logs() as logs:
        shown(sqlite_register, *(care(f"F{kind}", type_code=kind) for kind in "134"))
    assert [one for one in logs if one["event"] == "contact_type_unknown"] == []


BOTH = (care("F1", valid_from=TODAY - DAY), care("F2", valid_from=TODAY - 2 * DAY))
LIMITED: dict[str, tuple[tuple[FixedContact, ...], list[str]]] = {
    "began last": (BOTH, ["F1"]),
    "documented last": (
        (care("F1", documented_at=LONG_AGO), care("F2", documented_at=LONG_AGO - DAY)),
        ["F1"],
    ),
    "neither": ((care("F1"), care("F2")), ["F2"]),
    "the later one ended": (
        (care("F1"), care("F2", valid_from=TODAY - 2 * DAY, valid_to=TODAY - DAY)),
        ["F1"],
    ),
    "the later one is to come": ((care("F1"), care("F2", valid_from=TODAY + DAY)), ["F1"]),
    # To show the one before would be wrong.
    "the later one is protected": ((care("F1"), care("F2", valid_from=TODAY, staff=SARA.hsa_id)), []),
    "other types": ((*BOTH, care("F3", type_code="3"), care("F4", type_code="4")), ["F1", "F3", "F4"]),
}


@pytest.mark.parametrize("name", LIMITED)
def test_one_fast_vardkontakt(sqlite_register: Register, name: str) -> None:
    """Seed conflict 1: the one appointed last; without the setting there is no limit."""
    contacts, expected = LIMITED[name]
    # S000-041: where the region allows one, the one appointed last is sent
    assert shown(sqlite_register, *contacts, max_care_contacts=1) == expected
    # S003-036: without the setting all are sent
    assert set(shown(sqlite_register, *contacts)) >= set(expected)


def test_a_limit_is_no_filter(sqlite_register: Register) -> None:
    """Who is past the limit is not shown to one who asks for that unit either."""
    contacts = (care("F1", valid_from=TODAY), care("F2", unit=CENTRE.hsa_id))
    at_centre = hsa("careUnitId", CENTRE.hsa_id)
    assert shown(sqlite_register, *contacts, asked=at_centre, max_care_contacts=1) == []
    assert shown(sqlite_register, *contacts, asked=at_centre, max_care_contacts=2) == ["F2"]


@pytest.mark.parametrize(("others", "alone"), [(0, True), (1, True), (2, False)])
@pytest.mark.parametrize("setting", ["send", "omit"])
def test_a_coordinator_without_contacts_to_coordinate(
    sqlite_register: Register, others: int, alone: bool, setting: str
) -> None:
    """Sent all the same unless set otherwise; a filter on the type does not make it lone."""
    contacts = [care(f"F{number}") for number in range(others)]
    asked = code("careManagerType", "4", oids.FIXED_CONTACT_TYPE)
    found = shown(sqlite_register, *contacts, care("C", type_code="4"), asked=asked, lone_coordinator=setting)
    # S003-038: the coordinating contact is sent, alone too unless set otherwise
    assert found == ([] if alone and setting == "omit" else ["C"])


@pytest.mark.parametrize("kind", ["1", "3", "4", "77"])
def test_staff_with_protected_identity_is_not_sent(sqlite_register: Register, kind: str) -> None:
    """The schema demands the person's HSA-id, so there is no contact of unit and team alone (ADR 12)."""
    hidden, open_to_all = care("F1", staff=SARA.hsa_id, type_code=kind), care("F2", type_code=kind)
    assert shown(sqlite_register, hidden, open_to_all) == ["F2"]
