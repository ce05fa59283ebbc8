"""Every listing type has a displayName: the producer owns the name, and consumers show it."""

from consumer.conformance.case import ANY, Force, rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of
from contracts.catalogue import CARELISTING


@rule(ANY, "TKB carelisting 2.1, CVType; C9", rows="CL-87", last=True, force=Force.SHOULD)
def check(probe: Probe) -> None:
    for contract, seen in answers(probe, domain=CARELISTING):
        for path in (
            "listings/listingType",
            "listingTypes",
            "listings/healthcareFacility/supportedListingTypes",
            "healthcareFacilities/supportedListingTypes",
        ):
            if any(not text_of(one, "displayName") for one in seen.all(path)):
                probe.show(seen)
                probe.expect(False, f"{contract.name} answers a listing type without displayName, in {path}.")
