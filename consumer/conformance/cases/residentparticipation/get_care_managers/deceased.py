"""A patient who has died has no contacts any more."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule("GetCareManagers", "S001-013", rows="S001-013", needs="care_managers.deceased")
def check(probe: Probe) -> None:
    probe.expect(
        not probe.care_managers(probe.data.care_managers.deceased).all("careManager"),
        "GetCareManagers answers contacts of a patient who has died.",
    )
