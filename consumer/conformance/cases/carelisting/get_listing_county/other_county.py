"""Who lives in the county and is listed in another: the other county."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule(
    "GetListingCounty",
    "TKB GetListingCounty, scenario 2; suite 5.2",
    rows="CL-60",
    needs="persons.listed_elsewhere persons.elsewhere_county",
)
def check(probe: Probe) -> None:
    codes = probe.counties(probe.data.persons.listed_elsewhere).texts("listingCounties/extension")
    probe.expect(
        codes == [probe.data.persons.elsewhere_county],
        f"GetListingCounty answers {', '.join(codes) or 'no county'} for somebody who is listed in "
        f"{probe.data.persons.elsewhere_county}.",
    )
