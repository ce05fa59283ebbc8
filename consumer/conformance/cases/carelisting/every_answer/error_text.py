"""ERROR has a resultText that tells what is wrong."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe
from contracts.catalogue import CARELISTING


@rule(ANY, "TKB carelisting 2.1, result codes", rows="CL-11", last=True)
def check(probe: Probe) -> None:
    for contract, seen in answers(probe, domain=CARELISTING):
        if seen.code.startswith("ERROR") and len(seen.result_text) < 5:
            probe.show(seen)
            probe.expect(
                False,
                f"{contract.name} answers {seen.code} without a resultText; say what is wrong, in words "
                "that can be shown to a resident.",
            )
