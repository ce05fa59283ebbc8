"""A person number of ten digits is never answered with contacts."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import person
from contracts.messages import GetCareManagers


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2, section 6.1; S000-002",
    rows="GC-01 S000-002",
    needs="care_managers.several",
)
def check(probe: Probe) -> None:
    seen = probe.ask(GetCareManagers(person(probe.data.care_managers.several[2:])))
    probe.expect(
        not seen.all("careManager"),
        "GetCareManagers answers contacts for a number of ten digits; without the century it may be "
        "another's.",
    )
