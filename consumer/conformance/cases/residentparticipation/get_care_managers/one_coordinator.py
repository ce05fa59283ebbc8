"""A patient has at most one fast vårdkontakt with overall coordination (code 4)."""

from consumer.conformance.case import Force, rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe


@rule("GetCareManagers", "S003-038", rows="GC-37", force=Force.SHOULD, last=True)
def check(probe: Probe) -> None:
    for _, seen in answers(probe, "GetCareManagers"):
        if seen.texts("careManager/code/code").count("4") > 1:
            probe.show(seen)
            probe.expect(
                False, "GetCareManagers answers two contacts with code 4; one coordinates the others."
            )
