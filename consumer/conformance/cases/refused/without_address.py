"""A request without LogicalAddress is refused with a Fault."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import refused
from consumer.conformance.probe import Probe
from consumer.conformance.session import Plain


@rule(ANY, "RIV-TA BP 2.1 rule 8", rows="RT-15")
def check(probe: Probe) -> None:
    refused(probe, "without LogicalAddress", unaddressed)


def unaddressed(plain: Plain) -> bytes:
    """Return a request without header."""
    before, _, rest = plain.body.partition(b"<soap-env:Header>")
    return before + rest.partition(b"</soap-env:Header>")[2]
