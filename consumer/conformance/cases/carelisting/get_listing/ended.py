"""A listing that has ended is not told, and neither is its doctor."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule(
    "GetListing",
    "TKB carelisting 2.1, GetListing; S000-009",
    rows="CL-71 S001-008 S001-013",
    needs="persons.ended",
)
def check(probe: Probe) -> None:
    probe.expect(
        not probe.listing(probe.data.persons.ended).all("listings"),
        "GetListing answers a listing that has ended.",
    )
