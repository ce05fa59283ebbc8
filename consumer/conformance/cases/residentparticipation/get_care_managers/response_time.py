"""95 % of the calls are answered within three seconds."""

from consumer.conformance.case import rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe


@rule("GetCareManagers", "TKB GetCareManagers 1.0 RC2, SLA", rows="GC-30", last=True)
def check(probe: Probe) -> None:
    limit = probe.data.limits.care_managers_seconds
    taken = [seen.exchange.seconds for _, seen in answers(probe, "GetCareManagers")]
    within = sum(one <= limit for one in taken) / len(taken)
    probe.expect(
        within >= probe.data.limits.share,
        f"{within:.0%} of {len(taken)} calls were answered within {limit:g} s; it must be "
        f"{probe.data.limits.share:.0%}. The slowest took {max(taken):.2f} s.",
    )
