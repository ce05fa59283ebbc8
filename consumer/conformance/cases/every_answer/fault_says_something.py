"""A Fault has a faultstring."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import faults
from consumer.conformance.probe import Probe


@rule(ANY, "SOAP 1.1 section 4.4; RIV-TA BP 2.1 section 3.1", rows="RT-14", last=True)
def check(probe: Probe) -> None:
    for seen in faults(probe):
        if seen.fault is not None and not seen.fault.string:
            probe.show(seen)
            probe.expect(False, "A Fault has no faultstring; say what is wrong, in words for support.")
