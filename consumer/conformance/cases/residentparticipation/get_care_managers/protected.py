"""A patient with protected identity gets the answer that an unknown person gets."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import person
from contracts.messages import GetCareManagers


@rule(
    "GetCareManagers",
    "S000-007; TKB GetCareManagers 1.0 RC2",
    rows="GC-33 CL-22 S000-007 S001-061 S002-009",
    needs="care_managers.protected care_managers.unknown",
)
def check(probe: Probe) -> None:
    hidden, nobody = (
        probe.ask(GetCareManagers(person(one)))
        for one in (probe.data.care_managers.protected, probe.data.care_managers.unknown)
    )
    same = (hidden.answered, len(hidden.all("careManager"))) == (
        nobody.answered,
        len(nobody.all("careManager")),
    )
    probe.expect(
        same,
        f"GetCareManagers tells a patient with protected identity from one unknown: {hidden.what} with "
        f"{len(hidden.all('careManager'))} contacts, and {nobody.what}.",
    )
