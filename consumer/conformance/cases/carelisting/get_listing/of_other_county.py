"""A resident of another county who is listed here gets the listing here."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule("GetListing", "TKB carelisting 2.1, GetListing", rows="CL-63", needs="persons.of_other_county")
def check(probe: Probe) -> None:
    probe.expect(
        probe.listing(probe.data.persons.of_other_county).all("listings"),
        "GetListing answers nothing for a resident of another county who is listed here.",
    )
