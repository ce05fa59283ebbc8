"""A full facility that offers no queue has hasQueue false."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.seen import FALSE


@rule("GetAvailableHealthcareFacilities", "TKB hasQueue", rows="CL-48", needs="facilities.full_without_queue")
def check(probe: Probe) -> None:
    seen = probe.facilities(probe.data.facilities.full_without_queue)
    probe.expect(
        seen.text("healthcareFacilities/hasQueue") in FALSE,
        "A facility that is full and offers no queue has hasQueue true.",
    )
