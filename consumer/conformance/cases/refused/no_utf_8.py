"""Bytes that are not in the charset they say are refused with a Fault."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import refused
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 rule 1 (WS-I BP 1.1)", rows="RT-21")
def check(probe: Probe) -> None:
    refused(
        probe,
        "that holds bytes which are no UTF-8",
        lambda plain: plain.body.replace(b"</soap-env:Body>", b"<!-- \xff\xfe\xc3 --></soap-env:Body>"),
    )
