"""What has an HTTP status of success is a SOAP 1.1 envelope with one element in its Body."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 rule 1 (WS-I BP 1.1)", rows="RT-01", last=True)
def check(probe: Probe) -> None:
    for seen in probe.everything():
        if (
            seen.content is None
            and 200 <= (seen.exchange.status or 0) < 300
            and seen.exchange.response
            and seen.exchange.request
        ):
            probe.show(seen)
            probe.expect(False, f"An answer with HTTP {seen.exchange.status} {seen.trouble}.")
