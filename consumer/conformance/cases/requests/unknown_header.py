"""A SOAP header that need not be understood is passed over."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import replaced, understood
from consumer.conformance.probe import Probe


@rule(ANY, "SOAP 1.1 section 4.2", rows="RT-19")
def check(probe: Probe) -> None:
    understood(
        probe,
        "with a SOAP header that nobody knows and that need not be understood",
        replaced(("</soap-env:Header>", '<x:note xmlns:x="urn:x:note">x</x:note></soap-env:Header>')),
    )
