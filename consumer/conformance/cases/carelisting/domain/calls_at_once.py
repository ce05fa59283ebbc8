"""Calls that come at the same time are answered as when they come alone.

The contract wants a transaction a second at least; here eight come at once.
"""

from consumer.conformance.case import ANY, Blocked, rule
from consumer.conformance.probe import Probe
from consumer.conformance.seen import outline


@rule(ANY, "TKB carelisting 2.1, SLA", rows="CL-17")
def check(probe: Probe) -> None:
    plain = probe.plain()
    first = probe.ask(plain.message)
    if not first.answered:
        raise Blocked(f"the plainest request got {first.what}")
    for seen in probe.at_once(plain.contract, [plain.body] * 8):
        same = seen.answered and outline(seen.content) == outline(first.content)
        probe.expect(
            same,
            "One of 8 requests that came at the same time got "
            f"{'another answer' if seen.answered else seen.what}.",
        )
