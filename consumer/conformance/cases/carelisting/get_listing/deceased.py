"""A listing of somebody who has died is not told."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule("GetListing", "S001-013", rows="S001-013", needs="persons.deceased")
def check(probe: Probe) -> None:
    probe.expect(
        not probe.listing(probe.data.persons.deceased).all("listings"),
        "GetListing answers a listing for somebody who has died.",
    )
