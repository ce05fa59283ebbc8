"""How somebody finds commands, their version, and the register of the demo."""

import os
from pathlib import Path

import pytest

from fastkontakt import demo_data
from fastkontakt.settings import load
from tests.e2e.processes import run, serving

PERSON = demo_data.LISTED_PERSON


@pytest.fixture
def alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without a settings file or a variable that names one."""
    (folder / "fastkontakt.toml").unlink(missing_ok=True)
    monkeypatch.delenv("FASTKONTAKT_CONFIG", raising=False)
    monkeypatch.chdir(folder)
    return folder


def test_the_version_and_the_short_help(alone: Path) -> None:
    assert run("--version", cwd=alone).stdout == "fastkontakt 0.1.0\n"
    assert run("-h", cwd=alone).stdout == run("--help", cwd=alone).stdout
    assert "Usage: fastkontakt contacts show" in run("contacts", "show", "-h", cwd=alone).stdout


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("fastkontakt con", "contacts"),
        ("fastkontakt contacts ", "without-doctor"),
        ("fastkontakt call --x", "--xml"),
    ],
)
def test_the_shell_completes_commands_and_options(alone: Path, line: str, completed: str) -> None:
    words = {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" ")), "_FASTKONTAKT_COMPLETE": "complete_bash"}
    assert completed in run(cwd=alone, variables=words, fresh=True).stdout.split()


def test_without_a_register_the_error_names_the_way_to_one_and_makes_none(alone: Path) -> None:
    for options in ((), ("--config", "demo")):
        done = run("contacts", "show", PERSON, *options, cwd=alone)
        assert done.returncode == 1
        assert "there is no register there" in done.stderr
        assert "--config demo" in done.stderr
        assert "nothing and this version" not in done.stderr
    assert not list(alone.glob("*.sqlite3")), "an error leads to no other, empty register"


def test_the_demo_says_how_staff_commands_find_it(alone: Path) -> None:
    with serving("--demo", cwd=alone) as server:
        assert "  export FASTKONTAKT_CONFIG=demo\n" in server.output
    done = run("contacts", "show", PERSON, cwd=alone, variables={"FASTKONTAKT_CONFIG": "demo"})
    assert "Åsa Öberg" in done.stdout, done.stderr


def test_a_file_of_that_name_goes_first(alone: Path) -> None:
    Path("demo").write_text("[log]\nlevel = 'debug'\n", "utf-8")
    assert load(Path("demo")).log.level == "debug"
    os.remove("demo")
    assert set(load(Path("demo")).regions) == {"14", "17"}


def test_the_suites_differ_from_the_demo_by_the_actors_alone() -> None:
    usual, suites = (load(Path(name)).model_dump() for name in ("demo", "demo-suites"))
    for county in ("14", "17"):
        assert len(suites["regions"][county].pop("create_listing_actors")) == 6
        assert len(usual["regions"][county].pop("create_listing_actors")) == 2
    assert suites == usual
