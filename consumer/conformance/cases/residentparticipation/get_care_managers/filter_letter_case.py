"""HSA-ids in filters are compared whatever their letter case."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule(
    "GetCareManagers",
    "HSA; TKB GetCareManagers 1.0 RC2",
    rows="GC-36",
    needs="care_managers.several care_managers.care_unit",
)
def check(probe: Probe) -> None:
    number, unit = probe.data.care_managers.several, probe.data.care_managers.care_unit
    first = len(probe.care_managers(number, unit=unit).all("careManager"))
    other = len(probe.care_managers(number, unit=unit.swapcase()).all("careManager"))
    probe.expect(
        first == other,
        f"GetCareManagers answers {first} contacts of {unit} and {other} of {unit.swapcase()}, which are "
        "the same HSA-id.",
    )
