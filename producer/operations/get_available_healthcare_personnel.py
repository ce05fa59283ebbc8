"""GetAvailableHealthcarePersonnel 2.0: doctors a resident can choose at a facility (TKB 2.1)."""

from contacts.doctors import selectable_doctors
from contacts.visibility import is_shown
from contracts.codes import PV
from contracts.identifiers import HsaId
from contracts.messages import GetAvailableHealthcarePersonnel
from listings.facilities import find_facility
from mapping.answers import carelisting
from producer.service import Call, Reply, Service
from register.residents import find_resident


def get_available_healthcare_personnel(
    service: Service, call: Call, request: GetAvailableHealthcarePersonnel
) -> Reply:
    """Answer with the selectable doctors of a facility that offers the choice; of any other with none.

    A doctor is chosen with a PV listing only, as CreateListing has it: a facility without PV has none, and so
    has a question about other types. Where the region lets only its own residents choose, a person it may not
    show gets what a stranger gets.
    """
    county, region = service.region(call)
    person = service.subject_of_carelisting(call, request.person_id, "personId")
    unit = HsaId(request.healthcare_facility)
    with service.register.reading() as connection:
        if region.personnel_for == "residents":
            resident = find_resident(connection, person.extension)
            if resident is None or not is_shown(resident, call.now.date()) or resident.home_county != county:
                return Reply(carelisting.personnel([]))
        facility = find_facility(connection, unit, county, call.now)
        doctors = selectable_doctors(connection, unit, county, call.now)
        hidden = unit in service.hidden_units(call, connection)
    asked = [(one.code, one.code_system) for one in request.listing_types] or [PV.key]
    if hidden or facility is None or PV.key not in asked or not facility.offers(PV.key):
        doctors = []
    extended = service.settings.carelisting.doctor_extension
    return Reply(carelisting.personnel(doctors, extended=extended), len(doctors))
