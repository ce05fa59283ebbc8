"""The element in the Body is the operation's name and Response, in the namespace of the contract."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 rule 7", rows="RT-02", last=True)
def check(probe: Probe) -> None:
    for seen in probe.everything():
        wrong = seen.content is not None and seen.fault is None and not seen.answered
        if wrong and seen.contract is not None and seen.exchange.request:
            probe.show(seen)
            probe.expect(
                False,
                f"{seen.contract.name} got an answer that {seen.trouble}; expected {seen.contract.response}.",
            )
