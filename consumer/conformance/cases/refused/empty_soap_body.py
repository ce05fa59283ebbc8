"""An envelope whose Body is empty is refused with a Fault."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import refused
from consumer.conformance.probe import Probe
from consumer.conformance.session import Plain


@rule(ANY, "RIV-TA BP 2.1 rule 7", rows="RT-23")
def check(probe: Probe) -> None:
    refused(probe, "with nothing in its SOAP Body", nothing)


def nothing(plain: Plain) -> bytes:
    """Return a request with nothing in its Body."""
    before, _, rest = plain.body.partition(b"<soap-env:Body>")
    return before + b"<soap-env:Body></soap-env:Body>" + rest.partition(b"</soap-env:Body>")[2]
