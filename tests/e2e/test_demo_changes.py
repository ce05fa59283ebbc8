"""What docs/demo-data.md promises about changing listings, in its order, against the real demo server."""

import re
import shlex
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fastkontakt.cli import app
from tests.e2e.processes import Server, serving

PAGE = Path(__file__).parents[2] / "docs" / "demo-data.md"


def promises() -> list[list[str]]:
    """Return the cells of the table."""
    section = PAGE.read_text("utf-8").partition("## Changing listings\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`\d.*) \|$", section, re.MULTILINE)
    return [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row)] for row in rows]


def call(server: Server, contract: str, address: str, person: str, *options: str) -> tuple[int, str]:
    done = CliRunner().invoke(
        app,
        [
            "call",
            contract,
            "--endpoint",
            server.base,
            "--logical-address",
            address,
            "--person",
            person,
            *options,
        ],
        env={"COLUMNS": "200"},
    )
    return done.exit_code, done.output


@dataclass(frozen=True)
class Changed:
    """A demo on which everything the page lists was done, in its order, and how each row of it ended."""

    server: Server
    outcomes: list[tuple[list[str], int, str]]


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Changed]:
    """A demo of its own, as what is done here must not show elsewhere.

    Whatever follows from the page's calls needs them done, whichever process of the tests it runs in.
    """
    # Regions call each other through the one process: who waits for it must not take its only thread.
    one = {"FASTKONTAKT_SERVER__THREADS": "1"}
    folder = tmp_path_factory.mktemp("demo")
    with serving("--demo", "--workers", "1", cwd=folder, variables=one) as server:
        outcomes = []
        for row in promises():
            person, facility, options, _ = row
            unit = f"SE2321000131-DEMO{facility.strip('`')}"
            words = shlex.split(options.strip("`"))
            outcomes.append(
                (row, *call(server, "CreateListing", "14", person.strip("`"), "--facility", unit, *words))
            )
        yield Changed(server, outcomes)


def test_every_promise_in_the_order_of_the_page(changed: Changed) -> None:
    assert len(changed.outcomes) >= 18
    for (_, facility, options, answer), ended, said in changed.outcomes:
        code = re.match(r"(the same )?(\w+)", answer)
        assert code is not None
        assert f"resultCode {code[2]}" in said, (facility, options, said)
        assert ended == (0 if code[2] in ("OK", "INFO") else 1)


def soon(server: Server, contract: str, address: str, person: str, expected: str) -> None:
    """See that an answer comes to say something; another region may be told a moment later."""
    give_up = time.monotonic() + 30
    while expected not in (said := call(server, contract, address, person)[1]):
        assert time.monotonic() < give_up, said
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("contract", "address", "person", "expected"),
    [
        pytest.param("GetListing", "14", "195709263080", "remainingChanges", id="re-listings left"),
        pytest.param("GetListing", "14", "197010632391", "Smörblomman", id="place from the queue"),
        pytest.param("GetListingCounty", "17", "200008012395", "14", id="noted at home"),
        pytest.param("GetListing", "17", "195009072553", "0 found", id="ended where she was"),
    ],
)
def test_what_follows(changed: Changed, contract: str, address: str, person: str, expected: str) -> None:
    soon(changed.server, contract, address, person, expected)


def test_the_place_from_the_queue_is_a_listing(changed: Changed) -> None:
    _, said = call(changed.server, "GetListing", "14", "197010632391")
    assert re.search(r"In queue +no", said), said
