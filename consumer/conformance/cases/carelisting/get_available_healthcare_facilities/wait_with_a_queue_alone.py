"""estimatedWaitInQueue stands only where the cap is reached and a queue is offered."""

from consumer.conformance.case import rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import FALSE, found, text_of


@rule("GetAvailableHealthcareFacilities", "TKB 2.1, estimatedWaitInQueue", rows="CL-52", last=True)
def check(probe: Probe) -> None:
    for seen, one in parts(probe, "GetAvailableHealthcareFacilities", "healthcareFacilities"):
        if found(one, "estimatedWaitInQueue") and text_of(one, "hasQueue") in FALSE:
            probe.show(seen)
            probe.expect(False, f"{text_of(one, 'id')} has hasQueue false and an estimatedWaitInQueue.")
