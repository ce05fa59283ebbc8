"""Unknown types among the filters do not fail the call, and the known ones still count."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import kind
from contracts.codes import PV
from contracts.messages import GetAvailableHealthcareFacilities


@rule("GetAvailableHealthcareFacilities", "suite 1.3.2", rows="CL-45", needs="facilities.one")
def check(probe: Probe) -> None:
    seen = probe.ask(GetAvailableHealthcareFacilities((), (kind("NOTHING|1.2.3.4.5"), kind(PV.code))))
    probe.expect(
        seen.done,
        f"GetAvailableHealthcareFacilities for PV and an unknown type got {seen.what}; it must be OK.",
    )
    probe.expect(
        not seen.done or seen.all("healthcareFacilities"),
        "GetAvailableHealthcareFacilities for PV and an unknown type answers none of those with PV.",
    )
