"""A SOAP header that must be understood, and is not known, gets the Fault MustUnderstand."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import refused, replaced
from consumer.conformance.probe import Probe


@rule(ANY, "SOAP 1.1 section 4.2.3", rows="RT-18")
def check(probe: Probe) -> None:
    refused(
        probe,
        "with an unknown SOAP header that must be understood",
        replaced(
            (
                "</soap-env:Header>",
                '<x:y xmlns:x="urn:x:note" soap-env:mustUnderstand="1">x</x:y></soap-env:Header>',
            )
        ),
        faultcode="MustUnderstand",
    )
