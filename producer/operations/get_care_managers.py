"""GetCareManagers 1.0: the fixed contacts of a patient (TKB 1.0 RC2; facts section 8)."""

from contracts import oids, rules
from contracts.identifiers import HsaId, PersonId, PersonIdKind, hsa_key
from contracts.messages import GetCareManagers
from mapping import residentparticipation
from mapping.visibility import is_shown
from producer.service import Answer, Call, Service, Subject
from register import queries
from register.model import Resident
from register.views import Contact


def get_care_managers(service: Service, call: Call, request: GetCareManagers) -> Answer:
    """Answer with the contacts that are active today and fit every filter.

    The contract has no resultCode: what it forbids is answered with a Fault, and a person nobody may see with
    the empty list an unknown person gets.
    """
    settings = service.care_managers(call)
    person = rules.person(
        request.patient_id, "patientId", rules.CARE_MANAGER_PERSONS, check_digits=service.check_digits
    )
    giver = rules.hsa_id(request.care_giver_id, "careGiverId") if request.care_giver_id else None
    unit = rules.hsa_id(request.care_unit_id, "careUnitId") if request.care_unit_id else None
    call.subject = Subject(person.extension)
    with service.register.reading() as connection:
        resident = queries.find_resident(connection, person.extension)
        shown = resident is not None and is_shown(resident)
        found = queries.contacts(connection, resident.person_id, call.now) if resident and shown else []
    patient = _header_identity(resident) if resident else None
    fitting = [one for one in found if _fits(one, request, giver, unit)] if patient else []
    element = residentparticipation.care_managers(
        fitting,
        patient or person,
        settings.source_system_id,
        staff_numbers_in_notes=settings.staff_only_numbers == "internal_notes",
    )
    return Answer(element, len(fitting))


def _header_identity(resident: Resident) -> PersonId | None:
    """Return the identity to send: the resident's own, or another one where that is a reserve number.

    A reserve number may be asked with but is not among those accessControlHeader may carry (TKB 1.0 RC2), so
    somebody with nothing else cannot be answered for.
    """
    identities = (PersonId.from_number(one, check_digits=False) for one in _identities(resident))
    return next((one for one in identities if one.kind is not PersonIdKind.NATIONAL_RESERVE_NUMBER), None)


def _identities(resident: Resident) -> tuple[str, ...]:
    return (resident.person_id, *resident.other_ids)


def _fits(contact: Contact, request: GetCareManagers, giver: HsaId | None, unit: HsaId | None) -> bool:
    if giver is not None and hsa_key(contact.provider.hsa_id) != giver.key:
        return False
    if unit is not None and hsa_key(contact.care_unit.hsa_id) != unit.key:
        return False
    types = request.care_manager_type
    if types and not any(
        one.code == contact.contact.type_code and one.code_system in (None, oids.FIXED_CONTACT_TYPE)
        for one in types
    ):
        return False
    process = request.care_process_id
    return process is None or (process.root, process.extension) == (
        contact.contact.care_process_root,
        contact.contact.care_process_id,
    )
