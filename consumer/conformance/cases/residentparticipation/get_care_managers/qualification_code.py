"""A befattning is six digits of KV_Befattning, 1.2.752.129.2.2.1.4."""

import re

from consumer.conformance.case import rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of
from contracts import oids


@rule("GetCareManagers", "HSA KV_Befattning", rows="GC-09 S003-058 S003-008", last=True)
def check(probe: Probe) -> None:
    for seen, one in parts(probe, "GetCareManagers", "careManager/practitioner/qualification"):
        code, system = text_of(one, "code"), text_of(one, "codeSystem")
        if code and (system != oids.BEFATTNING or not re.fullmatch(r"\d{6}", code)):
            probe.show(seen)
            probe.expect(
                False,
                f"GetCareManagers answers qualification {code} of {system or '(no code system)'}; it is "
                f"six digits of {oids.BEFATTNING}.",
            )
