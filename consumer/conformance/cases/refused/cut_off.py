"""A request that is cut off is refused with a Fault, and nothing of it is believed."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import refused
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 rule 1 (WS-I BP 1.1)", rows="RT-21")
def check(probe: Probe) -> None:
    refused(
        probe,
        "that is cut off in its Body",
        lambda plain: plain.body[: plain.body.rindex(b"</soap-env:Body>")],
    )
