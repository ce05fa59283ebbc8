"""A patient without contacts, or who has declined one, gets an empty answer."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import person
from contracts.messages import GetCareManagers


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2; S003-044",
    rows="GC-04 S003-044",
    needs="care_managers.none",
)
def check(probe: Probe) -> None:
    seen = probe.ask(GetCareManagers(person(probe.data.care_managers.none)))
    probe.expect(
        seen.answered,
        f"GetCareManagers for a patient without contacts got {seen.what}; it must be an empty answer.",
    )
    probe.expect(not seen.all("careManager"), "GetCareManagers answers contacts for a patient who has none.")
