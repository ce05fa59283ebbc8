"""A number for care staff alone stands in no contact and in no note for the patient.

The contract does not say for whom a number is, so one that residents must not see goes into internalNotes
or nowhere. The data file names such numbers.
"""

import re

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule(
    "GetCareManagers",
    "S003-060, S003-061, S003-070, S003-085",
    rows="S003-060 S003-061 S003-070 S003-085 S002-009",
    needs="care_managers.staff_only_numbers",
)
def check(probe: Probe) -> None:
    hidden = {re.sub(r"\D", "", one)[-8:] for one in probe.data.care_managers.staff_only_numbers}
    for _, one in probe.contacts():
        shown = [telecom.text or "" for telecom in one.iter("{*}value")] + [
            note.text or "" for note in one.iter("{*}externalNotes")
        ]
        leaked = any(number in re.sub(r"\D", "", text) for text in shown for number in hidden)
        probe.expect(
            not leaked,
            "GetCareManagers answers a number for staff alone where the patient sees it; it belongs in "
            "internalNotes, or nowhere.",
        )
