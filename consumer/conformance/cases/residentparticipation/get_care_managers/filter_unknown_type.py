"""A type that nobody has gives an empty answer and no Fault: codes may be added to the list."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import person
from contracts import oids
from contracts.messages import CV, GetCareManagers


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2; Kv typ av fast kontakt",
    rows="GC-28",
    needs="care_managers.several",
)
def check(probe: Probe) -> None:
    seen = probe.ask(
        GetCareManagers(
            person(probe.data.care_managers.several), care_manager_type=(CV("99", oids.FIXED_CONTACT_TYPE),)
        )
    )
    probe.expect(
        seen.answered,
        f"GetCareManagers, asked for a type that nobody has, got {seen.what}; it must be an empty answer.",
    )
    probe.expect(
        not seen.all("careManager"), "GetCareManagers, asked for a type that nobody has, answers contacts."
    )
