"""GetListing 2.1: where the resident is listed, and queuing, in the addressed region (TKB 2.1)."""

from contacts.care_managers import care_managers_of
from contacts.visibility import is_shown
from contracts import rules
from contracts.clock import a_year_before
from contracts.codes import DOCTOR_CONTACT, PV
from contracts.identifiers import HsaId
from contracts.messages import GetListing
from listings.current import listed_at, queued_at, relistings_since
from listings.settings import Visibility
from listings.visibility import belongs_to, shown_to_person
from mapping.answers import carelisting
from producer.service import Call, Reply, Service
from register.directory import listing_types
from register.residents import find_resident


def get_listing(service: Service, call: Call, request: GetListing) -> Reply:
    """Answer with the active listings and queue places the actor may see.

    A person nobody may see, and a person who is unknown, get the same answer: OK and nothing in it.
    """
    county, region = service.region(call)
    person = service.subject_of_carelisting(call, request.person_id, "personId", request.actor)
    actor = request.actor.actor_type
    actor_id = rules.actor_id(request.actor, check_digits=service.check_digits)
    sees = service.sees(call, region, actor)
    with service.register.reading() as connection:
        resident = find_resident(connection, person.extension)
        if resident is None or not is_shown(resident, call.now.date()):
            return Reply(carelisting.listings([], [], {}, None))
        if actor.is_person:
            sees = shown_to_person(connection, resident, actor, actor_id, sees)
        if sees is Visibility.NONE:
            return Reply(carelisting.listings([], [], {}, None))
        hidden = service.hidden_units(call, connection)
        listed = listed_at(connection, resident.person_id, county, call.now, hidden=hidden)
        queued = queued_at(connection, resident.person_id, county, call.now, hidden=hidden)
        if sees is Visibility.OWN:
            organisation = HsaId(actor_id)
            listed = [one for one in listed if belongs_to(connection, one.facility.unit, organisation)]
            queued = [one for one in queued if belongs_to(connection, one.facility.unit, organisation)]
        link = None
        if service.settings.carelisting.doctor_extension:
            contacts = care_managers_of(connection, resident.person_id, call.now, hidden=hidden)
            link = next((one for one in contacts if one.contact.type_code == DOCTOR_CONTACT), None)
        names = carelisting.type_names(listing_types(connection, county))
        remaining = None
        if resident.home_county == county:
            since = a_year_before(call.now)
            changes = relistings_since(connection, resident.person_id, PV.key, since, call.now)
            remaining = max(0, region.max_changes_per_year - changes)
    element = carelisting.listings(listed, queued, names, remaining, link)
    return Reply(element, len(listed) + len(queued))
