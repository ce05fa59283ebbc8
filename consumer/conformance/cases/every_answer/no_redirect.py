"""Nothing is answered with a redirect, nor as accepted for later."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.probe import Probe


@rule(ANY, "SKLTP VP, errorhandling", rows="RT-25", last=True)
def check(probe: Probe) -> None:
    for seen in probe.everything():
        status = seen.exchange.status or 0
        if seen.exchange.request and (status == 202 or 300 <= status < 400):
            probe.show(seen)
            probe.expect(
                False,
                f"A request got HTTP {status}. The platform follows no redirect and waits for no later "
                "answer: answer at once.",
            )
