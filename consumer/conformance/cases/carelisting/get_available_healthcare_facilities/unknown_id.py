"""An HSA-id that is no facility's gives OK with nothing in it."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from contracts.messages import GetAvailableHealthcareFacilities


@rule(
    "GetAvailableHealthcareFacilities",
    "TKB carelisting 2.1, result codes",
    rows="CL-42",
    needs="facilities.unknown",
)
def check(probe: Probe) -> None:
    seen = probe.ask(GetAvailableHealthcareFacilities((probe.data.facilities.unknown,)))
    probe.expect(
        seen.done,
        f"GetAvailableHealthcareFacilities for a facility that does not exist got {seen.what}; nothing "
        "found is OK.",
    )
    probe.expect(
        not seen.all("healthcareFacilities"),
        "GetAvailableHealthcareFacilities answers facilities for an HSA-id that is no facility's.",
    )
