"""The values that docs/demo-data.md gives a tester of the national suites, each call as it stands there."""

import re
import shlex
from pathlib import Path

import pytest

from contracts.codes import ActorType
from tests.e2e.processes import Server, run, serving

PAGE = (Path(__file__).parents[2] / "docs" / "demo-data.md").read_text("utf-8")
SECTION = PAGE.partition("## For the national test suites\n")[2].partition("\n## ")[0]
_SHORT = re.compile(r"^(VC\d\d|VG\d|L\d\d|FINNSEJ)$")
_OTHER_ACTORS = {"2.3.3", "2.3.4", "2.3.5", "2.3.6"}


def calls(contract: str) -> list[tuple[str, list[str], str]]:
    """Return case, options and resultCode of each row of a contract's table."""
    table = SECTION.partition(f"| {contract} | options |")[2].partition("\n\n")[0]
    found = re.findall(r"^\| ([\d., ]+) \| `(.+)` \| (\w+) \|$", table, re.MULTILINE)
    return [
        (case, [_whole(word) for word in shlex.split(options.replace(r"\|", "|"))], code)
        for case, options, code in found
    ]


def _whole(word: str) -> str:
    return f"SE2321000131-DEMO{word}" if _SHORT.match(word) else word


def answers(server: Server, folder: Path, contract: str) -> dict[str, str]:
    """Make the calls of a contract in their order and return the resultCode of each case."""
    found = {}
    for case, options, _ in calls(contract):
        where = ("--endpoint", server.base, "--logical-address", "14")
        done = run("call", contract, *where, *options, "--json", cwd=folder)
        said = re.search(r'"resultCode": "(\w+)"', done.stdout)
        found[case] = said[1] if said else done.stderr
    return found


@pytest.mark.parametrize("settings", ["demo", "demo-suites"])
def test_each_call_is_answered_as_the_page_says(folder: Path, settings: str) -> None:
    with serving("--demo", "--config", settings, cwd=folder) as server:
        for contract, number in (("CreateListing", 18), ("UpdateListing", 5)):
            expected = {case: code for case, _, code in calls(contract)}
            assert len(expected) == number
            if settings == "demo" and contract == "CreateListing":  # contradiction C1
                expected |= dict.fromkeys(_OTHER_ACTORS, "ERROR")
            assert answers(server, folder, contract) == expected


def test_all_actor_types_are_tried() -> None:
    text = " ".join(word for _, options, _ in calls("CreateListing") for word in options)
    assert [one for one in ActorType if one not in text] == [ActorType.CITIZEN]
