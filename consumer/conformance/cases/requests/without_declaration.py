"""A request without XML declaration is understood."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import understood
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 rule 1 (WS-I BP 1.1)", rows="RT-05")
def check(probe: Probe) -> None:
    understood(probe, "without XML declaration", lambda plain: plain.body.partition(b"?>\n")[2])
