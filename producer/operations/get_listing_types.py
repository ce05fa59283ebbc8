"""GetListingTypes 2.0: the listing types the region offers, in general or to a resident (TKB 2.1)."""

from contracts import rules
from contracts.messages import GetListingTypes
from contracts.rules import RuleError, RuleSubject
from mapping.answers import carelisting
from producer.service import Call, Reply, Service
from register.directory import listing_types


def get_listing_types(service: Service, call: Call, request: GetListingTypes) -> Reply:
    """Answer with all types, or with those that a resident of the given county can use here.

    A resident of another county gets PV and the types agreed with that county (contradiction C30).

    Raises:
        RuleError: Only one of person and home county is given; they go together.
    """
    county, _ = service.region(call)
    home = None
    if request.person_id is not None and request.home_county_code is not None:
        service.subject_of_carelisting(call, request.person_id, "personId")
        home = rules.county(request.home_county_code, "homeCountyCode")
    elif request.person_id is not None or request.home_county_code is not None:
        raise RuleError(RuleSubject.MESSAGE, "personId, homeCountyCode", "give both of them or neither")
    with service.register.reading() as connection:
        types = listing_types(connection, county)
    if home is not None and home != county:
        types = tuple(one for one in types if home in one.agreed_counties)
    codes = carelisting.type_names(types).values()
    return Reply(carelisting.listing_types(codes), len(codes))
