"""A response element sent as a request is refused with a Fault."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import refused
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 rule 7", rows="RT-24")
def check(probe: Probe) -> None:
    refused(
        probe,
        "that is a response element",
        lambda plain: plain.body.replace(
            f"ns0:{plain.contract.name}".encode(), f"ns0:{plain.contract.name}Response".encode()
        ),
    )
