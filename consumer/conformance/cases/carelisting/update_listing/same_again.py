"""The same UpdateListing again is harmless."""

from consumer.conformance.case import Blocked, rule
from consumer.conformance.looking import notice
from consumer.conformance.probe import Probe


@rule(
    "UpdateListing",
    "SKLTP VP, retry; TKB carelisting 4.2.1",
    rows="CL-21",
    needs="writes.leaver writes.leaver_county",
    writes=True,
)
def check(probe: Probe) -> None:
    of = probe.data.writes
    message = notice(of.leaver, of.leaver_county, probe.data.carelisting.county)
    if not probe.ask(message).done:
        raise Blocked("UpdateListing about the resident in writes.leaver was not done")
    before = sorted(probe.counties(of.leaver, anew=True).texts("listingCounties/extension"))
    again = probe.ask(message)
    after = sorted(probe.counties(of.leaver, anew=True).texts("listingCounties/extension"))
    probe.expect(
        again.done, f"The same UpdateListing again got {again.what}; it must be answered as the first."
    )
    probe.expect(before == after, "The same UpdateListing twice changed where the resident is listed.")
