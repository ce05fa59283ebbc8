"""resultText is for people: no markup, no names of exceptions, no places in code."""

import re

from consumer.conformance.case import ANY, Force, rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe
from contracts.catalogue import CARELISTING


@rule(ANY, "TKB carelisting 2.1, result codes", rows="CL-11", force=Force.SHOULD, last=True)
def check(probe: Probe) -> None:
    for contract, seen in answers(probe, domain=CARELISTING):
        if re.search(
            r"</?\w+[ >]|Traceback|\w+(Exception|Error)\b:?|\bat \w+\.\w+\(|\bnull\b|NoneType",
            seen.result_text,
        ):
            probe.show(seen)
            probe.expect(
                False,
                f"{contract.name} answers a resultText that no resident can read: "
                f"{seen.result_text[:100]!r}.",
            )
