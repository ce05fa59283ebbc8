"""A resident is asked for by co-ordination number, and the call is done."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import citizen, person
from contracts.messages import GetListing


@rule("GetListing", "suite 1.2; C8", rows="CL-03 S001-061", needs="persons.coordination_number")
def check(probe: Probe) -> None:
    number = probe.data.persons.coordination_number
    seen = probe.ask(GetListing(citizen(number), person(number)))
    probe.expect(
        seen.done,
        f"GetListing for a co-ordination number got {seen.what}; it must be OK, with nothing in it if such "
        "people are not covered.",
    )
