"""docs/listing-rules.md shows the rows that the contract tests run, and they show every refusal there is."""

import re
from itertools import chain
from pathlib import Path

import pytest

from tests.contract.listing_cases import CREATE_LISTING, UPDATE_LISTING
from tests.contract.listing_cases.case import Case
from tests.contract.listing_cases.page import PAGE, rendered

ROOT = Path(__file__).parents[2]

OWN_TEST = {"request_replaced"}
"""Refusals that take more than a row: tests/contract/test_update_listing.py."""


def test_the_rows_are_those_of_the_tests() -> None:
    text = PAGE.read_text("utf-8")
    assert rendered(text) == text, "run python -m tests.contract.listing_cases"


def test_a_page_without_markers() -> None:
    with pytest.raises(ValueError, match="rows of CreateListing"):
        rendered("# Listing rules\n")


@pytest.mark.parametrize("table", [CREATE_LISTING, UPDATE_LISTING], ids=["create", "update"])
def test_no_two_rows_have_the_same_id(table: dict[str, tuple[Case, ...]]) -> None:
    ids = [case.id for case in chain.from_iterable(table.values())]
    assert len(ids) == len(set(ids))


def test_every_refusal_has_a_row() -> None:
    modules = [*(ROOT / "listings").rglob("*.py"), *(ROOT / "producer" / "operations").rglob("*.py")]
    refusals = {
        name for module in modules for name in re.findall(r'Refused\(\s*"(\w+)"', module.read_text("utf-8"))
    }
    assert refusals, "no refusal found: the search is broken"
    cases = chain.from_iterable((*CREATE_LISTING.values(), *UPDATE_LISTING.values()))
    assert refusals - OWN_TEST <= {case.text for case in cases}
