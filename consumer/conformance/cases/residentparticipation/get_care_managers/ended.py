"""A contact that has ended, or been removed, is not told."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule(
    "GetCareManagers",
    "S000-037, S001-066, S003-117",
    rows="GC-12 S000-013 S000-031 S000-037 S000-046 S001-066 S003-117",
    needs="care_managers.ended",
)
def check(probe: Probe) -> None:
    probe.expect(
        not probe.care_managers(probe.data.care_managers.ended).all("careManager"),
        "GetCareManagers answers a contact that has ended.",
    )
