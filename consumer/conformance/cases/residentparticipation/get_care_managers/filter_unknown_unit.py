"""A care unit or provider that nobody knows gives an empty answer."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2, careUnitId",
    rows="GC-24 GC-23",
    needs="care_managers.several care_managers.unknown_unit",
)
def check(probe: Probe) -> None:
    number, nobody = probe.data.care_managers.several, probe.data.care_managers.unknown_unit
    for name, seen in (
        ("careUnitId", probe.care_managers(number, unit=nobody)),
        ("careGiverId", probe.care_managers(number, giver=nobody)),
    ):
        probe.expect(
            not seen.all("careManager"),
            f"GetCareManagers, asked for contacts of {name} that nobody has, answers "
            f"{len(seen.all('careManager'))}.",
        )
