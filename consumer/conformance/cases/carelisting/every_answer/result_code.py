"""The five Get contracts answer OK, INFO or ERROR and no other code, though the schema lets them."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe
from contracts.catalogue import CARELISTING


@rule(ANY, "TKB carelisting 2.1, result codes", rows="CL-10", last=True)
def check(probe: Probe) -> None:
    for contract, seen in answers(probe, domain=CARELISTING):
        if contract.name.startswith("Get") and seen.code not in ("OK", "INFO", "ERROR"):
            probe.show(seen)
            probe.expect(
                False,
                f"{contract.name} answers resultCode {seen.code or '(none)'}; a Get contract has OK, INFO "
                "and ERROR.",
            )
