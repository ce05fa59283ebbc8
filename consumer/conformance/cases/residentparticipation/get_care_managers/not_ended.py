"""A contact whose last day has been is not told, and none ends before it begins.

Until further notice has no end at all: 9999 breaks the schema's pattern.
"""

from consumer.conformance.case import rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of
from contracts.clock import swedish_now


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2, period; S000-035, S003-117",
    rows="GC-12 S000-035 S001-066 S003-116 S003-117 S003-034",
    last=True,
)
def check(probe: Probe) -> None:
    for seen, one in parts(probe, "GetCareManagers", "careManager"):
        start, end = text_of(one, "period/start"), text_of(one, "period/end")
        if end and (end < f"{swedish_now():%Y%m%d}" or end < start):
            probe.show(seen)
            probe.expect(
                False, f"GetCareManagers answers a contact from {start} to {end}; what has ended is not told."
            )
