"""The doctor whom a listing shows at a facility is one whom the region knows there, spelt in the same way."""

from consumer.conformance.case import Force, NotApplicable, rule
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of


@rule(
    "GetAvailableHealthcarePersonnel",
    "S000-022, S001-012",
    rows="S000-022 S001-012",
    force=Force.SHOULD,
    needs="persons.with_doctor facilities.with_doctors",
)
def check(probe: Probe) -> None:
    listed = [
        one
        for one in probe.listing(probe.data.persons.with_doctor).all("listings")
        if text_of(one, "healthcareFacility/id").upper() == probe.data.facilities.with_doctors.upper()
    ]
    if not listed:
        raise NotApplicable("the person in persons.with_doctor is not listed at facilities.with_doctors")
    there = {
        text_of(one, "id").upper(): text_of(one, "id")
        for one in probe.personnel(probe.data.persons.with_doctor, probe.data.facilities.with_doctors).all(
            "healthcarePersonnel"
        )
    }
    for id in [text_of(one, "healthcarePersonnel/id") for one in listed]:
        probe.expect(
            there.get(id.upper(), id) == id,
            f"A doctor is {id} in GetListing and {there.get(id.upper())} in GetAvailableHealthcarePersonnel.",
        )
