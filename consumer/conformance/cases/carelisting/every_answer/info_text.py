"""INFO has a resultText: the consumer must show it to the user."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe
from contracts.catalogue import CARELISTING


@rule(ANY, "TKB carelisting 2.1, result codes; suite 4.3", rows="CL-12", last=True)
def check(probe: Probe) -> None:
    for contract, seen in answers(probe, domain=CARELISTING):
        if seen.code == "INFO" and not seen.result_text:
            probe.show(seen)
            probe.expect(
                False,
                f"{contract.name} answers INFO without a resultText, and the consumer has nothing to show.",
            )
