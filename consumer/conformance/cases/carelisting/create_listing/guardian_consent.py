"""A minor whose other guardian has not consented: ERROR_GUARDIAN_CONSENT_NEEDED."""

from dataclasses import replace

from consumer.conformance.case import rule
from consumer.conformance.looking import wish
from consumer.conformance.probe import Probe
from consumer.conformance.writing import person
from contracts.codes import ActorType
from contracts.messages import Actor


@rule(
    "CreateListing",
    "TKB result codes; suite 3.2.5",
    rows="CL-37 CL-24",
    needs="writes.minor writes.minor_guardian writes.facility",
    writes=True,
)
def check(probe: Probe) -> None:
    of = probe.data.writes
    message = replace(wish(of.minor, of.facility), actor=Actor(person(of.minor_guardian), ActorType.GUARDIAN))
    seen = probe.ask(message)
    probe.expect(
        seen.code == "ERROR_GUARDIAN_CONSENT_NEEDED",
        f"CreateListing for a minor whose other guardian has not consented got {seen.what}; it must be "
        "ERROR_GUARDIAN_CONSENT_NEEDED.",
    )
