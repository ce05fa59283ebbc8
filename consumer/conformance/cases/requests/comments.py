"""Comments between the elements mean nothing."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import replaced, understood
from consumer.conformance.probe import Probe


@rule(ANY, "XML 1.0 section 2.5", rows="RT-05")
def check(probe: Probe) -> None:
    understood(
        probe,
        "with a comment in its Body",
        replaced(("<soap-env:Body>", "<soap-env:Body><!-- a comment -->")),
    )
