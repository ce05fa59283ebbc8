"""A filter on the care provider gives its contacts and no others."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2, careGiverId",
    rows="GC-23",
    needs="care_managers.several care_managers.care_giver",
)
def check(probe: Probe) -> None:
    number, giver = probe.data.care_managers.several, probe.data.care_managers.care_giver
    path = "careManager/managingCareGiver/hsaId/extension"
    every = [one.upper() for one in probe.care_managers(number).texts(path)]
    came = [one.upper() for one in probe.care_managers(number, giver=giver).texts(path)]
    probe.expect(
        came == [one for one in every if one == giver.upper()],
        f"GetCareManagers, asked for contacts of one care provider, answers {len(came)}, of "
        f"{len(set(came))} providers.",
    )
