"""A full facility with a queue has hasQueue true."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.seen import TRUE


@rule(
    "GetAvailableHealthcareFacilities",
    "TKB hasQueue; suite 5.1.1",
    rows="CL-47",
    needs="facilities.full_with_queue",
)
def check(probe: Probe) -> None:
    seen = probe.facilities(probe.data.facilities.full_with_queue)
    probe.expect(
        seen.text("healthcareFacilities/hasQueue") in TRUE,
        "A facility that is full and offers a queue has hasQueue false.",
    )
