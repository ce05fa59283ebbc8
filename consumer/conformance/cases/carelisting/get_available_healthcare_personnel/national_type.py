"""A filter on PV is taken."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import kind, person
from contracts.codes import PV
from contracts.messages import GetAvailableHealthcarePersonnel


@rule(
    "GetAvailableHealthcarePersonnel",
    "suite 1.3",
    rows="CL-57",
    needs="persons.listed facilities.with_doctors",
)
def check(probe: Probe) -> None:
    seen = probe.ask(
        GetAvailableHealthcarePersonnel(
            person(probe.data.persons.listed), probe.data.facilities.with_doctors, (kind(PV.code),)
        )
    )
    probe.expect(
        seen.done and seen.all("healthcarePersonnel"),
        f"GetAvailableHealthcarePersonnel for PV got {seen.what} with "
        f"{len(seen.all('healthcarePersonnel'))} doctors.",
    )
