"""GetCareManagers 1.0: the fixed contacts of a patient (TKB 1.0 RC2; facts section 8)."""

from functools import lru_cache

import structlog
from sqlalchemy import Connection

from contacts.care_managers import CareManager, care_managers_of
from contacts.identity import sent_identity
from contacts.visibility import is_shown
from contracts import oids, rules
from contracts.codes import fixed_contact_type
from contracts.identifiers import HsaId
from contracts.messages import GetCareManagers
from mapping.answers import residentparticipation
from producer.service import Call, CallSubject, Reply, Service
from register.model import Resident
from register.residents import find_resident

log = structlog.get_logger(__name__)


def get_care_managers(service: Service, call: Call, request: GetCareManagers) -> Reply:
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
    call.subject = CallSubject(person.extension)
    with service.register.reading() as connection:
        resident = find_resident(connection, person.extension)
        shown = resident if is_shown(resident, call.now.date()) else None
        found = _contacts(service, call, connection, shown) if shown else []
    patient = sent_identity(resident) if resident else None
    fitting = [one for one in found if _fits(one, request, giver, unit)] if patient else []
    for one in fitting:
        if fixed_contact_type(one.contact.type_code) is None:
            _warn_of_type(one.contact.type_code)
    element = residentparticipation.care_managers(
        fitting,
        patient or person,
        settings.source_system_id,
        staff_numbers_in_notes=settings.staff_only_numbers == "internal_notes",
    )
    return Reply(element, len(fitting))


def _contacts(service: Service, call: Call, connection: Connection, resident: Resident) -> list[CareManager]:
    settings = service.care_managers(call)
    return care_managers_of(
        connection,
        resident.person_id,
        call.now,
        max_care_contacts=settings.max_care_contacts,
        lone_coordinator=settings.lone_coordinator == "send",
        hidden=service.hidden_units(call, connection),
    )


@lru_cache(maxsize=256)
def _warn_of_type(code: str) -> None:
    """Log once per process that a code is sent which the list lacks."""
    log.warning("contact_type_unknown", code=code)


def _fits(contact: CareManager, request: GetCareManagers, giver: HsaId | None, unit: HsaId | None) -> bool:
    if giver is not None and contact.provider.hsa_id != giver:
        return False
    if unit is not None and contact.care_unit.hsa_id != unit:
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
