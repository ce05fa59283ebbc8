"""A listing without a doctor has no healthcarePersonnel."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule(
    "GetListing",
    "TKB carelisting 2.1, GetListing, healthcarePersonnel",
    rows="S000-030",
    needs="persons.without_doctor",
)
def check(probe: Probe) -> None:
    seen = probe.listing(probe.data.persons.without_doctor)
    probe.expect(
        seen.all("listings"), "GetListing answers nothing for somebody who is listed without a doctor."
    )
    probe.expect(
        not seen.all("listings/healthcarePersonnel"), "GetListing answers a doctor for somebody who has none."
    )
