"""Where a doctor can be chosen supportsHealthcarePersonnel is true, and the doctors can be asked for."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.seen import TRUE


@rule(
    "GetAvailableHealthcareFacilities",
    "TKB supportsHealthcarePersonnel; suite 5.2.1",
    rows="CL-50 S003-010",
    needs="facilities.with_doctors persons.listed",
)
def check(probe: Probe) -> None:
    wanted = probe.data.facilities.with_doctors
    seen = probe.facilities(wanted)
    probe.expect(
        seen.text("healthcareFacilities/supportsHealthcarePersonnel") in TRUE,
        f"{wanted} lets residents choose a doctor and has supportsHealthcarePersonnel false.",
    )
    probe.expect(
        probe.data.offers("GetAvailableHealthcarePersonnel"),
        "A facility lets residents choose a doctor, and GetAvailableHealthcarePersonnel is not offered.",
    )
