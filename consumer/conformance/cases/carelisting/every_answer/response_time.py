"""95 % of the calls are answered within a second.

The time is that of the whole call, network included; the limit can be set in the data file for a test
environment.
"""

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe
from contracts.catalogue import CARELISTING


@rule(ANY, "TKB carelisting 2.1, SLA", rows="CL-16", last=True)
def check(probe: Probe) -> None:
    limit = probe.data.limits.carelisting_seconds
    taken = [seen.exchange.seconds for _, seen in answers(probe, domain=CARELISTING)]
    within = sum(one <= limit for one in taken) / len(taken)
    probe.expect(
        within >= probe.data.limits.share,
        f"{within:.0%} of {len(taken)} calls were answered within {limit:g} s; it must be "
        f"{probe.data.limits.share:.0%}. The slowest took {max(taken):.2f} s.",
    )
