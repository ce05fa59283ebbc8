"""All six types of actor are taken."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import hsa, person
from contracts.codes import ActorType
from contracts.messages import Actor, GetListingCounty


@rule("GetListingCounty", "suite 2.1.1-2.1.6", rows="CL-23", needs="persons.listed")
def check(probe: Probe) -> None:
    number = probe.data.persons.listed
    for one in ActorType:
        id = (
            person(number if one is ActorType.CITIZEN else probe.data.persons.guardian or number)
            if one.is_person
            else hsa(probe.data.caregiver.id or probe.data.facilities.one or "SE2321000016-TEST")
        )
        seen = probe.ask(GetListingCounty(Actor(id, one), person(number)))
        probe.expect(seen.done, f"GetListingCounty, asked by {one}, got {seen.what}; it must be OK.")
