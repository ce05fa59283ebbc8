"""Where no doctor can be chosen nobody is told."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import person
from contracts.messages import GetAvailableHealthcarePersonnel


@rule(
    "GetAvailableHealthcarePersonnel",
    "TKB GetAvailableHealthcarePersonnel; S001-011",
    rows="S001-011 S001-063",
    needs="persons.listed facilities.without_doctors",
)
def check(probe: Probe) -> None:
    number, facility = probe.data.persons.listed, probe.data.facilities.without_doctors
    seen = probe.ask(GetAvailableHealthcarePersonnel(person(number), facility))
    probe.expect(
        seen.answered and not seen.all("healthcarePersonnel"),
        f"GetAvailableHealthcarePersonnel at a facility without a choice of doctor got {seen.what} with "
        f"{len(seen.all('healthcarePersonnel'))} doctors.",
    )
