"""The parts of a Fault, faultcode, faultstring and detail, are in no namespace."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import faults
from consumer.conformance.probe import Probe


@rule(ANY, "SOAP 1.1 section 4.4; WS-I BP 1.1", rows="RT-11", last=True)
def check(probe: Probe) -> None:
    for seen in faults(probe):
        for child in seen.all("*"):
            if str(child.tag).startswith("{"):
                probe.show(seen)
                probe.expect(
                    False,
                    f"A Fault has {child.tag}; its parts must not be qualified: write <faultcode>, "
                    "<faultstring>, <detail>.",
                )
