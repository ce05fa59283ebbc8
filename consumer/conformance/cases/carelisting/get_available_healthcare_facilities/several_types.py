"""A facility with several types tells them all."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule("GetAvailableHealthcareFacilities", "suite 5.3; C5", rows="CL-54", needs="facilities.several_types")
def check(probe: Probe) -> None:
    seen = probe.facilities(probe.data.facilities.several_types)
    probe.expect(
        len(seen.all("healthcareFacilities/supportedListingTypes")) > 1,
        "A facility with several listing types tells fewer than two.",
    )
