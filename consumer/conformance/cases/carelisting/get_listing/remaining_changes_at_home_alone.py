"""Re-listings left are told by the home region alone: it is the one that counts them."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule("GetListing", "TKB carelisting 2.1, remainingChanges", rows="CL-67", needs="persons.of_other_county")
def check(probe: Probe) -> None:
    seen = probe.listing(probe.data.persons.of_other_county)
    probe.expect(
        not seen.all("listings/remainingChanges"),
        "GetListing answers remainingChanges for a resident of another county, whose region counts them.",
    )
