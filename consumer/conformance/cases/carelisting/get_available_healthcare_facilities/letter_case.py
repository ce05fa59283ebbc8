"""HSA-ids are compared whatever their letter case."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule(
    "GetAvailableHealthcareFacilities", "TKB carelisting 2.1, HSAIdType", rows="CL-07", needs="facilities.one"
)
def check(probe: Probe) -> None:
    one = probe.data.facilities.one
    other = one.lower() if one != one.lower() else one.upper()
    ids = probe.facilities(other).texts("healthcareFacilities/id")
    probe.expect(
        len(ids) == 1,
        f"GetAvailableHealthcareFacilities, asked for {other}, answers {len(ids)} facilities; {one} and "
        f"{other} are the same HSA-id.",
    )
