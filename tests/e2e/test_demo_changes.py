"""What docs/demo-data.md promises about changing listings, in its order, against the real demo server."""

import re
import shlex
import time
from collections.abc import Iterator
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


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A demo of its own: what is done here must not show elsewhere."""
    with serving("--demo", "--workers", "1", cwd=tmp_path_factory.mktemp("demo")) as server:
        yield server


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


def test_every_promise_in_the_order_of_the_page(changing: Server) -> None:
    rows = promises()
    assert len(rows) >= 18
    for person, facility, options, answer in rows:
        words = shlex.split(options.strip("`"))
        unit = f"SE2321000131-DEMO{facility.strip('`')}"
        person = person.strip("`")
        ended, said = call(changing, "CreateListing", "14", person, "--facility", unit, *words)
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
def test_what_follows(changing: Server, contract: str, address: str, person: str, expected: str) -> None:
    soon(changing, contract, address, person, expected)


def test_the_place_from_the_queue_is_a_listing(changing: Server) -> None:
    _, said = call(changing, "GetListing", "14", "197010632391")
    assert re.search(r"In queue +no", said), said
