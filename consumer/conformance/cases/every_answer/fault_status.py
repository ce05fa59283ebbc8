"""A SOAP Fault has HTTP status 500, or 403 where access is denied.

The platform drops the body of any other status, and the consumer never learns what was wrong.
"""

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import faults
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 section 3.1 and rule 28; WS-I BP 1.1", rows="RT-10", last=True)
def check(probe: Probe) -> None:
    for seen in faults(probe):
        if seen.exchange.status not in (500, 403):
            probe.show(seen)
            probe.expect(False, f"A SOAP Fault came with HTTP {seen.exchange.status}; it must be 500.")
