"""A resident is asked for by person number, and the call is done."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import citizen, person
from contracts.messages import GetListingCounty


@rule("GetListingCounty", "suite 1.1", rows="CL-02", needs="persons.listed")
def check(probe: Probe) -> None:
    number = probe.data.persons.listed
    seen = probe.ask(GetListingCounty(citizen(number), person(number)))
    probe.expect(seen.done, f"GetListingCounty for a person number got {seen.what}; it must be OK.")
