"""Nothing but careManager stands in the answer: older consumers' schema has no room for more."""

from consumer.conformance.case import rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe


@rule("GetCareManagers", "AgP, schema 1.0", rows="GC-35", last=True)
def check(probe: Probe) -> None:
    for _, seen in answers(probe, "GetCareManagers"):
        others = [one for one in seen.all("*") if not str(one.tag).endswith("}careManager")]
        if others:
            probe.show(seen)
            probe.expect(
                False,
                f"GetCareManagers answers {others[0].tag} beside careManager; the aggregating service "
                "throws the answer away.",
            )
