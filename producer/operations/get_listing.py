"""GetListing 2.1: where the resident is listed, and queuing, in the addressed region (TKB 2.1)."""

from contracts import rules
from contracts.clock import a_year_before
from contracts.codes import DOCTOR_CONTACT, PV
from contracts.messages import GetListing
from mapping import carelisting
from mapping.visibility import belongs_to, is_shown
from producer.service import Answer, Call, Service
from producer.settings import Visibility
from register import queries


def get_listing(service: Service, call: Call, request: GetListing) -> Answer:
    """Answer with the active listings and queue places the actor may see.

    A person nobody may see, and a person who is unknown, get the same answer: OK and nothing in it.
    """
    county, region = service.region(call)
    person = service.subject_of_carelisting(call, request.person_id, "personId", request.actor)
    sees = region.sees(request.actor.actor_type)
    with service.register.reading() as connection:
        resident = queries.find_resident(connection, person.extension)
        if resident is None or not is_shown(resident) or sees is Visibility.NONE:
            return Answer(carelisting.listings([], [], {}, None))
        hidden = service.hidden_units(call, connection)
        listed = queries.listed_at(connection, resident.person_id, county, call.now, hidden=hidden)
        queued = queries.queued_at(connection, resident.person_id, county, call.now, hidden=hidden)
        link = None
        if service.settings.carelisting.doctor_extension:
            contacts = queries.contacts(connection, resident.person_id, call.now, hidden=hidden)
            link = next((one for one in contacts if one.contact.type_code == DOCTOR_CONTACT), None)
        names = carelisting.type_names(queries.listing_types(connection, county))
        remaining = None
        if resident.home_county == county:
            since = a_year_before(call.now)
            changes = queries.changes_since(
                connection, resident.person_id, PV.code, PV.system, since, call.now
            )
            remaining = max(0, region.max_changes_per_year - changes)
    if sees is Visibility.OWN:
        organisation = rules.actor_id(request.actor, check_digits=service.check_digits)
        listed = [one for one in listed if belongs_to(one.facility.unit, organisation)]
        queued = [one for one in queued if belongs_to(one.facility.unit, organisation)]
    element = carelisting.listings(listed, queued, names, remaining, link)
    return Answer(element, len(listed) + len(queued))
