"""A doctor stands with a listing for primary care alone."""

from consumer.conformance.case import rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import found, text_of
from contracts.codes import PV


@rule(
    "GetListing",
    "national description of fixed contacts, ch. 1 and 2.3",
    rows="S000-021 S003-003 S003-016",
    last=True,
)
def check(probe: Probe) -> None:
    for seen, listing in parts(probe, "GetListing", "listings"):
        if found(listing, "healthcarePersonnel") and text_of(listing, "listingType/codeSystem") != PV.system:
            probe.show(seen)
            probe.expect(
                False,
                "GetListing answers a doctor with a listing of type "
                f"{text_of(listing, 'listingType/code')}; a fast läkarkontakt belongs to primary care (PV).",
            )
