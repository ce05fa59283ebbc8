"""A document type declaration is refused with a Fault.

RIV-TA messages have none, and who reads them opens the way to files of the server and to entity bombs.
"""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import refused
from consumer.conformance.probe import Probe
from consumer.conformance.session import Plain


@rule(ANY, "RIV-TA BP 2.1 rule 1 (WS-I BP 1.1)", rows="RT-08")
def check(probe: Probe) -> None:
    refused(probe, "with a document type declaration", doctype)


def doctype(plain: Plain) -> bytes:
    """Return a request with a document type declaration that declares nothing."""
    return plain.body.replace(b"<soap-env:Envelope", b"<!DOCTYPE x><soap-env:Envelope", 1)
