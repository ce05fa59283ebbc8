"""Hours begin before they end, and stand with one way of contact."""

from consumer.conformance.case import rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2, HoursOfServiceType; S003-092",
    rows="GC-22 S003-092",
    last=True,
)
def check(probe: Probe) -> None:
    for _, seen in answers(probe, "GetCareManagers"):
        for one in [] if seen.content is None else seen.content.iter("{*}time"):
            start, end = text_of(one, "start"), text_of(one, "end")
            if start and end and start >= end:
                probe.show(seen)
                probe.expect(
                    False,
                    f"GetCareManagers answers hours from {start} to {end}; two spans past midnight are two "
                    "periods.",
                )
