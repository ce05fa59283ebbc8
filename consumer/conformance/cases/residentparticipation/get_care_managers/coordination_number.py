"""A patient is asked for by co-ordination number."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import person
from contracts.messages import GetCareManagers


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2, section 6.1",
    rows="GC-02 S001-061",
    needs="care_managers.coordination_number",
)
def check(probe: Probe) -> None:
    seen = probe.ask(GetCareManagers(person(probe.data.care_managers.coordination_number)))
    probe.expect(
        seen.answered, f"GetCareManagers for a co-ordination number got {seen.what}; it must be an answer."
    )
