"""All six types of actor are taken, whatever they get to see."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import hsa, person
from contracts.codes import ActorType
from contracts.messages import Actor, GetListing


@rule("GetListing", "suite 2.1.1-2.1.6", rows="CL-23", needs="persons.listed")
def check(probe: Probe) -> None:
    number = probe.data.persons.listed
    for one in ActorType:
        id = (
            person(number if one is ActorType.CITIZEN else probe.data.persons.guardian or number)
            if one.is_person
            else hsa(probe.data.caregiver.id or probe.data.facilities.one or "SE2321000016-TEST")
        )
        seen = probe.ask(GetListing(Actor(id, one), person(number)))
        probe.expect(
            seen.done,
            f"GetListing, asked by {one}, got {seen.what}; it must be OK, with nothing in it where the "
            "actor may see nothing.",
        )
