"""White space between the elements means nothing."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import understood
from consumer.conformance.probe import Probe


@rule(ANY, "XML 1.0 section 2.10", rows="RT-05")
def check(probe: Probe) -> None:
    understood(
        probe, "with line breaks between its elements", lambda plain: plain.body.replace(b"><", b">\r\n<")
    )
