"""A type is told once."""

from consumer.conformance.case import Force, rule
from consumer.conformance.looking import answers, codes_of
from consumer.conformance.probe import Probe


@rule("GetListingTypes", "TKB GetListingTypes", rows="CL-06", last=True, force=Force.SHOULD)
def check(probe: Probe) -> None:
    for _, seen in answers(probe, "GetListingTypes"):
        kinds = [] if seen.content is None else codes_of(seen.content, "listingTypes")
        if len(kinds) != len(set(kinds)):
            probe.show(seen)
            probe.expect(False, "GetListingTypes answers a type twice.")
