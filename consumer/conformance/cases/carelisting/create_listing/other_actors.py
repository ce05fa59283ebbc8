"""Other actors than CITIZEN and GUARDIAN are answered, whether the region lets them in or not."""

from dataclasses import replace

from consumer.conformance.case import Force, rule
from consumer.conformance.looking import wish
from consumer.conformance.probe import Probe
from consumer.conformance.writing import hsa
from contracts.codes import ActorType
from contracts.messages import Actor


@rule(
    "CreateListing",
    "TKB CreateListing; suites 2.3.3-2.3.6; C1",
    rows="CL-40",
    force=Force.MAY,
    needs="writes.resident facilities.unknown caregiver.id",
    writes=True,
)
def check(probe: Probe) -> None:
    message = wish(probe.data.writes.resident, probe.data.facilities.unknown)
    for one in ActorType:
        if not one.is_person:
            seen = probe.ask(replace(message, actor=Actor(hsa(probe.data.caregiver.id), one)))
            probe.expect(
                seen.answered,
                f"CreateListing by {one} got {seen.what}; answer ERROR with a text where the region does "
                "not let it in.",
            )
