"""The source system is one for all contacts of a call: it is what the call was addressed to."""

from consumer.conformance.case import Force, rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2, addressing",
    rows="GC-38 S002-006",
    force=Force.SHOULD,
    last=True,
)
def check(probe: Probe) -> None:
    for _, seen in answers(probe, "GetCareManagers"):
        systems = {
            one.upper() for one in seen.texts("careManager/careManagerHeader/sourceSystemId/extension")
        }
        if len(systems) > 1:
            probe.show(seen)
            probe.expect(
                False,
                f"GetCareManagers answers contacts of {len(systems)} source systems at one address: "
                f"{', '.join(sorted(systems))}.",
            )
