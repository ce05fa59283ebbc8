"""Somebody with a co-ordination number is answered."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import county, person
from contracts.messages import GetListingTypes


@rule(
    "GetListingTypes", "suite 1.2; C8", rows="CL-03", needs="persons.coordination_number carelisting.county"
)
def check(probe: Probe) -> None:
    seen = probe.ask(
        GetListingTypes(person(probe.data.persons.coordination_number), county(probe.data.carelisting.county))
    )
    probe.expect(seen.done, f"GetListingTypes for a co-ordination number got {seen.what}; it must be OK.")
