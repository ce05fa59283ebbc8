"""A fast vårdkontakt and a fast läkarkontakt have their befattning told.

The name alone does not tell which "Maria" is meant. A title that has no code goes into displayName or
originalText.
"""

from consumer.conformance.case import rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of


@rule(
    "GetCareManagers",
    "S003-058, S003-073, S002-011",
    rows="S003-058 S003-073 S002-011 S003-006 S003-022",
    last=True,
)
def check(probe: Probe) -> None:
    for seen, one in parts(probe, "GetCareManagers", "careManager"):
        told = any(
            text_of(one, f"practitioner/qualification/{name}")
            for name in ("code", "displayName", "originalText")
        )
        if text_of(one, "code/code") in ("1", "2") and not told:
            probe.show(seen)
            probe.expect(
                False,
                f"GetCareManagers answers a contact with code {text_of(one, 'code/code')} without "
                "qualification: its befattning is missing.",
            )
