"""No answer is compressed: the platform takes away what would ask for it."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.probe import Probe


@rule(ANY, "SKLTP VP, HttpHeaderFilterProperties", rows="RT-26", last=True)
def check(probe: Probe) -> None:
    for seen in probe.everything():
        coding = next(
            (v for n, v in seen.exchange.response_headers.items() if n.lower() == "content-encoding"),
            "identity",
        )
        if coding.lower() != "identity":
            probe.show(seen)
            probe.expect(False, f"An answer has Content-Encoding {coding}, which nobody asked for.")
