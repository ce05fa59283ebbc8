"""Where no doctor can be chosen supportsHealthcarePersonnel is false."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.seen import FALSE


@rule(
    "GetAvailableHealthcareFacilities",
    "suite 5.2.2; C7",
    rows="CL-51 S001-011 S001-063",
    needs="facilities.without_doctors",
)
def check(probe: Probe) -> None:
    seen = probe.facilities(probe.data.facilities.without_doctors)
    probe.expect(
        seen.text("healthcareFacilities/supportsHealthcarePersonnel") in FALSE,
        "A facility where no doctor can be chosen has supportsHealthcarePersonnel true.",
    )
