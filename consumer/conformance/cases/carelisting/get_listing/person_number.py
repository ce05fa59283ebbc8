"""A resident is asked for by person number, and the call is done."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import citizen, person
from contracts.messages import GetListing


@rule(
    "GetListing",
    "TKB carelisting 2.1, GetListing; suite 1.1",
    rows="CL-02 S000-001 S002-002",
    needs="persons.listed",
)
def check(probe: Probe) -> None:
    number = probe.data.persons.listed
    seen = probe.ask(GetListing(citizen(number), person(number)))
    probe.expect(seen.done, f"GetListing for a person number got {seen.what}; it must be OK.")
