"""The quality of what is kept about fixed contacts: what cannot be shown, what breaks a rule or a law text.

Nothing here stops an answer: a finding is for those who keep the source in order. A contact without HSA-id or
with an unknown unit has no finding, since the import refuses it (design rule 7).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from contacts.care_managers import CareManager
from contacts.kept import KeptContacts
from contacts.visibility import split_routes
from contracts.codes import (
    CARE_CONTACT,
    COORDINATING_CONTACT,
    DOCTOR_CONTACT,
    FEWEST_TO_COORDINATE,
    HOME_CARE_CONTACT,
    LOCAL_CONTACT_TYPES,
    fixed_contact_type,
    is_assistant_nurse,
    is_contact_code,
    is_fixed_doctor,
    is_licensed_doctor,
)
from register.ids import MADE_HERE
from register.model import Audience


class FindingKind(StrEnum):
    """What is wrong with a contact."""

    NO_ROUTE = "no_route"
    """The patient can see no route on any level (requirement rows S001-002 and S003-086)."""
    DIRECT_NUMBER_FOR_ALL = "direct_number_for_all"
    """A route straight to the person is open to every patient, with nobody's choice (S003-061)."""
    DOCTOR_NOT_LISTED = "doctor_not_listed"
    """A doctor at another unit than the one the resident is listed at; not sent (S003-013, S000-021)."""
    SEVERAL_DOCTORS = "several_doctors"
    """One of several doctors the listing carries; the one appointed last is sent (S000-019)."""
    TOO_MANY_CARE_CONTACTS = "too_many_care_contacts"
    """One of more contacts with code 1 than the setting allows (S000-041)."""
    LONE_COORDINATOR = "lone_coordinator"
    """Code 4 without two contacts with code 1 to coordinate (S003-038)."""
    SEVERAL_COORDINATORS = "several_coordinators"
    """One of several contacts with code 4 (S003-038)."""
    NOT_FIXED_DOCTOR = "not_fixed_doctor"
    """Code 2 and a befattning that is no general practitioner's or other fitting doctor's (S003-006)."""
    NO_ASSISTANT_NURSE = "no_assistant_nurse"
    """Code 3 and a befattning that is no undersköterska's, or none (S003-008, S003-042)."""
    NO_LICENSED_DOCTOR = "no_licensed_doctor"
    """Appointed for a life-threatening condition, and no licensed doctor (S003-022)."""
    TYPE_IS_NO_CODE = "type_is_no_code"
    """A text where the code of a type stands; not sent."""
    UNKNOWN_TYPE = "unknown_type"
    """A code that the list of contact types lacks; sent without display name."""
    TEAM_ID_MADE_HERE = "team_id_made_here"
    """The source names the team and has no id for it, so the id was made here (seed conflict 5)."""
    STAFF_PROTECTED = "staff_protected"
    """The person has protected identity; not sent."""
    UNIT_CLOSED = "unit_closed"
    """The unit, or its care unit, is closed; not sent."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with one contact.

    Attributes:
        unit: HSA-id of the unit where the contact works.
    """

    kind: FindingKind
    unit: str
    unit_name: str
    person_id: str
    contact_id: str


def findings(kept: KeptContacts, *, max_care_contacts: int | None = None) -> Iterator[Finding]:
    """Yield what is wrong with a resident's contacts; those of kinds that are never sent are not looked at.

    Args:
        kept: The contacts of today.
        max_care_contacts: How many with code 1 the region allows; None means any number.
    """
    sent = [one for one in kept.contacts if one.contact.type_code not in LOCAL_CONTACT_TYPES]
    together = dict(_of_all(sent, kept, max_care_contacts))
    for one in sent:
        kinds = [*together.get(one.contact.id, ()), *_of_one(one, kept)]
        for kind in kinds:
            yield Finding(kind, str(one.unit.hsa_id), one.unit.name, kept.person_id, one.contact.id)


def _of_all(
    sent: list[CareManager], kept: KeptContacts, max_care_contacts: int | None
) -> Iterator[tuple[str, list[FindingKind]]]:
    """Yield, by contact, what is wrong with the number of contacts of a type."""
    care, coordinating, doctors = (
        [one for one in sent if one.contact.type_code == code]
        for code in (CARE_CONTACT, COORDINATING_CONTACT, DOCTOR_CONTACT)
    )
    if max_care_contacts is not None and len(care) > max_care_contacts:
        yield from ((one.contact.id, [FindingKind.TOO_MANY_CARE_CONTACTS]) for one in care)
    for one in coordinating:
        lone = [FindingKind.LONE_COORDINATOR] if len(care) < FEWEST_TO_COORDINATE else []
        several = [FindingKind.SEVERAL_COORDINATORS] if len(coordinating) > 1 else []
        yield one.contact.id, lone + several
    carried = [one for one in doctors if one.contact.id in kept.listed]
    for one in doctors:
        if one.contact.id not in kept.listed:
            yield one.contact.id, [FindingKind.DOCTOR_NOT_LISTED]
        elif len(carried) > 1:
            yield one.contact.id, [FindingKind.SEVERAL_DOCTORS]


def _of_one(one: CareManager, kept: KeptContacts) -> Iterator[FindingKind]:
    """Yield what is wrong with a contact by itself."""
    befattning = one.staff.befattning or ""
    if not _reachable(one):
        yield FindingKind.NO_ROUTE
    if any(route.audience is Audience.PATIENT for route in one.own_routes):
        yield FindingKind.DIRECT_NUMBER_FOR_ALL
    if one.contact.type_code == DOCTOR_CONTACT and befattning and not is_fixed_doctor(befattning):
        yield FindingKind.NOT_FIXED_DOCTOR
    if one.contact.type_code == HOME_CARE_CONTACT and not is_assistant_nurse(befattning):
        yield FindingKind.NO_ASSISTANT_NURSE
    if one.contact.life_threatening and not is_licensed_doctor(befattning):
        yield FindingKind.NO_LICENSED_DOCTOR
    if not is_contact_code(one.contact.type_code):
        yield FindingKind.TYPE_IS_NO_CODE
    elif fixed_contact_type(one.contact.type_code) is None:
        yield FindingKind.UNKNOWN_TYPE
    if one.team is not None and one.team.id_root == MADE_HERE:
        yield FindingKind.TEAM_ID_MADE_HERE
    if one.staff.protected:
        yield FindingKind.STAFF_PROTECTED
    if one.contact.id not in kept.open:
        yield FindingKind.UNIT_CLOSED


def _reachable(one: CareManager) -> bool:
    """Tell whether the patient is shown a route to the person, the team, a unit or the provider."""
    own, _ = split_routes(one.own_routes, direct_visible=one.contact.direct_number_visible)
    others = (*one.team_routes, *one.unit_routes, *one.care_unit_routes, *one.provider_routes)
    return bool(own or split_routes(others, direct_visible=False)[0])
