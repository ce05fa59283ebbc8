"""An element that is no contract's is refused with a Fault."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import refused
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 rule 7", rows="RT-24")
def check(probe: Probe) -> None:
    refused(
        probe,
        "of a contract that does not exist",
        lambda plain: plain.body.replace(
            plain.contract.namespace.encode(), b"urn:riv:x:y:NothingResponder:1"
        ),
    )
