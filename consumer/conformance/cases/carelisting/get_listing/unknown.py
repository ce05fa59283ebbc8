"""A person whom the region does not know is answered OK with an empty list."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import citizen, person
from contracts.messages import GetListing


@rule("GetListing", "IS flow 12; TKB carelisting 2.1, GetListing", rows="CL-14", needs="persons.unknown")
def check(probe: Probe) -> None:
    number = probe.data.persons.unknown
    seen = probe.ask(GetListing(citizen(number), person(number)))
    probe.expect(
        seen.done and not seen.all("listings"),
        f"GetListing for a person nobody knows got {seen.what} with {len(seen.all('listings'))} listings; "
        "it must be OK with none.",
    )
