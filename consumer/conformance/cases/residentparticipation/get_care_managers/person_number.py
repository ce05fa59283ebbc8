"""A patient is asked for by person number, and gets the fixed contacts."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import person
from contracts.messages import GetCareManagers


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2, section 6.1",
    rows="GC-01 S000-001 S001-003 S002-002 S002-006 S003-111",
    needs="care_managers.several",
)
def check(probe: Probe) -> None:
    seen = probe.ask(GetCareManagers(person(probe.data.care_managers.several)))
    probe.expect(
        seen.answered and seen.all("careManager"),
        f"GetCareManagers for a person number got {seen.what} with {len(seen.all('careManager'))} contacts.",
    )
