"""An HSA-id has at most 31 characters, and no blank in it."""

import re

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import answers, hsa_ids
from consumer.conformance.probe import Probe


@rule(ANY, "HSA, identifier rules", rows="GC-40", last=True)
def check(probe: Probe) -> None:
    for contract, seen in answers(probe):
        for id in hsa_ids(seen):
            if not re.fullmatch(r"\S{5,31}", id):
                probe.show(seen)
                probe.expect(False, f"{contract.name} answers {id!r} as an HSA-id, which it cannot be.")
