"""A Content-Type without charset is understood."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import understood
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 rule 1 (WS-I BP 1.1)", rows="RT-05")
def check(probe: Probe) -> None:
    understood(probe, "whose Content-Type is text/xml without charset", headers={"Content-Type": "text/xml"})
