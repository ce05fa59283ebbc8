"""An envelope of SOAP 1.2 gets the Fault VersionMismatch."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import refused
from consumer.conformance.probe import Probe


@rule(ANY, "SOAP 1.1 section 4.1.2", rows="RT-22")
def check(probe: Probe) -> None:
    refused(
        probe,
        "in an envelope of SOAP 1.2",
        lambda plain: plain.body.replace(
            b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope"
        ),
        faultcode="VersionMismatch",
    )
