"""The decision tables of CreateListing and UpdateListing.

The contract tests run every row, and docs/listing-rules.md shows them; ``python -m
tests.contract.listing_cases`` writes the rows into that page anew.
"""

from collections.abc import Mapping
from itertools import chain

from tests.contract.listing_cases import choosing, limits, refusing, updating
from tests.contract.listing_cases.case import Case
from tests.strength import sized

CREATE_LISTING: dict[str, tuple[Case, ...]] = {
    "Listing and re-listing": choosing.LISTING,
    "At the facility where the resident is listed": choosing.OWN_FACILITY,
    "Room, and the queue": choosing.ROOM + choosing.FULL,
    "The facility": refusing.FACILITY,
    "The listing type": refusing.TYPE,
    "The doctor": refusing.DOCTOR,
    "The counties": refusing.COUNTIES,
    "The resident": refusing.PERSONS,
    "Who asks": refusing.ACTORS,
    "Consent of guardians": limits.CONSENTS,
    "Age": limits.AGES + limits.AGES_UNKNOWN,
    "Re-listings of a year": limits.YEAR,
    "Places that become free": limits.QUEUES,
    "The same request again": limits.REPEATS,
}
"""Rows of CreateListing by the heading they stand under."""

UPDATE_LISTING: dict[str, tuple[Case, ...]] = {
    "As the home region": updating.AT_HOME,
    "As another region": updating.NOT_HOME,
    "What is refused": updating.REFUSED,
}
"""Rows of UpdateListing by the heading they stand under."""


def with_databases(table: Mapping[str, tuple[Case, ...]]) -> list[tuple[str, Case]]:
    """Return the rows of a table, each with the database it is tried on: every one on SQLite.

    The rules are the same on both. Of the rows that are answered alike and have the same effect the quick
    tests try one on PostgreSQL, so that its statements run.
    """
    rows = list(chain.from_iterable(table.values()))
    one_of_each = list({(row.code, row.text, row.effect): row for row in rows}.values())
    on_postgresql = sized(quick=one_of_each, full=rows)
    return [*(("sqlite", row) for row in rows), *(("postgresql", row) for row in on_postgresql)]
