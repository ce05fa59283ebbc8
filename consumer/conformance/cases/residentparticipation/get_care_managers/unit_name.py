"""A care unit has the name that HSA has."""

from consumer.conformance.case import rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of


@rule("GetCareManagers", "S003-065, S003-080", rows="S003-065 S003-080 S000-043", last=True)
def check(probe: Probe) -> None:
    for name in ("managingCareUnit", "careProvidingCareUnit"):
        for _, seen in answers(probe, "GetCareManagers"):
            if any(not text_of(one, "name") for one in seen.all(f"careManager/{name}")):
                probe.show(seen)
                probe.expect(False, f"GetCareManagers answers a {name} without a name.")
