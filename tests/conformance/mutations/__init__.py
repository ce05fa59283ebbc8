"""The broken producers, each by its switch, with the rule that must find it."""

from tests.conformance.broken import Mutation
from tests.conformance.mutations.care_manager_filters import care_manager_filters
from tests.conformance.mutations.care_managers import care_managers
from tests.conformance.mutations.changing import changing
from tests.conformance.mutations.domain import domain
from tests.conformance.mutations.every_answer import every_answer
from tests.conformance.mutations.facilities import facilities
from tests.conformance.mutations.get_listing import get_listing
from tests.conformance.mutations.get_listing_county import get_listing_county
from tests.conformance.mutations.get_listing_types import get_listing_types
from tests.conformance.mutations.personnel import personnel
from tests.conformance.mutations.refused import refused
from tests.conformance.mutations.requests import requests


def reading_mutations() -> list[Mutation]:
    """Return the producers that are broken in what they answer."""
    return [
        *every_answer(),
        *requests(),
        *refused(),
        *domain(),
        *get_listing(),
        *get_listing_county(),
        *get_listing_types(),
        *facilities(),
        *personnel(),
        *care_managers(),
        *care_manager_filters(),
    ]


def changing_mutations() -> list[Mutation]:
    """Return the producers that are broken in what changes their data."""
    return list(changing())
