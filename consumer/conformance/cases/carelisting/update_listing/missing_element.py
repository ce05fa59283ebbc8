"""A mandatory element is missing: ERROR and a text, and no Fault."""

from consumer.conformance.case import rule
from consumer.conformance.looking import notice
from consumer.conformance.probe import Probe
from contracts.catalogue import by_name


@rule(
    "UpdateListing",
    "suite 3.2.2",
    rows="CL-85 RT-34",
    needs="writes.leaver writes.leaver_county",
    writes=True,
)
def check(probe: Probe) -> None:
    of = probe.data.writes
    body = probe.written(notice(of.leaver, of.leaver_county, probe.data.carelisting.county))
    start, end = body.index(b"<ns0:homeCounty>"), body.index(b"</ns0:homeCounty>") + len(b"</ns0:homeCounty>")
    seen = probe.raw(by_name("UpdateListing"), body[:start] + body[end:])
    probe.expect(
        seen.code == "ERROR",
        f"UpdateListing without homeCounty got {seen.what}; the suite wants resultCode ERROR with the "
        "validation report, and no Fault.",
    )
