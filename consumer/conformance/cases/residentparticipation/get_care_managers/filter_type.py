"""A filter on the type gives the contacts of that type and no others."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from contracts import oids
from contracts.messages import CV


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2, careManagerType",
    rows="GC-25",
    needs="care_managers.several",
)
def check(probe: Probe) -> None:
    number = probe.data.care_managers.several
    every = probe.care_managers(number).texts("careManager/code/code")
    for code in sorted(set(every)):
        kinds = probe.care_managers(number, CV(code, oids.FIXED_CONTACT_TYPE)).texts("careManager/code/code")
        probe.expect(
            kinds == [code] * every.count(code),
            f"GetCareManagers, asked for type {code}, answers {', '.join(kinds) or 'none'}; without filter "
            f"there are {every.count(code)} of it.",
        )
