"""A request element without an envelope is refused with a Fault."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import refused
from consumer.conformance.probe import Probe
from consumer.conformance.session import Plain


@rule(ANY, "RIV-TA BP 2.1 rule 1 (WS-I BP 1.1)", rows="RT-01")
def check(probe: Probe) -> None:
    refused(probe, "without a SOAP envelope", bare)


def bare(plain: Plain) -> bytes:
    """Return the request element alone."""
    return plain.body.partition(b"<soap-env:Body>")[2].partition(b"</soap-env:Body>")[0]
