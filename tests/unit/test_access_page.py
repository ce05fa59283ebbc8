"""docs/access.md: its examples are settings that can be used, and let in whom the text says."""

import re
import tomllib
from pathlib import Path

import pytest

from contracts.identifiers import HsaId
from fastkontakt.settings import load
from producer.access import Permitted, permitted

PAGE = (Path(__file__).parents[2] / "docs" / "access.md").read_text("utf-8")
EXAMPLES = dict(
    re.findall(r"^### ([^\n]+)\n(?:(?!^###).)*?^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
)


@pytest.fixture
def rules(request: pytest.FixtureRequest, tmp_path: Path) -> Permitted:
    file = tmp_path / "settings.toml"
    file.write_text(EXAMPLES[request.param], "utf-8")
    return permitted(load(file).access)


def test_there_is_an_example_for_each_way_in() -> None:
    assert list(EXAMPLES) == [
        "Behind VP only",
        "VP and a region's own platform",
        "Behind a proxy that ends TLS",
        "On one machine, for trying out",
    ]


@pytest.mark.parametrize("rules", list(EXAMPLES)[:3], indirect=True)
def test_other_regions_systems_are_let_in_beside_1177(rules: Permitted) -> None:
    found = [consumer for consumer, contracts in rules.items() if "UpdateListing" in contracts]
    assert HsaId("SE2321000016-LISTA") in found
    assert len(found) > 1


@pytest.mark.parametrize("rules", ["On one machine, for trying out"], indirect=True)
def test_on_one_machine_nothing_is_listed(rules: Permitted) -> None:
    assert rules == {}


def test_every_block_of_the_page_is_toml() -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(blocks) == len(EXAMPLES)
    for block in blocks:
        tomllib.loads(block)
