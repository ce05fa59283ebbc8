"""What commands show: within 80 columns without a broken cell, and as JSON."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fastkontakt import console, demo_data
from fastkontakt.cli import COMMANDS, app, loaded
from fastkontakt.json_output import SHOWING
from fastkontakt.settings import load

CENTRE, DOCTOR, PERSON = "SE2321000131-DEMOVC01", "SE2321000131-DEMOL01", demo_data.LISTED_PERSON

SHOWN = {
    "audit search": (PERSON,),
    "check": (),
    "config": (),
    "contacts report list": ("--type", "2"),
    "contacts report per-unit": ("--type", "2"),
    "contacts report workload": (),
    "contacts show": (PERSON, "--history"),
    "contacts without-doctor": (),
    "contract list": (),
    "db check": (),
    "db status": (),
    "doctors distribute": (CENTRE,),
    "doctors list": (CENTRE,),
    "doctors patients": (CENTRE, DOCTOR),
    "imports list": (),
    "imports show": ("1",),
    "index status": (),
    "listings log": (PERSON,),
    "listings queue": ("smörblomman",),
    "listings show": ("199002222397",),
    "outbox list": (),
    "profile list": (),
    "quality": (),
    "residents find": ("--unit", CENTRE),
}
"""Command -> what to ask of it. Others than these are tried where what they show is made."""

ELSEWHERE = {"audit verify", "call", "contract diff", "listings unconfirmed", "validate"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the register of the demo."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        demo_data.prepare(load(Path("demo")))
    return folder


@pytest.fixture
def here(demo: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(demo)
    monkeypatch.setenv("FASTKONTAKT_CONFIG", "demo")
    return demo


def test_every_command_that_shows_something_is_tried() -> None:
    assert SHOWN.keys() | ELSEWHERE == SHOWING
    for name in {one.partition(" ")[0] for one in SHOWING}:
        assert name in COMMANDS
        loaded(name)


@pytest.mark.parametrize("command", SHOWN)
def test_json_is_one_object_on_standard_output(here: Path, command: str) -> None:
    done = CliRunner().invoke(app, [*command.split(), *SHOWN[command], "--json"])
    assert done.exit_code in (0, 1), done.output
    assert isinstance(json.loads(done.stdout), dict)
    after = CliRunner().invoke(app, [*command.split(), *SHOWN[command]])
    assert not after.stdout.startswith("{"), "only where it is asked for"


def test_json_of_what_is_refused_is_nothing(here: Path) -> None:
    done = CliRunner().invoke(app, ["contacts", "show", "189310229803", "--json"])
    assert (done.exit_code, done.stdout) == (1, "")
    assert "no such resident" in done.stderr


_PROSE = {"check", "config", "contract list", "index status", "profile list"}
"""Lines of text and paths, which a terminal wraps itself."""


@pytest.mark.parametrize("command", sorted(SHOWN.keys() - _PROSE))
def test_tables_fit_80_columns_and_break_no_cell(
    here: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(console.out, "_width", 80)
    told = json.loads(CliRunner().invoke(app, [*command.split(), *SHOWN[command], "--json"]).stdout)
    shown = CliRunner().invoke(app, [*command.split(), *SHOWN[command]]).stdout
    assert [line for line in shown.splitlines() if len(line.rstrip()) > 80] == []
    if command == "audit search":  # has the two searches themselves by now
        return
    cells = [
        cell for rows in told.values() if isinstance(rows, list) for row in rows for cell in row.values()
    ]
    assert [cell for cell in cells if cell not in (None, "") and str(cell) not in shown] == []
