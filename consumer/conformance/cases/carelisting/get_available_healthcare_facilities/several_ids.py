"""Several HSA-ids among the filters: those facilities and no others."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule(
    "GetAvailableHealthcareFacilities", "suite 1.2.2", rows="CL-43", needs="facilities.one facilities.another"
)
def check(probe: Probe) -> None:
    wanted = (probe.data.facilities.one, probe.data.facilities.another)
    ids = sorted(one.upper() for one in probe.facilities(*wanted).texts("healthcareFacilities/id"))
    probe.expect(
        ids == sorted(one.upper() for one in wanted),
        f"GetAvailableHealthcareFacilities, asked for two facilities, answers {len(ids)}: "
        f"{', '.join(ids) or 'none'}.",
    )
