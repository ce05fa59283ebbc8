"""Codes, OIDs and identities are sent without blanks around them.

The contract descriptions print some OIDs with a leading blank by accident; consumers compare them as they
are.
"""

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe


@rule(ANY, "contradiction C22: the TKB prints OIDs with a leading blank by accident", rows="CL-89", last=True)
def check(probe: Probe) -> None:
    for contract, seen in answers(probe):
        for name in ("code", "codeSystem", "root", "extension", "id", "resultCode"):
            for element in [] if seen.content is None else seen.content.iter(f"{{*}}{name}"):
                text = element.text or ""
                if len(element) == 0 and text != text.strip():
                    probe.show(seen)
                    probe.expect(False, f"{contract.name} answers {name} with blanks around it: {text!r}.")
