"""A resident has at most one active listing of a type."""

from consumer.conformance.case import Force, rule
from consumer.conformance.looking import answers, codes_of
from consumer.conformance.probe import Probe
from consumer.conformance.seen import FALSE, text_of


@rule("GetListing", "IS, section 4; TKB GetListing", rows="S000-008", force=Force.SHOULD, last=True)
def check(probe: Probe) -> None:
    for _, seen in answers(probe, "GetListing"):
        kinds = [
            key
            for one in seen.all("listings")
            if text_of(one, "isInQueue") in FALSE
            for key in codes_of(one, "listingType")
        ]
        if len(kinds) != len(set(kinds)):
            probe.show(seen)
            probe.expect(False, "GetListing answers two active listings of one type for a resident.")
