"""GetListingCounty 2.0: the counties where the resident has an active listing (TKB 2.1, GetListingCounty)."""

from contacts.visibility import is_shown
from contracts import rules
from contracts.identifiers import HsaId
from contracts.messages import GetListingCounty
from listings.current import listed_at, out_of_county
from listings.settings import Visibility
from listings.visibility import belongs_to, shown_to_person
from mapping.answers import carelisting
from producer.service import Call, Reply, Service
from register.residents import find_resident


def get_listing_county(service: Service, call: Call, request: GetListingCounty) -> Reply:
    """Answer from the home region's knowledge: its own listings and its notes of listings elsewhere.

    A region that is not the resident's home answers none, whatever it knows. A place in a queue is no
    listing. An actor that sees only its own listings is not told of those elsewhere, whose
    facility is not known here.
    """
    county, region = service.region(call)
    person = service.subject_of_carelisting(call, request.person_id, "personId", request.actor)
    actor = request.actor.actor_type
    actor_id = rules.actor_id(request.actor, check_digits=service.check_digits)
    sees = service.sees(call, region, actor)
    with service.register.reading() as connection:
        resident = find_resident(connection, person.extension)
        if resident is None or not is_shown(resident, call.now.date()) or resident.home_county != county:
            return Reply(carelisting.listing_counties([]))
        if actor.is_person:
            sees = shown_to_person(connection, resident, actor, actor_id, sees)
        if sees is Visibility.NONE:
            return Reply(carelisting.listing_counties([]))
        hidden = service.hidden_units(call, connection)
        listed = listed_at(connection, resident.person_id, county, call.now, hidden=hidden)
        elsewhere = out_of_county(connection, resident.person_id, call.now)
        if sees is Visibility.OWN:
            organisation = HsaId(actor_id)
            listed = [one for one in listed if belongs_to(connection, one.facility.unit, organisation)]
            elsewhere = []
    home = [county] if listed else []
    others = sorted({note.county for note in elsewhere} - {county})
    return Reply(carelisting.listing_counties([*home, *others]), len(home) + len(others))
