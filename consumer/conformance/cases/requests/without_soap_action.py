"""A request without SOAPAction is understood: the element in the Body tells what it is."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import understood
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 rule 15", rows="RT-09")
def check(probe: Probe) -> None:
    understood(probe, "without SOAPAction", headers={"SOAPAction": None})
