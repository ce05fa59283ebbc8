"""GetAvailableHealthcareFacilities 2.1: where residents can be listed in the addressed region (TKB 2.1)."""

from contracts.identifiers import HsaId
from contracts.messages import GetAvailableHealthcareFacilities
from listings.facilities import facilities_of
from mapping.answers import carelisting
from producer.service import Call, Reply, Service
from register.directory import listing_types


def get_available_healthcare_facilities(
    service: Service, call: Call, request: GetAvailableHealthcareFacilities
) -> Reply:
    """Answer with the region's facilities that fit both filters; a filter that is not given fits all.

    HSA-ids are compared whatever their letter case, which the contract demands of a producer. Unknown ids and
    types fit nothing and are no error (suite 1.3.2).
    """
    county, _ = service.region(call)
    wanted = {HsaId(one) for one in request.healthcare_facilities}
    with service.register.reading() as connection:
        found = facilities_of(connection, county, call.now, only=wanted or None)
        hidden = service.hidden_units(call, connection)
        names = carelisting.type_names(listing_types(connection, county))
    found = [one for one in found if one.unit.hsa_id not in hidden]
    if request.listing_types:
        asked = [(one.code or "", one.code_system or "") for one in request.listing_types]
        found = [one for one in found if any(one.offers(key) for key in asked)]
    return Reply(carelisting.facilities(found, names), len(found))
