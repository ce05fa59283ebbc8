"""Without person all types of the region are told, PV among them."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from contracts.codes import PV
from contracts.messages import GetListingTypes


@rule("GetListingTypes", "TKB GetListingTypes; suite 1.3 and 5.1", rows="CL-74")
def check(probe: Probe) -> None:
    seen = probe.ask(GetListingTypes())
    probe.expect(seen.done, f"GetListingTypes without person got {seen.what}; it must be OK.")
    probe.expect(
        not seen.done or PV.code in seen.texts("listingTypes/code"),
        "GetListingTypes without person does not answer PV, which every region has.",
    )
