"""A way of contact has a value that fits what it is: a telephone number digits, an e-mail address an @."""

import re

from consumer.conformance.case import rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of


@rule("GetCareManagers", "TKB GetCareManagers 1.0 RC2, ContactPointSystemType", rows="GC-19 GC-41", last=True)
def check(probe: Probe) -> None:
    forms = {
        "phone": r"\+?[\d ()/-]{3,25}",
        "sms": r"\+?[\d ()/-]{3,25}",
        "fax": r"\+?[\d ()/-]{3,25}",
        "email": r"\S+@\S+",
        "url": r"[a-z][a-z0-9+.-]*:\S+",
    }
    for _, seen in answers(probe, "GetCareManagers"):
        for one in [] if seen.content is None else seen.content.iter("{*}telecom"):
            code, value = text_of(one, "system/code"), text_of(one, "value")
            if not re.fullmatch(forms.get(code, r".+"), value, re.DOTALL):
                probe.show(seen)
                probe.expect(
                    False,
                    f"GetCareManagers answers a telecom of system {code or '(none)'} with value "
                    f"{value or '(nothing)'!r}, which it cannot be.",
                )
