"""HSA-ids are compared whatever their letter case."""

from consumer.conformance.case import Force, rule
from consumer.conformance.probe import Probe


@rule(
    "GetAvailableHealthcarePersonnel",
    "TKB carelisting 2.1, HSAIdType",
    rows="CL-58",
    force=Force.SHOULD,
    needs="persons.listed facilities.with_doctors",
)
def check(probe: Probe) -> None:
    one = probe.data.facilities.with_doctors
    first = probe.personnel(probe.data.persons.listed, one).texts("healthcarePersonnel/id")
    other = probe.personnel(probe.data.persons.listed, one.swapcase()).texts("healthcarePersonnel/id")
    probe.expect(
        first == other,
        f"GetAvailableHealthcarePersonnel tells {one} from {one.swapcase()}, which are the same HSA-id.",
    )
