"""Broken in GetListingTypes."""

import re
from collections.abc import Iterator

from tests.conformance.broken import Mutation, When, a_fault, as_if, asks, edited, into
from tests.conformance.edits import doubled, gone, resays, text_at
from tests.conformance.in_process import demo_data
from tests.conformance.mutations.common import (
    HOME,
    TYPES,
    P,
    mutation,
    without,
)


def get_listing_types() -> Iterator[Mutation]:
    alone = asks("GetListingTypes", without="personId")

    def types(number: str) -> When:
        return asks("GetListingTypes", f">{number}<", "homeCountyCode")

    yield mutation(
        "PV goes without saying",
        f"{TYPES}all_types",
        edited(alone, gone("listingTypes", lambda one: text_at(one, "code") == "PV")),
    )
    yield mutation(
        "no types for residents", f"{TYPES}own_resident", edited(types(P.listed), gone("listingTypes"))
    )
    yield mutation(
        "GetListingTypes: no co-ordination numbers",
        f"{TYPES}coordination_number",
        a_fault(types(P.coordination_number)),
    )
    yield mutation(
        "every type for everybody",
        f"{TYPES}without_agreement",
        into(
            types(P.unknown),
            lambda text: text.replace(
                f">{demo_data().carelisting.no_agreement_county}<", f">{HOME}<"
            ).replace(P.unknown, P.listed),
        ),
    )
    yield mutation(
        "types that nobody agreed on",
        f"{TYPES}with_agreement",
        as_if(
            types(P.of_other_county),
            lambda asked: asked._replace(
                body=re.sub(r"(?s)<ns0:personId>.*</ns0:homeCountyCode>", "", asked.body.decode()).encode()
            ),
        ),
    )
    yield mutation(
        "not PV for neighbours",
        f"{TYPES}with_agreement",
        edited(types(P.of_other_county), gone("listingTypes", lambda one: text_at(one, "code") == "PV")),
    )
    yield mutation(
        "the own types under other codes",
        f"{TYPES}own_types",
        edited(alone, resays("listingTypes/code", lambda text: text.replace("BHV", "BVC"))),
    )
    yield mutation("a type twice", f"{TYPES}each_once", edited(types(P.listed), doubled("listingTypes")))
    yield mutation(
        "a person without county is as nobody",
        f"{TYPES}person_without_county",
        into(asks("GetListingTypes", f">{P.listed}<", without="homeCountyCode"), without("personId")),
    )
