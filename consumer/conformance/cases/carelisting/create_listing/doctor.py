"""A doctor given where the resident is listed changes the doctor alone, and uses up no re-listing."""

from dataclasses import replace

from consumer.conformance.case import rule
from consumer.conformance.looking import wish
from consumer.conformance.probe import Probe


@rule(
    "CreateListing",
    "TKB CreateListing, healthcarePersonnel; suite 2.1",
    rows="CL-26 S000-011",
    needs="writes.doctor_resident writes.doctor_facility writes.doctor",
    writes=True,
)
def check(probe: Probe) -> None:
    of = probe.data.writes
    before = probe.listing(of.doctor_resident, anew=True)
    seen = probe.ask(replace(wish(of.doctor_resident, of.doctor_facility), healthcare_personnel=of.doctor))
    probe.expect(
        seen.done,
        f"CreateListing with a doctor, where the resident is listed, got {seen.what}; it must be OK or INFO.",
    )
    if not seen.done:
        return
    after = probe.listing(of.doctor_resident, anew=True)
    probe.expect(
        of.doctor.upper() in [one.upper() for one in after.texts("listings/healthcarePersonnel/id")],
        "After a doctor was chosen GetListing does not show it.",
    )
    probe.expect(
        before.texts("listings/remainingChanges") == after.texts("listings/remainingChanges"),
        "The choice of a doctor used up a re-listing.",
    )
