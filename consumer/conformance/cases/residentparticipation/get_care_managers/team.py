"""A team has a name, and an identity with root and extension."""

from consumer.conformance.case import rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of


@rule("GetCareManagers", "S003-076, S003-077", rows="S003-076 S003-077", last=True)
def check(probe: Probe) -> None:
    for _, seen in answers(probe, "GetCareManagers"):
        for one in seen.all("careManager/careTeam"):
            whole = text_of(one, "name") and text_of(one, "id/root") and text_of(one, "id/extension")
            if not whole:
                probe.show(seen)
                probe.expect(
                    False,
                    "GetCareManagers answers a careTeam without name, or without root and extension of "
                    "its id.",
                )
