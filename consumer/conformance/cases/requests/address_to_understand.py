"""LogicalAddress that says mustUnderstand is understood."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import replaced, understood
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 rule 8; SOAP 1.1 section 4.2.3", rows="RT-30")
def check(probe: Probe) -> None:
    understood(
        probe,
        'whose LogicalAddress has mustUnderstand="1"',
        replaced((":LogicalAddress xmlns", ':LogicalAddress soap-env:mustUnderstand="1" xmlns')),
    )
