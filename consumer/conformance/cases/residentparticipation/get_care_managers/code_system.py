"""The type of a contact is of Kv typ av fast kontakt, 1.2.752.129.5.1.69, and of its lawful roles."""

import re

from consumer.conformance.case import rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of
from contracts import oids


@rule(
    "GetCareManagers", "Kv typ av fast kontakt; S003-002", rows="GC-06 S003-002 S003-054 S004-004", last=True
)
def check(probe: Probe) -> None:
    for seen, one in parts(probe, "GetCareManagers", "careManager/code"):
        system, code = text_of(one, "codeSystem"), text_of(one, "code")
        if system != oids.FIXED_CONTACT_TYPE or not re.fullmatch(r"\d{1,4}", code):
            probe.show(seen)
        probe.expect(
            system == oids.FIXED_CONTACT_TYPE,
            f"GetCareManagers answers codeSystem {system or '(none)'} for the type of a contact; it is "
            f"{oids.FIXED_CONTACT_TYPE}.",
        )
        probe.expect(
            re.fullmatch(r"\d{1,4}", code),
            f"GetCareManagers answers {code or '(nothing)'} as the type of a contact; other roles than the "
            "lawful ones are not sent.",
        )
