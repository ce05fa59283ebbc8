"""The doctor of a listing is told, also where the resident cannot choose one digitally."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule(
    "GetListing",
    "TKB carelisting 2.1, GetListing, healthcarePersonnel; suite 5.4",
    rows="CL-65 S001-001 S001-003 S001-004 S001-012 S001-021 S003-058 S003-109",
    needs="persons.with_doctor",
)
def check(probe: Probe) -> None:
    seen = probe.listing(probe.data.persons.with_doctor)
    probe.expect(
        seen.all("listings/healthcarePersonnel"),
        "GetListing answers no healthcarePersonnel for somebody who has a doctor.",
    )
