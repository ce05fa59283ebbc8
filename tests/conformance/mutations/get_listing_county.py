"""Broken in GetListingCounty."""

from collections.abc import Iterator

from tests.conformance.broken import Mutation, When, a_fault, a_result, as_if, asks, edited
from tests.conformance.edits import doubled, gone, says, text_at
from tests.conformance.mutations.common import COUNTY, HOME, P, mutation, of


def get_listing_county() -> Iterator[Mutation]:
    def county(number: str) -> When:
        return asks("GetListingCounty", f">{number}<", "CITIZEN")

    yield mutation(
        "GetListingCounty: no person numbers",
        f"{COUNTY}person_number {COUNTY}actors",
        a_fault(county(P.listed)),
    )
    yield mutation(
        "GetListingCounty: no co-ordination numbers",
        f"{COUNTY}coordination_number",
        a_fault(county(P.coordination_number)),
    )
    yield mutation(
        "another county than the own",
        f"{COUNTY}own_county {COUNTY}agrees_with_get_listing",
        edited(county(P.listed), says("listingCounties/extension", "20")),
    )
    yield mutation(
        "the home county of those who are listed elsewhere",
        f"{COUNTY}other_county {COUNTY}agrees_with_get_listing",
        edited(county(P.listed_elsewhere), says("listingCounties/extension", HOME)),
    )
    yield mutation(
        "one county of two",
        f"{COUNTY}two_counties",
        edited(
            county(P.listed_in_two), gone("listingCounties", lambda one: text_at(one, "extension") == HOME)
        ),
    )
    yield mutation(
        "a county of those who live elsewhere",
        f"{COUNTY}not_the_home_region",
        as_if(county(P.of_other_county), of(P.listed)),
    )
    yield mutation(
        "ERROR for those who live elsewhere",
        f"{COUNTY}not_the_home_region",
        a_result(county(P.of_other_county), "ERROR", "Fel region."),
    )
    yield mutation(
        "a county for who is listed nowhere",
        f"{COUNTY}not_listed {COUNTY}agrees_with_get_listing",
        as_if(county(P.not_listed), of(P.listed)),
    )
    yield mutation(
        "the county of protected identity", f"{COUNTY}protected", as_if(county(P.protected), of(P.listed))
    )
    yield mutation(
        "counties under another root",
        f"{COUNTY}county_codes",
        edited(county(P.listed_in_two), says("listingCounties/root", "1.2.3")),
    )
    yield mutation(
        "a county twice",
        f"{COUNTY}county_codes",
        edited(county(P.coordination_number), doubled("listingCounties")),
    )
    yield mutation(
        "an abolished county",
        f"{COUNTY}county_codes",
        edited(county(P.coordination_number), says("listingCounties/extension", "15")),
    )
    yield mutation(
        "GetListingCounty: refuses an actor",
        f"{COUNTY}actors",
        a_result(asks("GetListingCounty", "REGION"), "ERROR", "Aktören är inte tillåten."),
    )
