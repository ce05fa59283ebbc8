"""An address that is an HSA-id is the same whatever its letter case."""

from consumer.conformance.case import Force, rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import person
from contracts.messages import GetCareManagers


@rule(
    "GetCareManagers",
    "HSA; RIV-TA BP 2.1 rule 8",
    rows="GC-36",
    force=Force.SHOULD,
    needs="care_managers.several",
)
def check(probe: Probe) -> None:
    seen = probe.ask(
        GetCareManagers(person(probe.data.care_managers.several)), probe.data.care_managers.address.lower()
    )
    probe.expect(
        seen.answered, f"GetCareManagers, addressed with the HSA-id in small letters, got {seen.what}."
    )
