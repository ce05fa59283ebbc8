"""The golden files: the demo's answer in each situation is the one that has been read and found right."""

import pytest

from tests.golden.answers import FILES, answers
from tests.golden.page import PAGE, page
from tests.golden.situations import DEMO_PAGE, situations

SITUATIONS = situations()


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """The answers of today's code by the name of their file."""
    return answers(SITUATIONS)


@pytest.mark.parametrize("name", [one.name for one in SITUATIONS])
def test_the_answer_is_the_one_in_the_file(texts: dict[str, str], name: str) -> None:
    """Where the new answer is right: python -m tests.golden, and read what has changed."""
    assert (FILES / f"{name}.xml").read_text(encoding="utf-8") == texts[name]


def test_no_file_is_left_over() -> None:
    assert {file.stem for file in FILES.glob("*.xml")} == {one.name for one in SITUATIONS}


def test_the_page_shows_the_files(texts: dict[str, str]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(SITUATIONS, texts)


def test_every_person_with_contacts_or_listings_has_a_file() -> None:
    """The tables of the page are read to the end: persons that stand in one of them alone are here too."""
    asked = {(one.contract, one.person) for one in SITUATIONS}
    assert ("GetCareManagers", "199701052392") in asked  # the last of the fixed contacts
    assert ("GetListing", "198901192396") in asked  # the last of those across counties
    assert ("GetCareManagers", "191001289816") in asked  # the last of those never shown
    text = DEMO_PAGE.read_text(encoding="utf-8").partition("\n## Fixed contacts\n")[2].partition("\n## ")[0]
    people = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}
    assert people <= {person for contract, person in asked if contract == "GetCareManagers"}
