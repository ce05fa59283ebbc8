"""A patient may have several contacts, of one type and of several, and gets them all."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule(
    "GetCareManagers",
    "S003-036, S003-038",
    rows="S003-036 S000-038 S003-024 S000-041",
    needs="care_managers.several",
)
def check(probe: Probe) -> None:
    kinds = probe.care_managers(probe.data.care_managers.several).texts("careManager/code/code")
    probe.expect(
        len(set(kinds)) > 1,
        f"GetCareManagers answers codes {', '.join(kinds) or '(none)'} for a patient with contacts of "
        "several types.",
    )
