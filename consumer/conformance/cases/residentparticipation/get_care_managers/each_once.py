"""A contact is told once."""

from consumer.conformance.case import Force, rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of


@rule("GetCareManagers", "TKB GetCareManagers 1.0 RC2", rows="GC-39", force=Force.SHOULD, last=True)
def check(probe: Probe) -> None:
    for _, seen in answers(probe, "GetCareManagers"):
        keys = [
            tuple(
                text_of(one, path)
                for path in (
                    "code/code",
                    "practitioner/hsaId/extension",
                    "managingCareUnit/hsaId/extension",
                    "careProvidingCareUnit/hsaId/extension",
                )
            )
            for one in seen.all("careManager")
        ]
        if len(keys) != len(set(keys)):
            probe.show(seen)
            probe.expect(
                False,
                "GetCareManagers answers one person twice with the same type of contact at the same unit.",
            )
