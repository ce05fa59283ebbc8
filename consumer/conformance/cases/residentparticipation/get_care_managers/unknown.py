"""A patient nobody knows gets an empty answer, and no Fault."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import person
from contracts.messages import GetCareManagers


@rule("GetCareManagers", "TKB GetCareManagers 1.0 RC2, errors", rows="GC-04", needs="care_managers.unknown")
def check(probe: Probe) -> None:
    seen = probe.ask(GetCareManagers(person(probe.data.care_managers.unknown)))
    probe.expect(
        seen.answered,
        f"GetCareManagers for a patient nobody knows got {seen.what}; it must be an empty answer.",
    )
    probe.expect(not seen.all("careManager"), "GetCareManagers answers contacts for a patient nobody knows.")
