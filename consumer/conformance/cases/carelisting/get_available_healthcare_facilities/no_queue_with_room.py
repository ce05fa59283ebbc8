"""A facility with room has hasQueue false."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.seen import FALSE


@rule(
    "GetAvailableHealthcareFacilities",
    "TKB hasQueue; suite 5.1.2",
    rows="CL-48",
    needs="facilities.with_room",
)
def check(probe: Probe) -> None:
    seen = probe.facilities(probe.data.facilities.with_room)
    probe.expect(
        seen.text("healthcareFacilities/hasQueue") in FALSE,
        "A facility with room has hasQueue true; it is for those whose cap is reached.",
    )
