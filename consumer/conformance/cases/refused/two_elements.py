"""An envelope with two requests in its Body is refused with a Fault."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import refused
from consumer.conformance.probe import Probe
from consumer.conformance.session import Plain


@rule(ANY, "RIV-TA BP 2.1 rule 7", rows="RT-23")
def check(probe: Probe) -> None:
    refused(probe, "with two elements in its SOAP Body", twice)


def twice(plain: Plain) -> bytes:
    """Return a request that stands in the Body twice."""
    content = plain.body.partition(b"<soap-env:Body>")[2].partition(b"</soap-env:Body>")[0]
    return plain.body.replace(content, content + content)
