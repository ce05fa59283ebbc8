"""Home region, and newListingCounty is its own: the note of the other county is dropped."""

from consumer.conformance.case import rule
from consumer.conformance.looking import notice
from consumer.conformance.probe import Probe


@rule(
    "UpdateListing",
    "TKB UpdateListing; IS flow 13",
    rows="CL-81",
    needs="writes.homecomer carelisting.county",
    writes=True,
)
def check(probe: Probe) -> None:
    number, home = probe.data.writes.homecomer, probe.data.carelisting.county
    before = set(probe.counties(number, anew=True).texts("listingCounties/extension")) - {home}
    seen = probe.ask(notice(number, home, home))
    probe.expect(
        seen.done,
        f"UpdateListing that the listing in another county has ended got {seen.what}; it must be OK.",
    )
    after = set(probe.counties(number, anew=True).texts("listingCounties/extension"))
    probe.expect(
        not seen.done or not before & after,
        f"After UpdateListing GetListingCounty still names {', '.join(sorted(before & after))}.",
    )
