"""A request of another media type than text/xml is refused."""

from consumer.conformance.case import ANY, Force, rule
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 rule 1 (WS-I BP 1.1)", rows="RT-36", force=Force.SHOULD)
def check(probe: Probe) -> None:
    plain = probe.plain()
    seen = probe.raw(plain.contract, plain.body, {"Content-Type": "application/json"})
    probe.expect(
        not seen.answered,
        "A request labelled application/json was answered; refuse it with a Fault, or HTTP 415.",
    )
