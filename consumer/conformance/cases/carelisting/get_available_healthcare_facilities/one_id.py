"""One HSA-id among the filters: that facility and no other."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule("GetAvailableHealthcareFacilities", "suite 1.2.1", rows="CL-42", needs="facilities.one")
def check(probe: Probe) -> None:
    ids = [
        one.upper() for one in probe.facilities(probe.data.facilities.one).texts("healthcareFacilities/id")
    ]
    probe.expect(
        ids == [probe.data.facilities.one.upper()],
        f"GetAvailableHealthcareFacilities, asked for one facility, answers {len(ids)}: "
        f"{', '.join(ids) or 'none'}.",
    )
