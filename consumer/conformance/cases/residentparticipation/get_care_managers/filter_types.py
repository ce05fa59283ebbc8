"""Several types among the filters give the contacts of any of them."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from contracts import oids
from contracts.messages import CV


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2, careManagerType 0..*",
    rows="GC-26",
    needs="care_managers.several",
)
def check(probe: Probe) -> None:
    number = probe.data.care_managers.several
    every = probe.care_managers(number).texts("careManager/code/code")
    wanted = sorted(set(every))[:2]
    kinds = probe.care_managers(number, *(CV(code, oids.FIXED_CONTACT_TYPE) for code in wanted)).texts(
        "careManager/code/code"
    )
    probe.expect(
        sorted(kinds) == sorted(code for code in every if code in wanted),
        f"GetCareManagers, asked for types {' and '.join(wanted)}, answers {', '.join(kinds) or 'none'}.",
    )
