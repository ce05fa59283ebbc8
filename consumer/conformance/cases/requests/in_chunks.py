"""A request that comes in chunks, without Content-Length, is understood."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import understood
from consumer.conformance.probe import Probe


@rule(ANY, "RFC 9112; SKLTP VP, producer.chunked.encoding", rows="RT-28")
def check(probe: Probe) -> None:
    understood(probe, "in chunks", chunked=True)
