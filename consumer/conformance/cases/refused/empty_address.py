"""A request whose LogicalAddress is empty is refused with a Fault."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import refused
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 rule 8", rows="RT-16")
def check(probe: Probe) -> None:
    refused(
        probe,
        "whose LogicalAddress is empty",
        lambda plain: plain.body.replace(
            f">{plain.address}</ns0:LogicalAddress>".encode(), b"></ns0:LogicalAddress>"
        ),
    )
