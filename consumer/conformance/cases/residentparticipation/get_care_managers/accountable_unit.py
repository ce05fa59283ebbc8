"""The header's accountable care unit is told: the contract description has it 1..1, the schema 0..1."""

from consumer.conformance.case import Force, rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import found


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2, accessControlHeader; conflict 10",
    rows="GC-18",
    force=Force.SHOULD,
    last=True,
)
def check(probe: Probe) -> None:
    for seen, one in parts(probe, "GetCareManagers", "careManager/careManagerHeader/accessControlHeader"):
        if found(one.getparent().getparent(), "managingCareUnit") and not found(one, "accountableCareUnitId"):
            probe.show(seen)
            probe.expect(
                False, "GetCareManagers answers a contact of a care unit without accountableCareUnitId."
            )
