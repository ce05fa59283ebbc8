"""Content-Type is text/xml with charset UTF-8.

The platform writes its own in its place, so another charset reaches the consumer under a wrong name.
"""

from consumer.conformance.case import ANY, rule
from consumer.conformance.probe import Probe
from consumer.conformance.seen import charset


@rule(ANY, "SjD 4.1; SKLTP VP, ConvertResponseCharset", rows="RT-04", last=True)
def check(probe: Probe) -> None:
    for seen in probe.everything():
        if seen.content is None:
            continue
        label = next(
            (v for n, v in seen.exchange.response_headers.items() if n.lower() == "content-type"), ""
        )
        media, _, rest = label.partition(";")
        right = media.strip().lower() == "text/xml" and charset(seen.exchange) == "utf-8" and bool(rest)
        if not right:
            probe.show(seen)
            probe.expect(
                False,
                f"An answer has Content-Type {label or '(none)'}; it should be text/xml; charset=UTF-8.",
            )
