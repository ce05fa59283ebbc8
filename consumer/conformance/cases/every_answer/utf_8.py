"""An answer is UTF-8 without byte order mark, and its XML declaration says nothing else."""

import re

from consumer.conformance.case import ANY, rule
from consumer.conformance.probe import Probe


@rule(ANY, "SjD 4.1; SKLTP VP, ConvertResponseCharset", rows="RT-04", last=True)
def check(probe: Probe) -> None:
    for seen in probe.everything():
        data = seen.exchange.response
        if seen.content is None:
            continue
        says = ""
        declared = re.match(rb"<\?xml[^>]*encoding=[\"']([^\"']+)", data)
        if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
            says = "An answer begins with a byte order mark; it should be UTF-8 without."
        elif declared is not None and declared[1].lower() not in (b"utf-8", b"us-ascii"):
            says = (
                f"An answer declares encoding {declared[1].decode('ascii', 'replace')}; it should be UTF-8."
            )
        else:
            try:
                data.decode("utf-8")
            except UnicodeDecodeError:
                says = "An answer holds bytes that are no UTF-8."
        if says:
            probe.show(seen)
            probe.expect(False, says)
