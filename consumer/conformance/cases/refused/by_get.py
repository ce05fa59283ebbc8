"""GET to the address of a contract is not answered as a request."""

from consumer.conformance.case import ANY, Force, rule
from consumer.conformance.probe import Probe


@rule(ANY, "WS-I BP 1.1", rows="RT-35", force=Force.SHOULD)
def check(probe: Probe) -> None:
    plain = probe.plain()
    seen = probe.raw(plain.contract, b"", method="GET")
    probe.expect(
        not seen.answered,
        f"GET got an answer of {plain.contract.name}; answer HTTP 405, or a page for people.",
    )
