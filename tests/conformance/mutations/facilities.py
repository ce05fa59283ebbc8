"""Broken in GetAvailableHealthcareFacilities."""

from collections.abc import Callable, Iterator

from lxml import etree

from tests.conformance.broken import Mutation, When, a_result, asks, edited, into
from tests.conformance.edits import added, both, doubled, each, gone, says, text_at
from tests.conformance.mutations.common import (
    PLACES,
    F,
    mutation,
    swapped,
    without,
)


def facilities() -> Iterator[Mutation]:
    def places(*texts: str, no: str = "listingTypes") -> When:
        return asks("GetAvailableHealthcareFacilities", *texts, without=no)

    def one(id: str) -> When:
        when = places(f">{id}<")
        return lambda asked: when(asked) and asked.body.count(b"<ns0:healthcareFacilities") == 1

    filterless = lambda asked: places()(asked) and b"<ns0:healthcareFacilities" not in asked.body  # noqa: E731
    several = lambda asked: places()(asked) and asked.body.count(b"<ns0:healthcareFacilities") == 2  # noqa: E731
    typed = asks("GetAvailableHealthcareFacilities", "listingTypes", without="<ns0:healthcareFacilities")
    pv = lambda asked: typed(asked) and b">PV<" in asked.body and b"1.2.3.4.5" not in asked.body  # noqa: E731
    own = lambda asked: typed(asked) and b">BHV<" in asked.body  # noqa: E731
    unknown = lambda asked: typed(asked) and b"NOTHING" in asked.body  # noqa: E731
    both_filters = asks("GetAvailableHealthcareFacilities", "<ns0:healthcareFacilities", "listingTypes")

    def named(id: str) -> Callable[[etree._Element], None]:
        return both(doubled("healthcareFacilities", says("id", id)))

    yield mutation(
        "a facility left out",
        f"{PLACES}all",
        edited(filterless, gone("healthcareFacilities", lambda one: text_at(one, "id") == F.another)),
    )
    yield mutation("a facility twice", f"{PLACES}all", edited(filterless, doubled("healthcareFacilities")))
    yield mutation(
        "a facility nobody asked for", f"{PLACES}one_id", edited(one(F.one), named("SE2321000131-DEMOVC09"))
    )
    yield mutation(
        "one facility of two",
        f"{PLACES}several_ids",
        edited(several, gone("healthcareFacilities", lambda one: text_at(one, "id") == F.one)),
    )
    yield mutation(
        "letter case means something",
        f"{PLACES}letter_case",
        edited(places(F.one.lower()), gone("healthcareFacilities")),
    )
    yield mutation(
        "every facility for an unknown one",
        f"{PLACES}unknown_id",
        into(one(F.unknown), without("healthcareFacilities")),
    )
    yield mutation(
        "ERROR for an unknown facility",
        f"{PLACES}unknown_id",
        a_result(one(F.unknown), "ERROR", "Mottagningen finns inte."),
    )

    def no_pv(content: etree._Element) -> None:
        for place in content.iterfind("{*}healthcareFacilities"):
            if text_at(place, "id") == F.several_types:
                gone("supportedListingTypes", lambda one: text_at(one, "code") == "PV")(place)

    yield mutation("facilities without PV for PV", f"{PLACES}national_type", edited(pv, no_pv))
    yield mutation(
        "no types is no PV",
        f"{PLACES}no_types_is_primary_care",
        edited(pv, gone("healthcareFacilities", lambda one: one.find("{*}supportedListingTypes") is None)),
    )
    yield mutation(
        "facilities without the type",
        f"{PLACES}own_type",
        edited(
            own,
            doubled(
                "healthcareFacilities",
                both(
                    says("id", "SE2321000131-DEMOVC04"),
                    each(
                        "supportedListingTypes",
                        lambda one: says("code", "FYS")(one) if text_at(one, "code") == "BHV" else None,
                    ),
                ),
            ),
        ),
    )
    yield mutation(
        "compares codes without code system",
        f"{PLACES}code_system",
        into(
            lambda asked: typed(asked) and b"1.2.3.4.5" in asked.body and b"NOTHING" not in asked.body,
            swapped("1.2.3.4.5", "1.2.752.129.5.1.27"),
        ),
    )
    yield mutation(
        "ERROR for an unknown type",
        f"{PLACES}unknown_types",
        a_result(unknown, "ERROR", "Okänd listningstyp."),
    )
    yield mutation(
        "nothing for an unknown type", f"{PLACES}unknown_types", edited(unknown, gone("healthcareFacilities"))
    )
    yield mutation("either filter", f"{PLACES}both_filters", into(both_filters, without("listingTypes")))
    full = one(F.full_with_queue)
    yield mutation(
        "never a queue",
        f"{PLACES}queue_of_a_full_facility {PLACES}queue_length",
        edited(
            full,
            both(
                says("healthcareFacilities/hasQueue", "false"),
                gone("healthcareFacilities/estimatedWaitInQueue"),
            ),
        ),
    )
    yield mutation(
        "no lengths of queues",
        f"{PLACES}queue_length",
        edited(
            full,
            both(gone("healthcareFacilities/queueLength"), gone("healthcareFacilities/estimatedWaitInQueue")),
        ),
    )
    yield mutation(
        "a queue where there is room",
        f"{PLACES}no_queue_with_room",
        edited(one(F.with_room), says("healthcareFacilities/hasQueue", "true")),
    )
    yield mutation(
        "a queue where none is offered",
        f"{PLACES}full_without_queue",
        edited(one(F.full_without_queue), says("healthcareFacilities/hasQueue", "true")),
    )
    yield mutation(
        "a wait without a queue",
        f"{PLACES}wait_with_a_queue_alone",
        edited(
            one(F.full_without_queue),
            added(
                "healthcareFacilities/supportsHealthcarePersonnel",
                "<e:estimatedWaitInQueue>9</e:estimatedWaitInQueue>",
            ),
        ),
    )
    yield mutation(
        "no choice of doctor",
        f"{PLACES}choice_of_doctor",
        edited(one(F.with_doctors), says("healthcareFacilities/supportsHealthcarePersonnel", "false")),
    )
    yield mutation(
        "a choice of doctor everywhere",
        f"{PLACES}no_choice_of_doctor",
        edited(full, says("healthcareFacilities/supportsHealthcarePersonnel", "true")),
    )
    yield mutation(
        "one type alone",
        f"{PLACES}several_types",
        edited(
            one(F.several_types),
            gone("healthcareFacilities/supportedListingTypes", lambda one: text_at(one, "code") != "PV"),
        ),
    )
