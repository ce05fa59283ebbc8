"""A producer sends no ProcessingStatus header.

It is the aggregating service that tells by it which producers have answered.
"""

from consumer.conformance.case import ANY, Force, rule
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 rules 25-27", rows="RT-38", force=Force.SHOULD, last=True)
def check(probe: Probe) -> None:
    for seen in probe.everything():
        if b"ProcessingStatus" in seen.exchange.response:
            probe.show(seen)
            probe.expect(
                False,
                "An answer has a SOAP header ProcessingStatus, which only an aggregating service sends.",
            )
