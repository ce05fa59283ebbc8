"""Who lives in the county, has PV in another and another type at home: both."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe


@rule(
    "GetListingCounty",
    "TKB GetListingCounty, scenario 3; suite 5.4",
    rows="CL-61",
    needs="persons.listed_in_two persons.two_counties",
)
def check(probe: Probe) -> None:
    codes = sorted(probe.counties(probe.data.persons.listed_in_two).texts("listingCounties/extension"))
    wanted = sorted(probe.data.persons.two_counties)
    probe.expect(
        codes == wanted,
        f"GetListingCounty answers {', '.join(codes) or 'no county'} for somebody who is listed in "
        f"{' and '.join(wanted)}.",
    )
