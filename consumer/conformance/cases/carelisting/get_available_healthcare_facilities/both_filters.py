"""With both filters both hold."""

from consumer.conformance.case import Force, rule
from consumer.conformance.probe import Probe


@rule(
    "GetAvailableHealthcareFacilities",
    "no document says; the only reading in which a filter filters",
    rows="CL-55",
    force=Force.SHOULD,
    needs="facilities.one facilities.another carelisting.local_type",
)
def check(probe: Probe) -> None:
    local = probe.data.carelisting.local_type
    with_it = {one.upper() for one in probe.facilities(types=(local,)).texts("healthcareFacilities/id")}
    ids = {
        one.upper()
        for one in probe.facilities(
            probe.data.facilities.one, probe.data.facilities.another, types=(local,)
        ).texts("healthcareFacilities/id")
    }
    wanted = with_it & {probe.data.facilities.one.upper(), probe.data.facilities.another.upper()}
    probe.expect(
        ids == wanted,
        f"GetAvailableHealthcareFacilities with both filters answers {', '.join(sorted(ids)) or 'none'}; "
        f"{', '.join(sorted(wanted)) or 'none'} fits both.",
    )
