"""A resident is asked for by co-ordination number, and the call is done."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import citizen, person
from contracts.messages import GetListingCounty


@rule("GetListingCounty", "suite 1.2; C8", rows="CL-03", needs="persons.coordination_number")
def check(probe: Probe) -> None:
    number = probe.data.persons.coordination_number
    seen = probe.ask(GetListingCounty(citizen(number), person(number)))
    probe.expect(seen.done, f"GetListingCounty for a co-ordination number got {seen.what}; it must be OK.")
