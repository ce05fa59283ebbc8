"""No answer is empty."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.probe import Probe


@rule(ANY, "SKLTP VP, errorhandling", rows="RT-25", last=True)
def check(probe: Probe) -> None:
    for seen in probe.everything():
        if (
            seen.exchange.request
            and 200 <= (seen.exchange.status or 0) < 300
            and not seen.exchange.response.strip()
        ):
            probe.show(seen)
            probe.expect(
                False,
                f"A request got HTTP {seen.exchange.status} without a body; the platform makes VP009 of it.",
            )
