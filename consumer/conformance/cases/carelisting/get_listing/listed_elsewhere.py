"""A listing in another county is not told as one of this county."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from contracts.codes import PV


@rule("GetListing", "TKB carelisting 2.1, GetListing", rows="CL-14", needs="persons.listed_elsewhere")
def check(probe: Probe) -> None:
    kinds = probe.listing(probe.data.persons.listed_elsewhere).texts("listings/listingType/code")
    probe.expect(
        PV.code not in kinds,
        "GetListing answers a PV listing here for somebody who is listed in another county.",
    )
