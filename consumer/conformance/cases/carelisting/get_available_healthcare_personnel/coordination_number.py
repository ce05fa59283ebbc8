"""Somebody with a co-ordination number is answered."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import person
from contracts.messages import GetAvailableHealthcarePersonnel


@rule(
    "GetAvailableHealthcarePersonnel",
    "suite 1.2; C8",
    rows="CL-03",
    needs="persons.coordination_number facilities.with_doctors",
)
def check(probe: Probe) -> None:
    seen = probe.ask(
        GetAvailableHealthcarePersonnel(
            person(probe.data.persons.coordination_number), probe.data.facilities.with_doctors
        )
    )
    probe.expect(
        seen.done,
        f"GetAvailableHealthcarePersonnel for a co-ordination number got {seen.what}; it must be OK.",
    )
