"""Prefixes of namespaces mean nothing."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import understood
from consumer.conformance.probe import Probe


@rule(ANY, "Namespaces in XML 1.0", rows="RT-09")
def check(probe: Probe) -> None:
    understood(
        probe,
        "whose namespaces have other prefixes",
        lambda plain: plain.body.replace(b"soap-env", b"S").replace(b"ns0", b"req"),
    )
