"""Every contract that is mandatory for a producer is offered: all but GetAvailableHealthcarePersonnel."""

from consumer.conformance.case import ANY, NotApplicable, rule
from consumer.conformance.probe import Probe


@rule(ANY, "TKB carelisting 2.1, table of contracts", rows="CL-01")
def check(probe: Probe) -> None:
    mandatory = (
        "GetListing",
        "GetListingTypes",
        "GetListingCounty",
        "GetAvailableHealthcareFacilities",
        "CreateListing",
        "UpdateListing",
    )
    if not any(probe.data.offers(name) for name in mandatory):
        raise NotApplicable("the producer offers no contract of carelisting")
    for name in mandatory:
        probe.expect(
            probe.data.offers(name), f"{name} is not offered, and is mandatory for a region's listing system."
        )
