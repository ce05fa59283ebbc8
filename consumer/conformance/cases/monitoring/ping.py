"""PingForConfiguration answers, when it is offered."""

from consumer.conformance.case import Force, rule
from consumer.conformance.probe import Probe


@rule("PingForConfiguration", "RIV-TA BP 2.1 rule 21, withdrawn in 2.1.4", rows="RT-39", force=Force.SHOULD)
def check(probe: Probe) -> None:
    seen = probe.ping()
    probe.expect(seen.answered, f"PingForConfiguration got {seen.what}.")
    probe.expect(not seen.answered or seen.text("version"), "PingForConfiguration tells no version.")
