"""A time is written YYYY-MM-DDThh:mm:ss, without zone and parts of seconds: Swedish local time."""

import re

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe
from contracts.catalogue import CARELISTING


@rule(ANY, "TKB carelisting 2.1, section 5.1", rows="CL-08", last=True)
def check(probe: Probe) -> None:
    for contract, seen in answers(probe, domain=CARELISTING):
        for name in ("validFromDate", "validToDate"):
            for text in [
                one.text or "" for one in ([] if seen.content is None else seen.content.iter(f"{{*}}{name}"))
            ]:
                if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", text.strip()):
                    probe.show(seen)
                    probe.expect(
                        False,
                        f"{contract.name} answers {name} {text!r}; write YYYY-MM-DDThh:mm:ss without zone, "
                        "Swedish time.",
                    )
