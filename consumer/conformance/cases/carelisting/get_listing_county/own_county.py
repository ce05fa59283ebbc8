"""Who lives in the county and is listed there: that county."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule("GetListingCounty", "TKB GetListingCounty, scenario 1; suite 5.1", rows="CL-59", needs="persons.listed")
def check(probe: Probe) -> None:
    codes = probe.counties(probe.data.persons.listed).texts("listingCounties/extension")
    probe.expect(
        codes == [probe.data.carelisting.county],
        f"GetListingCounty answers {', '.join(codes) or 'no county'} for somebody who lives and is listed "
        f"in {probe.data.carelisting.county}.",
    )
