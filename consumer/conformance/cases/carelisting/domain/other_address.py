"""A call to a county that the producer does not answer for is refused with a Fault."""

from consumer.conformance.case import ANY, NotApplicable, rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import citizen, person
from contracts.messages import GetListing


@rule(
    ANY,
    "TKB carelisting 2.1, section 3.2; RIV-TA BP 2.1 rule 8",
    rows="RT-17",
    needs="carelisting.unserved_county persons.listed",
)
def check(probe: Probe) -> None:
    if not probe.data.offers("GetListing"):
        raise NotApplicable("the producer does not offer GetListing")
    number = probe.data.persons.listed
    seen = probe.ask(GetListing(citizen(number), person(number)), probe.data.carelisting.unserved_county)
    probe.expect(
        seen.refused,
        f"GetListing at a county that the producer does not answer for got {seen.what}; it must be a "
        "Fault, or ERROR.",
    )
