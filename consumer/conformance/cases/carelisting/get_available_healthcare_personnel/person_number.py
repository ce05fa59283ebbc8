"""A resident asks for the doctors to choose, and gets them."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import person
from contracts.messages import GetAvailableHealthcarePersonnel


@rule(
    "GetAvailableHealthcarePersonnel",
    "TKB GetAvailableHealthcarePersonnel; suite 1.1",
    rows="CL-02 CL-56 S000-011 S003-010",
    needs="persons.listed facilities.with_doctors",
)
def check(probe: Probe) -> None:
    seen = probe.ask(
        GetAvailableHealthcarePersonnel(person(probe.data.persons.listed), probe.data.facilities.with_doctors)
    )
    probe.expect(seen.done, f"GetAvailableHealthcarePersonnel got {seen.what}; it must be OK.")
    probe.expect(
        not seen.done or seen.all("healthcarePersonnel"),
        "GetAvailableHealthcarePersonnel answers nobody at a facility that lets residents choose a doctor.",
    )
