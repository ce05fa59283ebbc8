"""A patient with a fast läkarkontakt gets it, with code 2."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule("GetCareManagers", "Kv typ av fast kontakt", rows="S001-002 S003-013", needs="care_managers.doctor")
def check(probe: Probe) -> None:
    kinds = probe.care_managers(probe.data.care_managers.doctor).texts("careManager/code/code")
    probe.expect(
        "2" in kinds,
        f"GetCareManagers answers codes {', '.join(kinds) or '(none)'} for a patient with a fast "
        "läkarkontakt; one must be 2.",
    )
