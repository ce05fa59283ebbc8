"""Types are compared by code and code system: PV of another code system is another type."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from contracts.codes import PV


@rule(
    "GetAvailableHealthcareFacilities",
    "TKB carelisting 2.1, section 5.1",
    rows="CL-06",
    needs="facilities.one",
)
def check(probe: Probe) -> None:
    seen = probe.facilities(types=(f"{PV.code}|1.2.3.4.5",))
    probe.expect(
        not seen.all("healthcareFacilities"),
        "GetAvailableHealthcareFacilities takes PV of an unknown code system for the national PV; compare "
        "code and codeSystem.",
    )
