"""Names of HTTP headers are compared whatever their letter case."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import understood
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 section 3.2", rows="RT-29")
def check(probe: Probe) -> None:
    understood(
        probe,
        "whose HTTP header is written CONTENT-TYPE",
        headers={"Content-Type": None, "CONTENT-TYPE": "text/xml; charset=utf-8"},
    )
