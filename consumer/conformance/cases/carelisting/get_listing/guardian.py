"""A guardian asks for the child, and gets what the child gets."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import person
from contracts.codes import ActorType
from contracts.messages import Actor, GetListing


@rule(
    "GetListing",
    "TKB carelisting 2.1, ActorType; suite 2.1.2",
    rows="CL-24",
    needs="persons.child persons.guardian",
)
def check(probe: Probe) -> None:
    child = probe.data.persons.child
    seen = probe.ask(
        GetListing(Actor(person(probe.data.persons.guardian), ActorType.GUARDIAN), person(child))
    )
    probe.expect(
        seen.done and seen.all("listings"),
        f"GetListing, asked by the child's guardian, got {seen.what} with {len(seen.all('listings'))} "
        "listings.",
    )
