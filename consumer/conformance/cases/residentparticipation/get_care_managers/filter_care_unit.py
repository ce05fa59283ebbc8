"""A filter on the care unit gives its contacts and no others."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2, careUnitId",
    rows="GC-24",
    needs="care_managers.several care_managers.care_unit",
)
def check(probe: Probe) -> None:
    number, unit = probe.data.care_managers.several, probe.data.care_managers.care_unit
    path = "careManager/managingCareUnit/hsaId/extension"
    every = [one.upper() for one in probe.care_managers(number).texts(path)]
    came = [one.upper() for one in probe.care_managers(number, unit=unit).texts(path)]
    probe.expect(
        came == [one for one in every if one == unit.upper()],
        f"GetCareManagers, asked for contacts of one care unit, answers {len(came)}, of {len(set(came))} "
        "units.",
    )
