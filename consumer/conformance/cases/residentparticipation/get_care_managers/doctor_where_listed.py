"""The fast läkarkontakt is the doctor of the listing, at the unit where the patient is listed."""

from consumer.conformance.case import NotApplicable, rule
from consumer.conformance.probe import Probe
from consumer.conformance.seen import found, text_of


@rule(
    "GetCareManagers",
    "S003-013, S003-064",
    rows="S003-013 S003-064 S001-012 S000-021 S003-016",
    needs="care_managers.doctor",
)
def check(probe: Probe) -> None:
    if not probe.data.offers("GetListing"):
        raise NotApplicable("the producer does not offer GetListing")
    number = probe.data.care_managers.doctor
    listed = [one for one in probe.listing(number).all("listings") if found(one, "healthcarePersonnel")]
    doctors = [
        one for one in probe.care_managers(number).all("careManager") if text_of(one, "code/code") == "2"
    ]
    if not listed or not doctors:
        raise NotApplicable("one of the two answers has no doctor")
    told = {
        (
            text_of(one, "practitioner/hsaId/extension").upper(),
            text_of(one, "managingCareUnit/hsaId/extension").upper(),
        )
        for one in doctors
    }
    there = {
        (text_of(one, "healthcarePersonnel/id").upper(), text_of(one, "healthcareFacility/id").upper())
        for one in listed
    }
    probe.expect(
        told <= there,
        "GetCareManagers and GetListing tell different doctors, or the same at different units, for one "
        "patient.",
    )
