"""What GetListing tells of a facility is what GetAvailableHealthcareFacilities tells of it."""

from consumer.conformance.case import Force, NotApplicable, rule
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of


@rule(
    "GetListing",
    "TKB carelisting 2.1, HealthcareFacilityType",
    rows="CL-72",
    force=Force.SHOULD,
    needs="persons.listed",
)
def check(probe: Probe) -> None:
    if not probe.data.offers("GetAvailableHealthcareFacilities"):
        raise NotApplicable("GetAvailableHealthcareFacilities is not offered")
    there = {text_of(one, "id").upper(): one for one in probe.facilities().all("healthcareFacilities")}
    for facility in probe.listing(probe.data.persons.listed).all("listings/healthcareFacility"):
        other = there.get(text_of(facility, "id").upper())
        for name in ("name", "hasQueue"):
            probe.expect(
                other is None or text_of(other, name) == text_of(facility, name),
                f"GetListing and GetAvailableHealthcareFacilities tell different {name} of one facility.",
            )
