"""An answer of the contract has HTTP status 200."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 rule 1 (WS-I BP 1.1); SKLTP VP, VPRouter", rows="RT-33", last=True)
def check(probe: Probe) -> None:
    for contract, seen in answers(probe):
        if seen.exchange.status != 200:
            probe.show(seen)
            probe.expect(
                False,
                f"{contract.name} answered with HTTP {seen.exchange.status}. The platform makes an error "
                "of all but success: use 200.",
            )
