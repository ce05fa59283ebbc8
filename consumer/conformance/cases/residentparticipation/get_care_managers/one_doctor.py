"""There is at most one contact with code 2, fast läkarkontakt (rule001)."""

from consumer.conformance.case import rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe


@rule("GetCareManagers", "TKB GetCareManagers 1.0 RC2, rule001", rows="GC-05 S000-019 S000-032", last=True)
def check(probe: Probe) -> None:
    for _, seen in answers(probe, "GetCareManagers"):
        doctors = [one for one in seen.texts("careManager/code/code") if one == "2"]
        if len(doctors) > 1:
            probe.show(seen)
            probe.expect(
                False,
                f"GetCareManagers answers {len(doctors)} contacts with code 2 for one patient; rule001 "
                "allows one.",
            )
