"""SOAPAction of another contract changes nothing: the element in the Body tells what a request is."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import understood
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 rule 15", rows="RT-09")
def check(probe: Probe) -> None:
    understood(
        probe, "with the SOAPAction of another contract", headers={"SOAPAction": '"urn:x:Another:1:Another"'}
    )
