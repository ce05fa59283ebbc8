"""A patient is asked for by national reserve number."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import person
from contracts.messages import GetCareManagers


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2, section 6.1",
    rows="GC-03",
    needs="care_managers.reserve_number",
)
def check(probe: Probe) -> None:
    seen = probe.ask(GetCareManagers(person(probe.data.care_managers.reserve_number)))
    probe.expect(
        seen.answered, f"GetCareManagers for a national reserve number got {seen.what}; it must be an answer."
    )
