"""Without filter all facilities of the region are told, each once."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from contracts.messages import GetAvailableHealthcareFacilities


@rule(
    "GetAvailableHealthcareFacilities",
    "TKB GetAvailableHealthcareFacilities; suite 1.1",
    rows="CL-41",
    needs="facilities.one facilities.another",
)
def check(probe: Probe) -> None:
    seen = probe.ask(GetAvailableHealthcareFacilities())
    probe.expect(
        seen.done, f"GetAvailableHealthcareFacilities without filter got {seen.what}; it must be OK."
    )
    ids = [one.upper() for one in seen.texts("healthcareFacilities/id")]
    for wanted in (probe.data.facilities.one, probe.data.facilities.another):
        probe.expect(
            not seen.done or wanted.upper() in ids,
            f"GetAvailableHealthcareFacilities without filter does not answer {wanted}.",
        )
    probe.expect(len(ids) == len(set(ids)), "GetAvailableHealthcareFacilities answers a facility twice.")
