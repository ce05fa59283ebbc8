"""Home region, the resident listed in another county now: that is noted, the listing here ends."""

from consumer.conformance.case import rule
from consumer.conformance.looking import notice
from consumer.conformance.probe import Probe
from consumer.conformance.seen import FALSE, text_of
from contracts.codes import PV


@rule(
    "UpdateListing",
    "TKB UpdateListing; suite 1.1",
    rows="CL-80",
    needs="writes.leaver writes.leaver_county",
    writes=True,
)
def check(probe: Probe) -> None:
    of = probe.data.writes
    seen = probe.ask(notice(of.leaver, of.leaver_county, probe.data.carelisting.county))
    probe.expect(seen.done, f"UpdateListing about a resident of the county got {seen.what}; it must be OK.")
    if not seen.done:
        return
    codes = probe.counties(of.leaver, anew=True).texts("listingCounties/extension")
    probe.expect(
        of.leaver_county in codes,
        f"After UpdateListing GetListingCounty answers {', '.join(codes) or 'no county'}; it must name "
        f"{of.leaver_county}.",
    )
    kinds = [
        text_of(one, "listingType/codeSystem")
        for one in probe.listing(of.leaver, anew=True).all("listings")
        if text_of(one, "isInQueue") in FALSE
    ]
    probe.expect(PV.system not in kinds, "After UpdateListing the resident is still listed here for PV.")
