"""A person number of ten digits is not answered as one of twelve."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import person
from contracts.codes import ActorType
from contracts.messages import Actor, GetListing


@rule(
    "GetListing", "TKB carelisting 2.1, section 5.1; S000-002", rows="CL-02 S000-002", needs="persons.listed"
)
def check(probe: Probe) -> None:
    number = probe.data.persons.listed[2:]
    seen = probe.ask(GetListing(Actor(person(number), ActorType.CITIZEN), person(number)))
    probe.expect(
        seen.refused or not seen.all("listings"),
        "GetListing answers a listing for a number of ten digits; without the century it may be "
        "another's. Refuse it with ERROR and a text.",
    )
