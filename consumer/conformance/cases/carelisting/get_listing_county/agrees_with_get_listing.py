"""GetListingCounty names this county when, and only when, GetListing has an active listing here."""

from consumer.conformance.case import Force, rule
from consumer.conformance.probe import Probe
from consumer.conformance.seen import FALSE


@rule(
    "GetListingCounty",
    "TKB carelisting 2.1, GetListing and GetListingCounty",
    rows="CL-72",
    force=Force.SHOULD,
    needs="persons.listed",
)
def check(probe: Probe) -> None:
    of = probe.data.persons
    for number in {of.listed, of.with_doctor, of.not_listed, of.listed_elsewhere} - {"", "none"}:
        active = any(one in FALSE for one in probe.listing(number).texts("listings/isInQueue"))
        named = probe.data.carelisting.county in probe.counties(number).texts("listingCounties/extension")
        probe.expect(
            active == named,
            f"GetListing {'has' if active else 'has no'} active listing and GetListingCounty "
            f"{'names' if named else 'does not name'} the county, for one person.",
        )
