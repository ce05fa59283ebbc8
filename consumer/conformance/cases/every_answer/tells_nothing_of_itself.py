"""HTTP headers tell nothing of what the producer is made with."""

from consumer.conformance.case import ANY, Force, rule
from consumer.conformance.probe import Probe


@rule(ANY, "SKLTP VP, response headers", rows="RT-37", force=Force.SHOULD, last=True)
def check(probe: Probe) -> None:
    for seen in probe.everything():
        for name in seen.exchange.response_headers:
            if name.lower() in ("x-powered-by", "x-aspnet-version", "x-generator"):
                probe.show(seen)
                probe.expect(
                    False, f"An answer has the HTTP header {name}, which the platform passes on to everybody."
                )
