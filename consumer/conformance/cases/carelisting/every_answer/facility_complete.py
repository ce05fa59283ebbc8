"""A facility has its id and its name."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe
from consumer.conformance.seen import found, text_of


@rule(ANY, "TKB carelisting 2.1, HealthcareFacilityType", rows="S003-065 S000-008", last=True)
def check(probe: Probe) -> None:
    for contract, seen in answers(probe, "GetListing", "GetAvailableHealthcareFacilities"):
        for one in [*seen.all("listings/healthcareFacility"), *seen.all("healthcareFacilities")]:
            for name in ("id", "name"):
                if found(one, name) and not text_of(one, name):
                    probe.show(seen)
                    probe.expect(False, f"{contract.name} answers a facility whose {name} is empty.")
