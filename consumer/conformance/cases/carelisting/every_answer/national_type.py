"""The code PV is that of 1.2.752.129.5.1.27, and called Primärvårdslistning."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of
from contracts.catalogue import CARELISTING
from contracts.codes import PV


@rule(ANY, "TKB carelisting 2.1, GetListing, listingType", rows="CL-05 S000-008", last=True)
def check(probe: Probe) -> None:
    for contract, seen in answers(probe, domain=CARELISTING):
        for path in (
            "listings/listingType",
            "listingTypes",
            "listings/healthcareFacility/supportedListingTypes",
            "healthcareFacilities/supportedListingTypes",
        ):
            for one in seen.all(path):
                code, system, name = (text_of(one, part) for part in ("code", "codeSystem", "displayName"))
                national = system == PV.system
                if national and code != PV.code:
                    probe.show(seen)
                    probe.expect(
                        False,
                        f"{contract.name} answers code {code} of {PV.system}, which has PV alone; use a "
                        "code system of the region's own.",
                    )
                if code == PV.code and not national:
                    probe.show(seen)
                    probe.expect(
                        False,
                        f"{contract.name} answers PV with codeSystem {system or '(none)'}; it is "
                        f"{PV.system}.",
                    )
                if national and code == PV.code and name and name != PV.display:
                    probe.show(seen)
                    probe.expect(False, f"{contract.name} calls PV {name!r}; its name is {PV.display}.")
