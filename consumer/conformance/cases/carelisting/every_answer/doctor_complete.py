"""A doctor has an HSA-id and a name: the name is what 1177 shows."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe
from consumer.conformance.seen import found, text_of


@rule(
    ANY, "TKB carelisting 2.1, HealthcarePersonnelType", rows="S001-010 S003-056 S003-102 S000-026", last=True
)
def check(probe: Probe) -> None:
    for contract, seen in answers(probe, "GetListing", "GetAvailableHealthcarePersonnel"):
        for one in [*seen.all("listings/healthcarePersonnel"), *seen.all("healthcarePersonnel")]:
            for name in ("id", "name"):
                if found(one, name) and not text_of(one, name):
                    probe.show(seen)
                    probe.expect(
                        False,
                        f"{contract.name} answers a doctor whose {name} is empty; a doctor who cannot be "
                        "named is not sent.",
                    )
