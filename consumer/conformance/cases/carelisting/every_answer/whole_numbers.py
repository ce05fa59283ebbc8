"""Waits, lengths, positions and re-listings left are whole numbers from 0, a position from 1."""

import re

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe
from contracts.catalogue import CARELISTING


@rule(ANY, "TKB carelisting 2.1, field tables; C11", rows="CL-09", last=True)
def check(probe: Probe) -> None:
    for contract, seen in answers(probe, domain=CARELISTING):
        for name, least in (
            ("queueLength", 0),
            ("estimatedWaitInQueue", 0),
            ("remainingChanges", 0),
            ("queuePosition", 1),
        ):
            for one in [] if seen.content is None else seen.content.iter(f"{{*}}{name}"):
                text = (one.text or "").strip()
                if re.fullmatch(r"-?\d+", text) and int(text) < least:
                    probe.show(seen)
                    probe.expect(
                        False,
                        f"{contract.name} answers {name} {text}; the least that means anything is {least}.",
                    )
