"""The bench of ``make bench`` on few rows: it measures everything, and what it checks beside time holds."""

import json
from pathlib import Path

import pytest

from tests.bench import figures
from tests.bench.__main__ import main
from tests.strength import QUICK, sized

ROWS = sized(quick="600", full="2000")
UNTIMED = ("none", "below 500")
"""Requirements that do not depend on how quick the machine is, and how many rows there are."""


def test_few_rows_are_loaded_as_a_whole_region_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "figures.json"

    options = ["--rows", ROWS, "--idle", "0.5", "--folder", str(tmp_path), "--json", str(report)]
    main(options, copies=QUICK)

    (run,) = json.loads(report.read_text("utf-8"))["runs"]
    untimed = [one for one in run["measures"] if one["required"] in UNTIMED]
    assert len(untimed) == 5
    assert [one["name"] for one in untimed if not one["met"]] == [], capsys.readouterr()
    assert [one["name"] for one in run["measures"] if one["required"] and one not in untimed] == [
        "speed, of the quicker bare loop",
        "nightly, of the first load",
        "p99 during the load, of idle",
    ]
    assert list(tmp_path.iterdir()) == [report]


def test_the_page_keeps_what_stands_around_the_figures() -> None:
    page = figures.PAGE.read_text("utf-8")

    changed = figures.with_figures(page, "FIGURES")

    assert "\nFIGURES\n" in changed
    assert changed.replace("FIGURES", "x") == figures.with_figures(page, "x")
    assert changed.partition("FIGURES")[0] in page
    assert changed.partition("FIGURES")[2] in page
